"""A patient who does not bear an infusion: itching, fever or short breath come, and go when no drug comes in.

Teaching model; every number here is a teaching value. While there are symptoms any drug keeps them up, so they go only
when the line is kept open without drug. Once they are gone, the patient bears part of the rate at which it came, and
after a severe reaction nothing. What a nurse does about it: picoinfuse/reaction.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from picoinfuse.errors import BadInput
from picoinfuse.reaction import GONE, GRADE, MILD, MODERATE, SEVERE, SEVERITIES, SYMPTOMS

from .base import Patient, Sign

ALLERGY, FEVER, BREATHING = KINDS = ("allergy", "fever", "breathing")
PEAKS = {MILD: 3.0, MODERATE: 6.0, SEVERE: 9.0}  # symptoms, 0 to 10, to which each goes
BORNE = {MILD: 0.6, MODERATE: 0.6, SEVERE: 0.0}  # the part of the rate that is borne afterwards: half, and some noise
RISE_MS, FALL_MS = 3 * 60_000, 8 * 60_000  # time constants
MEAN_MS = 60_000  # over which the inflow is averaged: a plunger slips, and so the drug comes in portions
NO_DRUG = 0.002  # below this part of the rate it counts as no drug; a pump's own keep-vein-open is more
USUAL_C, USUAL_BREATHS_PER_MIN = 37.0, 14.0
C_EACH = {ALLERGY: 0.0, FEVER: 0.3, BREATHING: 0.0}  # what a point of symptoms adds to the temperature
BREATHS_EACH = {ALLERGY: 0.5, FEVER: 0.5, BREATHING: 2.0}  # and to the breaths in a minute: fast and shallow
MS_PER_H = 3_600_000


@dataclass(frozen=True)
class Reaction:
    """One event of a patient: what comes, how long after the first drug, and how bad it gets.

    kind: one of KINDS. at_ms: drug has been coming for so long, 0 or more. severity: one of PEAKS. Raises BadInput.
    """

    kind: str
    at_ms: int
    severity: str = MODERATE

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadInput(f"kind = {self.kind!r}: the reactions are {', '.join(KINDS)}")
        if self.severity not in PEAKS:
            raise BadInput(f"severity = {self.severity!r}: is not one of {', '.join(PEAKS)}")
        if self.at_ms < 0:
            raise BadInput(f"at = {self.at_ms} ms: a reaction comes 0 ms or more after the first drug")


class ReactingPatient(Patient):
    """Bears an infusion until `reaction`. Teaching model.

    symptoms: now, 0 to 10. came: whether there ever were any.
    """

    signs = (
        Sign(SYMPTOMS, "symptoms", "0 to 10"),
        Sign(GRADE, "grade, 1 mild to 3 severe", ""),
        Sign("temperature_c", "temperature", "degC"),
        Sign("breaths_per_min", "breathing", "breaths/min"),
        Sign("arriving_ml_h", "drug that arrives", "mL/h"),
    )

    def __init__(self, reaction: Reaction, title: str = "") -> None:
        self.reaction = reaction
        self.title = title or f"{reaction.severity} {reaction.kind} after {reaction.at_ms / 60_000:g} min"
        self.symptoms = 0.0
        self.came = False
        self._rising = False
        self._now_ms = 0
        self._first_ms: int | None = None
        self._rate_ml_h = 0.0
        self._borne_ml_h = 0.0  # from when it came
        self._trace_ml_h = 0.0

    def advance(self, to_ms: int, drug_nl: float) -> None:
        """Live on until to_ms, while drug_nl of the syringe's fluid flow in evenly."""
        ms = to_ms - self._now_ms
        self._now_ms = to_ms
        inflow_ml_h = drug_nl / ms * MS_PER_H / 1e6
        self._rate_ml_h += (inflow_ml_h - self._rate_ml_h) * (1 - exp(-ms / MEAN_MS))
        if self._first_ms is None:
            if not drug_nl:
                return
            self._first_ms = to_ms
        if not self.came and to_ms - self._first_ms >= self.reaction.at_ms and inflow_ml_h:
            self.came = self._rising = True
            self._borne_ml_h = self._rate_ml_h * BORNE[self.reaction.severity]
            self._trace_ml_h = self._rate_ml_h * NO_DRUG
        if not self.came:
            return
        limit_ml_h = self._trace_ml_h if self.symptoms >= GONE else max(self._borne_ml_h, self._trace_ml_h)
        self._rising = self._rate_ml_h > limit_ml_h
        goal, time_ms = (PEAKS[self.reaction.severity], RISE_MS) if self._rising else (0.0, FALL_MS)
        self.symptoms += (goal - self.symptoms) * (1 - exp(-ms / time_ms))

    def values(self) -> tuple[float, ...]:
        """Return symptoms, grade, temperature, breathing and what arrives.

        The grade is what a nurse sees at once, of which kind the symptoms are: 1 mild, 2 moderate, 3 severe.
        """
        kind = self.reaction.kind
        return (
            self.symptoms,
            float(self.came and SEVERITIES.index(self.reaction.severity) + 1),
            USUAL_C + C_EACH[kind] * self.symptoms,
            USUAL_BREATHS_PER_MIN + BREATHS_EACH[kind] * self.symptoms,
            self._rate_ml_h,
        )
