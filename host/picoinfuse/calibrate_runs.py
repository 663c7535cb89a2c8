"""What a pump does for its calibration: gives a volume and tells what it counted, or tells its force many times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from picoinfuse_firmware import states
from picoinfuse_firmware.board import FORCE
from picoinfuse_firmware.dose import step_of

from . import units
from .calibrate import LEAST_NL
from .configuration import Values, config_of
from .errors import BadInput, PicoInfuseError, Refused
from .program import Program
from .pump import Pump
from .syringes import find

PRIME_RATE = "120 mL/h"
SETTLE_MS = 120_000  # until a simulated line has no pressure any more; a person waits for the last drop
FORCE_EVERY_MS = 100
REASON = "calibration"  # why no drug is named, for a pump with a drug library
EMPTY_READS = 20  # of half a second, in a row, without a word of the pump
OnNl = Callable[[int, int], object]  # (done, of) in nL, as it goes on


class Deliveries:
    """Deliveries of one volume out of one syringe. Raises BadInput if they do not fit into it.

    volume, rate, filled, prime: as typed; filled "": full. The pump's errors pass through.
    """

    def __init__(
        self, pump: Pump, *, syringe: str, volume: str, rate: str, runs: int, filled: str = "", prime: str = "1 mL"
    ) -> None:
        self.pump = pump
        self.syringe = find(syringe)
        self.volume_nl = units.volume_nl(volume, "--volume")
        self.prime_nl = units.volume_nl(prime, "--prime")
        self._rate, self._volume, self._prime = rate, volume, prime
        self.left_nl = units.volume_nl(filled, "--filled") if filled else self.syringe.capacity_nl
        if self.volume_nl < LEAST_NL:
            raise BadInput(f"--volume = {volume!r}: is too little to weigh; the least is {LEAST_NL // 1_000_000} mL")
        needed_nl = runs * self.volume_nl + self.prime_nl
        if needed_nl > self.left_nl:
            raise BadInput(
                f"--volume = {volume!r}: {runs} of it and {prime} of priming are {needed_nl / 1e6:g} mL, and "
                f"{self.left_nl / 1e6:g} mL are in the syringe; choose less, or a larger syringe"
            )
        self._step_pl = 0  # what the pump says a step gives; known once something is loaded

    def prepare(self, on_nl: OnNl = lambda done, of: None) -> None:
        """Load the first delivery and prime: play and pressure of the drive are taken up, and the line is full.

        on_nl: called with what was primed and what is to be. Ctrl-C stops the pump before it ends this. Raises
        PicoInfuseError if the priming ends in another way.
        """
        self._load()
        if not self.prime_nl:
            return
        with self._stopped_by_ctrl_c():
            self.pump.prime(self._prime, PRIME_RATE, not_connected=True)
            while (status := self.pump.status()).state == states.PRIMING:
                on_nl(status.prime_nl, self.prime_nl)
                self.pump.session.listen(1.0)
            on_nl(status.prime_nl, self.prime_nl)
        if status.state != states.READY:
            raise PicoInfuseError(f"Priming ended in the state {status.state!r}; look at the pump")
        self.left_nl -= self.prime_nl
        self._settle()

    def give(self, on_nl: OnNl = lambda done, of: None) -> int:
        """Give the volume once and return what the pump counted, in nL. Raises PumpAlarm if an alarm ends it.

        on_nl: called with what was given and what was ordered as it goes on. Ctrl-C stops the pump before it ends this.
        """
        self._load()
        with self._stopped_by_ctrl_c():
            self.pump.start()
            self.pump.wait(on_telemetry=lambda row: on_nl(row.delivered_nl, row.ordered_nl))
        counted_nl = self.pump.status().delivered_nl
        self.left_nl -= counted_nl
        self._settle()
        return counted_nl

    def stop(self) -> None:
        """Stop the motor, whatever it does for this, and drop what is loaded. Raises the pump's error if it did not."""
        try:
            self.pump.stop()
        except Refused as refusal:
            if refusal.reason != "not_now":  # it does nothing, and nothing is loaded
                raise

    @contextmanager
    def _stopped_by_ctrl_c(self) -> Iterator[None]:
        try:
            yield
        except KeyboardInterrupt:
            self.stop()
            raise

    def agrees(self, values: Values) -> bool:
        """Return whether the pump ran with these values: whether its step gives what follows from them."""
        step = step_of(config_of(values), self.syringe.barrel_um)
        return bool(step.pl_num // step.pl_den == self._step_pl)

    def balance_ml(self) -> float | None:
        """Return what a simulated balance has got so far, in mL; None for a real pump."""
        truth = self.pump.port.truth()
        return None if truth is None else truth["patient_ml"]

    def _load(self) -> None:
        filled = f"{self.left_nl // 1_000_000}.{self.left_nl % 1_000_000:06} mL"
        program = Program.continuous(
            self._rate, self._volume, syringe=self.syringe, filled=filled, near_end="0 min", occlusion="high"
        )
        self._step_pl = self.pump.load(program, override=REASON).step_pl
        self.pump.confirm()

    def _settle(self) -> None:
        if self.pump.port.truth() is None:
            return  # a person waits for the last drop
        end_ms = self.pump.status().at_ms + SETTLE_MS
        while self.pump.status().at_ms < end_ms:
            self.pump.session.listen(1.0)


def has_force(pump: Pump) -> bool:
    """Return whether the pump has a load cell that it reads."""
    return FORCE not in pump.absent()


def forces_mn(pump: Pump, count: int) -> list[int]:
    """Return so many readings of the force, as the pump tells them ten times a second. Raises PicoInfuseError."""
    stream = pump.stream
    pump.session.ask("telemetry_every", (FORCE_EVERY_MS,))
    try:
        stream.rows.clear()
        empty = 0
        while len(stream.rows) < count and empty < EMPTY_READS:
            empty = 0 if pump.session.listen(0.5) else empty + 1
        if len(stream.rows) < count:
            raise PicoInfuseError(f"The pump told its force {len(stream.rows)} times and then no more; look at it")
        return [row.force_mn for row in stream.telemetry[:count]]
    finally:
        pump.session.ask("telemetry_every", (0,))
