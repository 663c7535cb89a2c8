"""The exchange with a pump: one request outstanding, repeated until answered; what is pushed goes to the Stream.

There is no clock here: time passes only in `port.read(timeout_s)`. An answer is given up after so many empty reads, or
after the pump's own time stamps have gone on so far without it, or after so many bytes that are no answer. While full
reads tell that more is waiting those stamps are old, and the answer may stand behind them.
"""

from __future__ import annotations

import secrets
from binascii import crc32
from collections.abc import Callable, Sequence
from typing import Any

from picoinfuse_firmware import VERSION, messages, wire

from . import not_now, not_yours
from .errors import ContactLost, PicoInfuseError, Refused, SilentPump, WrongDevice, WrongVersion
from .port import READ_MOST, Port
from .status import Status
from .stream import Stream

ANSWER_MS = 1000  # a pump answers within a poll or two of 100 ms; a full second is a lost answer
SLICE_MS = 100
TRIES = 5  # sendings of one request in all
MAX_HEARD = 400  # bytes of what it says that are kept to tell what it is
MAX_NOISE = 65536  # bytes that no pump says, without an answer: a device that only talks is no pump
MAX_WAITING = 64 * MAX_NOISE  # bytes that a pump may have said before it heard of a request: what a network holds
LOST_SESSION = ("no_session", "bad_sequence")

Explain = Callable[[str, int, int], str]
Seal = Callable[[int, str, Sequence[Any], str], Sequence[Any]]  # (number, request, fields, about) -> fields


class SessionLost(PicoInfuseError):  # noqa: N818
    """The pump does not know this session any more (it started anew); a new one has been opened.

    The request was refused now; whether an earlier sending of it was done, only its identity can tell.
    """


