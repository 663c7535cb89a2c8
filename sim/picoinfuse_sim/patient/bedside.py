"""Between bench and patient: once a second the patient is told what left the cannula, however it came to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from picoinfuse.errors import BadInput
from picoinfuse.models import TEACHING

from .base import Patient

if TYPE_CHECKING:
    from ..bench import Bench

LEAST_MS, MOST_MS = 100, 60_000


class Bedside:
    """A patient at the end of a bench's line, looked at once in `patient.every_ms`.

    rng: for what the patient draws. Raises BadInput for a patient who wants to be told more or less often than every
    0.1 to 60 s.
    """

    def __init__(self, bench: Bench, patient: Patient, rng: np.random.Generator) -> None:
        every_ms = patient.every_ms
        if not LEAST_MS <= every_ms <= MOST_MS:
            raise BadInput(f"every_ms = {every_ms}: a patient is told what arrived every {LEAST_MS} to {MOST_MS} ms")
        self.patient = patient
        self._bench = bench
        self._every_s = every_ms / 1000
        self._drug_nl = 0.0
        self._description = {
            "for": TEACHING,
            "title": patient.title,
            "signs": [sign._asdict() for sign in patient.signs],
        }
        patient.meet(bench.press, rng)
        bench.at(self._every_s, self._look)

    def _look(self) -> None:
        """Tell the patient what arrived since the last look, and come back."""
        bench = self._bench
        # What flows back and comes again is no drug: the account counts it once. Its rounding may go back a hair.
        drug_nl = max(self._drug_nl, bench.line.account_at(bench.board.now_ms).drug_nl)
        self.patient.advance(bench.now_ms, drug_nl - self._drug_nl)
        self._drug_nl = drug_nl
        bench.at(self._every_s, self._look)

    def signs(self) -> dict[str, float]:
        """Return the signs at the last look, by name."""
        patient = self.patient
        return {sign.name: value for sign, value in zip(patient.signs, patient.values(), strict=True)}

    def described(self) -> dict[str, Any]:
        """Return who it is, which signs there are and how they are now (picoinfuse.port.Port.patient)."""
        return {**self._description, "values": self.patient.values()}
