"""Pump: the verbs of a person at one pump. Every verb waits for the pump's word and raises what is in errors.py."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from picoinfuse_firmware import alarm_texts, alarms, states

from . import units
from .asking import Asking
from .changing import Changing
from .errors import BadInput, ContactLost, PicoInfuseError, PumpAlarm, Refused, Uncertain
from .notebook import ANSWERED, Notebook
from .port import Port
from .program import Context, Program
from .session import Session, SessionLost
from .status import Outcome, Staged, Status, explain
from .stream import Event, OnEvent, OnTelemetry, Stream
from .therapy import Order, Therapy, program_of

if TYPE_CHECKING:
    from pathlib import Path

    from .record import Record

TELEMETRY_MS = 1000
SILENT_WAITS = 5  # in a row; then the pump is asked. A restart by its watchdog takes 10 s: not to be taken for its end
MAX_FETCH_READS = 50  # reads of a tenth of a second until events that were asked for again must have come
MAX_SELFTEST_READS = 350  # of 0.2 s: a self-test takes at most 70 s [GIP 3.4]
AT_REST = (states.IDLE, states.STAGED, states.READY, states.COMPLETE)


class Nurse(Protocol):
    """Somebody at the bedside, asked after every sign of life of the pump while the host waits."""

    def attend(self, pump: Pump) -> bool:
        """Do what is due. Return False to give up an alarm: then waiting ends with it."""


class Pump(Changing, Asking):
    """One pump behind a Port. Opens its session with the first request; a context manager that closes the port.

    notebook: where requests that can deliver are written down before they are sent (default: in memory). ids: makes the
    identity of each, eight hex digits; drawn by chance unless a simulated world wants the same run again from a seed.
    `stream` keeps the telemetry and events that the pump pushed. For teaching only.
    """

    def __init__(
        self, port: Port, *, notebook: Notebook | None = None, ids: Callable[[], str] = lambda: secrets.token_hex(4)
    ) -> None:
        self.port = port
        self._new_id = ids
        self.notebook = notebook or Notebook()
        self.stream = Stream()
        self.telemetry_ms = TELEMETRY_MS  # how often the pump tells how it stands while the host waits
        self.session = Session(port, self.stream, explain)
        self.program: Program | None = None
        self._staged: Staged | None = None

    def __enter__(self) -> Pump:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back. What was started on the pump goes on."""
        self.port.close()

    # Asking

    def hello(self, tries: int = 5) -> dict[str, Any]:
        """Open a session and return what the pump says of itself. Changes nothing that runs.

        Raises SilentPump, WrongDevice, WrongVersion, ContactLost.
        """
        return self.session.hello(tries)

    def status(self) -> Status:
        """Return how the pump stands now."""
        status = Status.of(self._ask("status"))
        self.stream.state = status.state
        return status

    def outcome(self, id: str) -> Outcome:
        """Return what became of a request that can deliver."""
        fields = self._ask("outcome", (id,))
        return Outcome(id, fields["what"], fields["verb"])

    def events(self) -> list[Event]:
        """Return every event since this host began to listen, none missing, the newest included."""
        self._catch_up(self.status().last_event)
        return list(self.stream.events)

    def settle(self) -> list[Outcome]:
        """Ask what became of every request in the notebook whose outcome is open, and write the answers down.

        To be called after a restart of either side. `unknown` of a request that was never answered means that it was
        not done, and it is safe to ask for it again.
        """
        settled = []
        for entry in self.notebook.open():
            found = self.outcome(entry.id)
            if found.what == "unknown" and entry.state == ANSWERED:
                found = Outcome(entry.id, "forgotten", entry.verb)
            if found.what != "running":
                self.notebook.mark(entry.id, found.what)
            settled.append(Outcome(entry.id, found.what, entry.verb, entry.detail))
        return settled

    # Programming: load, confirm, start are separate, deliberate steps

    def load(self, program: Order, *, library: str | Path | None = None, override: str = "") -> Staged:
        """Send a program and return what the pump understood; it must be the same, or PicoInfuseError is raised.

        For a pump with a drug library: library names its file (default: PICOINFUSE_LIBRARY, or the shipped one);
        override is why soft limits are passed, one word. Raises Refused with the reason, the value and the limit.
        """
        chosen = program_of(program)
        self._tested()
        try:
            return self._load(chosen)
        except Refused as refusal:
            made = self._made_for(refusal, chosen, library, override)
        return self._load(made)

    def _load(self, chosen: Program) -> Staged:
        try:
            self._ask("load", chosen.compiled.load_values())
            for name, parts in (("phase", chosen.compiled.phases), ("option", chosen.compiled.options)):
                for index, part in enumerate(parts):
                    self._ask(name, [index, *part.values()])
            fields = self._ask("stage")
        except Refused as refusal:
            raise chosen.explained(refusal) from None
        staged = Staged(fields["check"], fields["volume_nl"], fields["duration_ms"], fields["step_pl"])
        if staged.check != chosen.check:
            raise PicoInfuseError(
                f"The pump understood another program (check {staged.check}) than was sent ({chosen.check}); nothing "
                "was started. Load it again; if this comes back, do not use this pump"
            )
        self.program, self._staged = chosen, staged
        return staged

    def confirm(self, program: Order | None = None) -> None:
        """Confirm the loaded program by the check value that the pump answered.

        program: what was loaded by another host, as this person knows it.
        """
        chosen = self.program if program is None else program_of(program)
        if chosen is None or (program is None and self._staged is None):
            raise BadInput("confirm: nothing was loaded by this host; load a program first")
        if program is not None and self.status().check != chosen.check:
            raise Refused(
                "bad_check", text="another program is loaded on the pump than this one; nothing was confirmed"
            )
        self._ask("confirm", (chosen.check,), str(chosen.compiled.text()))
        self.program = chosen

    def start(self, program: Order | None = None, *, library: str | Path | None = None, override: str = "") -> str:
        """Start the confirmed program, or load, confirm and start the one given. Returns the request's identity.

        On a pump that knows people the lock level of a therapy file is set before the start.
        """
        if program is not None:
            order = Therapy.read(program) if isinstance(program, str) else program
            self.load(order, library=library, override=override)
            self.confirm()
            self._lock_as_ordered(order)
        self.stream.forget()
        detail = "" if self.program is None else f"program {self.program.check}"
        return self._deliver("start", lambda id: (id,), "start", detail)

    # While it runs

    def pause(self) -> None:
        """Let the motor stand still; the program waits."""
        self._ask("pause")

    def resume(self) -> str:
        """Go on after a pause or an acknowledged alarm. Raises Refused while the cause of an alarm is there."""
        return self._deliver("resume", lambda id: (id,), "resume", "")

    def stop(self) -> None:
        """End the program. What was given stays in the account until the next load."""
        self._ask("stop")

    def stay(self) -> None:
        """Say that this host still looks after the program, and has nothing to change: only with an option `hold`."""
        self._ask("stay")

    def demand(self) -> str:
        """Ask for the patient's bolus, as the bolus key does. Returns the request's identity. Raises Refused."""
        return self._deliver("demand", lambda id: (id,), "demand", "")

    def prime(self, volume: str, rate: str, *, not_connected: bool = False) -> str:
        """Fill the line. not_connected: the person says that it is not connected to a patient; else it is refused."""
        nl, wanted = int(Context().volume(volume)), Context().rate(rate)
        said = int(not_connected)
        return self._deliver("prime", lambda id: (id, nl, wanted.nl, wanted.ms, said), "prime", f"{volume} at {rate}")

    def acknowledge(self) -> None:
        """Acknowledge the alarms. Raises Refused while the cause is there."""
        self._ask("acknowledge")

    def mute(self, duration: str = "2 min") -> None:
        """Pause the sound, for at most 2 minutes; "0 s" ends it."""
        self._ask("mute", (units.duration_ms(duration),))

    def refill(self, filled: str | None = None) -> None:
        """Say that a new syringe of the same kind was fitted; filled: what is in it (default: Program.refill_nl)."""
        if filled is not None:
            nl = units.volume_nl(filled, "filled")
        elif self.program is not None:
            nl = self.program.refill_nl
        else:
            raise BadInput("filled: is missing; this host did not load the program, say how much is in the syringe")
        self._ask("refill", (nl,))

    def leave(self) -> None:
        """Let the pump leave its firmware: it restarts at MicroPython's prompt, where mpremote reaches it.

        It is a pump again after the next restart. Raises Refused while a program is loaded or under way.
        """
        self._ask("leave")

    # Waiting

    def may_wait(self) -> bool:
        """Whether waiting leads anywhere: not if it is paused for too long in a simulated world, where nobody comes."""
        paused = self.stream.state == states.PAUSED and self.port.truth() is not None
        return not (paused and alarms.PAUSE_TOO_LONG in self.status().alarms)

    def wait(
        self,
        *,
        nurse: Nurse | None = None,
        on_telemetry: OnTelemetry | None = None,
        on_event: OnEvent | None = None,
    ) -> Status:
        """Wait until the program is complete or stopped, and return the status.

        A dose that is complete while the vein is kept open without end is complete; the pump goes on with that.
        on_telemetry, on_event: called with each row and event as it comes. Raises PumpAlarm at the first alarm that
        stops the motor (with a nurse: when the nurse gives up), or, in a simulated world without a nurse, when the pump
        is paused for too long; ContactLost when the pump is silent.
        """
        stream = self.stream
        stream.on_telemetry, stream.on_event = on_telemetry, on_event
        listen_s = 1.5 * self.telemetry_ms / 1000  # longer than the pump is silent, so that each wait brings something
        silent_waits = 0
        try:
            self._ask("telemetry_every", (self.telemetry_ms,))
            self.status()
            while True:
                if stream.gap:
                    self._catch_up(stream.seen)
                if stream.state in AT_REST or stream.state == states.ALARM:
                    status = self.status()
                    self._catch_up(status.last_event)
                    if status.state in AT_REST:
                        return status
                    if status.state == states.ALARM and not (nurse and nurse.attend(self)):
                        raise self._alarm(status)
                elif stream.state == states.KVO and stream.ended():
                    return self.status()
                elif not (nurse.attend(self) if nurse is not None else self.may_wait()):
                    raise self._alarm(self.status())
                silent_waits = 0 if self.session.listen(listen_s) else silent_waits + 1
                if silent_waits >= SILENT_WAITS:
                    self.status()
                    silent_waits = 0
        finally:
            stream.on_telemetry = stream.on_event = None

    def run(
        self,
        program: Order,
        *,
        nurse: Nurse | None = None,
        out: str | Path | None = None,
        seed: int | None = None,
        on_telemetry: OnTelemetry | None = None,
        on_event: OnEvent | None = None,
        library: str | Path | None = None,
        override: str = "",
    ) -> Record:
        """Start a program, wait for its end and return the record, saved in the folder `out` if one is given.

        program: a Program, a Therapy, a Tci, or the name of a shipped therapy or of a file. library, override: as in
        `load`.

        An alarm that ends it is an outcome of the record, as is Ctrl-C, which stops the pump. Any other error carries
        the record, saved as well, as its attribute `record`.
        """
        from .run import run

        start = partial(self.start, library=library, override=override)
        return run(self, program, start, nurse=nurse, out=out, seed=seed, on_telemetry=on_telemetry, on_event=on_event)

    # Inside

    def _tested(self) -> None:
        """Wait for the end of the self-test after power-on; the pump takes no program before it."""
        for _ in range(MAX_SELFTEST_READS):
            if self.status().state != states.SELFTEST:
                return
            self.session.listen(0.2)

    def _ask(self, name: str, values: Sequence[Any] = (), about: str = "") -> dict[str, Any]:
        """Ask for something that delivers nothing: after a restart of the pump it can simply be asked again."""
        try:
            return self._send(name, values, about)
        except SessionLost:
            return self._send(name, values, about)

    def _deliver(self, name: str, values: Any, verb: str, detail: str, about: str = "") -> str:
        """Send a request that can deliver, under an identity that is written down before. Returns the identity."""
        id = self._new_id()
        self.notebook.note(id, verb, detail)
        try:
            try:
                self._send(name, values(id), about)
            except SessionLost:
                # An earlier sending of it may have been done before the pump restarted: its journal knows.
                if self.outcome(id).what == "unknown":
                    self._ask(name, values(id), about)
        except Refused:
            self.notebook.mark(id, "refused")
            raise
        except ContactLost as error:
            raise Uncertain(
                f"{verb} {detail} was sent and not answered: nobody knows here whether it was done. Look at the pump; "
                f"when it answers again, settle() asks it ({error})",
                id,
            ) from error
        self.notebook.mark(id, "done" if verb == "rate" else ANSWERED)  # a rate is changed when that is answered
        return id

    def _catch_up(self, last: int) -> None:
        """Fetch events until number `last` is here, or the pump has shown that it does not have them any more."""
        stream = self.stream
        stream.seen = max(stream.seen, last)
        while stream.gap:
            self._ask("events_from", (stream.refetching(),))
            before = stream.last
            for _ in range(MAX_FETCH_READS):
                if not stream.gap or not self.session.listen(0.2):
                    break
            if stream.last == before:
                stream.give_up()

    def _alarm(self, status: Status) -> PumpAlarm:
        """Return the error for the alarm that stopped the motor: the first that stops and is active."""
        at_ms = self.stream.time_ms(status.at_ms)
        rows = [alarms.BY_CODE[code] for code in status.alarms if code in alarms.BY_CODE]
        if not rows:
            return PumpAlarm(0, "unknown", self.stream.seconds(at_ms), "the pump stands in alarm")
        row = next((row for row in rows if row.stops), rows[-1])
        for event in self.stream.events:
            if event.kind == "alarm" and event.what == row.name:
                at_ms = event.at_ms
        return PumpAlarm(row.code, row.name, self.stream.seconds(at_ms), alarm_texts.text(row), alarm_texts.action(row))