class Session:
    """Requests and answers over one Port. explain: (reason, value, limit) of a refusal -> words."""

    def __init__(self, port: Port, stream: Stream, explain: Explain) -> None:
        self.port = port
        self.stream = stream
        self.welcome: dict[str, Any] = {}
        self._explain = explain
        self._lines = wire.Lines()
        self._seq = 0
        self._open = False
        self._telemetry_ms = 0
        self._heard = b""  # what came first after hello, to tell what else is at the other end
        self._odd: str | None = None  # what a good frame of another version said
        self.seal: Seal | None = None  # of who is logged in; a login ends with its session

    def ask(self, name: str, values: Sequence[Any] = (), about: str = "") -> dict[str, Any]:
        """Send a request and return the answer's fields, and its name under "answer".

        about: what it is about beyond its own words, for the keyed check value of who is logged in. Raises Refused,
        SessionLost, ContactLost, and whatever `hello` raises if the session has to be opened first.
        """
        if not self._open:
            self.hello()
        seq = self._seq + 1
        if self.seal is not None:
            values = self.seal(seq, name, values, about)
        got, fields = self._exchange(seq, wire.encode(seq, name, values), TRIES) or ("", {})
        if not got:
            raise ContactLost(
                f"The pump at {self.port.name} does not answer any more ({name!r} was sent {TRIES} times). What was "
                "started on it goes on; look at the pump and the cable, then connect again"
            )
        self._seq = seq
        self.stream.hand_on()
        if got == "refused":
            reason, value, limit = fields["reason"], fields["value"], fields["limit"]
            if reason in LOST_SESSION:
                self._open = False
                self.hello()
                raise SessionLost("The pump has been restarted since it was asked before")
            text = self._explain(reason, value, limit)
            if reason in not_now.REASONS or reason in not_yours.REASONS:
                text = self._why(reason, name) or text
            raise Refused(reason, value, limit, text)
        if name == "telemetry_every":
            self._telemetry_ms = values[0]
        return {**fields, "answer": got}

    def _why(self, reason: str, request: str) -> str:
        """Return why it was refused, and what to do, by what the pump does now and who is logged in.

        "" if it does not tell: what was pushed last may be old.
        """
        self._seq += 1
        got, fields = self._exchange(self._seq, wire.encode(self._seq, "status", ()), 1) or ("", {})
        if got != "is":
            return ""
        status = Status.of(fields)
        if reason in not_yours.REASONS:
            return not_yours.words(reason, request, status)
        return not_now.words(request, status, self.port.name)

    def hello(self, tries: int = TRIES) -> dict[str, Any]:
        """Open a session and return the fields of the pump's welcome.

        Raises SilentPump, WrongDevice, WrongVersion.
        """
        self._lines = wire.Lines()
        self._heard, self._odd = b"", None
        self.seal = None
        nonce = secrets.token_hex(4)
        # The line end before it closes whatever half a line an earlier host may have left behind.
        frame = b"\n" + wire.encode(0, "hello", (nonce, VERSION, messages.FINGERPRINT))
        answer = self._exchange(0, frame, tries)
        if answer is None:
            raise self._not_a_pump()
        name, fields = answer
        if name != "welcome":
            raise WrongDevice(f"{self.port.name} answers {name!r} to hello; is it a pump?")
        if fields["table"] != messages.FINGERPRINT:
            raise self._other_version(fields["version"], fields["table"])
        before, self.welcome = self.welcome, fields
        if before.get("boot") != fields["boot"]:
            # Events of another boot are counted anew; to a pump met for the first time we listen from now on.
            self.stream.restarted(0 if before else fields["last_event"])
        if fields["last_event"] > self.stream.last:
            self.stream.seen = fields["last_event"]
        self.stream.state = fields["state"]
        self.stream.newest_ms = self.stream.time_ms(fields["at_ms"])
        self._seq = 0
        if self._telemetry_ms:
            self._seq = 1
            self._exchange(1, wire.encode(1, "telemetry_every", (self._telemetry_ms,)), tries)
        return fields

    def listen(self, timeout_s: float) -> bool:
        """Take what is pushed, waiting at most `timeout_s` for the first byte; False if nothing came."""
        data = self.port.read(timeout_s)
        if not data:
            return False
        take = self.stream.take
        for line in self._lines.feed(data):
            frame = wire.decode(line)
            if frame is not None and frame[1] in ("telemetry", "event"):
                take(frame[1], frame[2])
        if self.stream.held:
            self.stream.hand_on()
        return True

    def _exchange(self, seq: int, frame: bytes, tries: int) -> tuple[str, dict[str, Any]] | None:
        self._open = False  # until it is answered: whatever interrupts this, the next request opens a new session
        for _ in range(tries):
            self.port.write(frame)
            answer = self._await(seq)
            if answer is not None:
                self._open = True
                return answer
        return None

    def _await(self, seq: int) -> tuple[str, dict[str, Any]] | None:
        empty_ms, noise, waited = 0, 0, 0
        old = True  # what is read was waiting, or the stamp before it is of long ago
        began_ms = self.stream.newest_ms
        while max(empty_ms, self.stream.newest_ms - began_ms) < ANSWER_MS and noise < MAX_NOISE:
            data = self.port.read(SLICE_MS / 1000)
            if not data:
                empty_ms += SLICE_MS
                continue
            noise += len(data)
            waited += len(data)
            self._heard += data[: MAX_HEARD - len(self._heard)]
            answer = None
            for line in self._lines.feed(data):
                decoded = wire.decode(line)
                if decoded is None:
                    self._look_for_version(line)
                elif decoded[1] in ("telemetry", "event"):
                    self.stream.take(decoded[1], decoded[2])
                    noise -= len(line)
                elif decoded[0] == seq and decoded[1] not in messages.IS_REQUEST and (seq or decoded[1] == "welcome"):
                    answer = decoded[1], dict(zip(messages.TABLE[decoded[1]][0], decoded[2], strict=True))
            if answer is not None:
                return answer
            full = len(data) >= READ_MOST and waited < MAX_WAITING
            if (full or old) and self.stream.newest_ms != began_ms:
                began_ms = self.stream.newest_ms
                old = full
        return None

    def _look_for_version(self, line: bytes) -> None:
        """Remember a good frame that welcomes us in another version's words."""
        body = line[line.rfind(b"$") + 1 : -9]
        words = body.split(b" ")
        if len(words) > 3 and words[1] == b"welcome" and b"%08x" % crc32(body) == line[-8:]:
            self._odd = f"{words[2].decode(errors='replace')} {words[3].decode(errors='replace')}"

    def _other_version(self, version: object, table: object) -> WrongVersion:
        return WrongVersion(
            f"The pump at {self.port.name} speaks version {version}, message table {table}; this host speaks version "
            f"{VERSION}, table {messages.FINGERPRINT}. Put the firmware of this host onto it: picoinfuse install"
        )

    def _not_a_pump(self) -> PicoInfuseError:
        where = self.port.name
        if self._odd is not None:
            return self._other_version(*self._odd.split(" ", 1))
        if not self._heard.strip():
            return SilentPump(
                f"{where} is open, and nothing answers. Is it the pump's port, is the pump on, and is its firmware "
                "installed (picoinfuse install)?"
            )
        if b">>>" in self._heard or b"Traceback" in self._heard or b"Error:" in self._heard:
            return WrongDevice(
                f"{where} is a MicroPython board without a running pump. Did it leave its firmware? Then switch it off "
                "and on. Else put the firmware onto it: picoinfuse install"
            )
        if b" hello " in self._heard:
            return WrongDevice(f"{where} only sends back what it gets; this is no pump (a plugged loop?)")
        said = self._heard.decode("ascii", errors="replace").strip().splitlines()[0][:60]
        return WrongDevice(f"{where} answers, but not as a pump (it says {said!r}); choose another port")
