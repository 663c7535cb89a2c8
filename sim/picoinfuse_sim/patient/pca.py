"""A patient with a bolus key in the hand: pain that comes and goes, relief, sleep, breathing. Teaching model.

The patient presses while it hurts, feels nothing of a press that the lockout swallows, and presses again. Who has had
enough falls asleep and presses no more: that is the safety of patient-controlled analgesia. It is gone when a relative
presses (fault `by_proxy`): cases with breathing that nearly stopped are published (Pennsylvania Patient Safety Advisory
2005;2(2):23; FDA, Tips on Device Safety, April 2004). Kinetics are Loetsch's; every number below is a teaching value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from picoinfuse.models.drugs import MORPHINE, loetsch

from .base import Sign
from .drug_patient import DrugPatient

MS_PER_MIN = 60_000
# Pain, on the scale from 0 to 10. It hurts as much all day, and more now and then: a cough, a turn in the bed.
PRESSES_ABOVE = 3.5
MORE_PAIN = (1.0, 3.0)
MORE_PAIN_MIN = (5.0, 20.0)  # so long
BETWEEN_MIN = 45.0  # on average from one end to the next beginning
# After a press one waits for relief before one tries again.
PATIENCE_MIN = (1.5, 5.0)
# Effects at the site: what is left is 1 - C^s/(C50^s + C^s). Morphine begins to relieve at 8 ng/mL (stanpumpR's lowest
# effective concentration); 16, its upper usual one, is what halves a pain here.
RELIEF_NG_ML, RELIEF_STEEPNESS = 16.0, 4.0
SEDATION_NG_ML, SEDATION_STEEPNESS = 50.0, 4.0
BREATHING_NG_ML, BREATHING_STEEPNESS = 65.0, 3.0
ASLEEP, AWAKE = 5.0, 4.0  # sedation, 0 to 10, at which one falls asleep, and at which one wakes up
BREATHS_PER_MIN = 14.0
TOO_SLOW_PER_MIN = 8.0  # below this a nurse would run
# How long after a bolus the relief is greatest. The constant published beside the kinetics gives 94 min, with which a
# patient who waits for relief has long had too much.
PEAK_MIN = 20.0


def effect(ng_ml: float, half_ng_ml: float, steepness: float) -> float:
    """Return a sigmoid effect of a concentration, 0 to 1: C^s/(C50^s + C^s)."""
    if ng_ml <= 0:
        return 0.0
    return 1.0 / (1.0 + float((half_ng_ml / ng_ml) ** steepness))


@dataclass
class Pain:
    """Pain without any relief: usual, and more from time to time, drawn from rng."""

    usual: float
    rng: np.random.Generator
    more: float = 0.0
    until_ms: float = -1.0  # of what is now: more pain, or the usual one; -1: nothing is drawn yet

    def at(self, now_ms: int) -> float:
        """Return the pain now, 0 to 10; times never go back."""
        if self.until_ms < 0:
            self.until_ms = now_ms + self.rng.exponential(BETWEEN_MIN) * MS_PER_MIN
        while now_ms >= self.until_ms:
            if self.more:
                self.more = 0.0
                self.until_ms += self.rng.exponential(BETWEEN_MIN) * MS_PER_MIN
            else:
                self.more = self.rng.uniform(*MORE_PAIN)
                self.until_ms += self.rng.uniform(*MORE_PAIN_MIN) * MS_PER_MIN
        return min(10.0, self.usual + self.more)


class PcaPatient(DrugPatient):
    """Presses the bolus key when it hurts and nobody is asleep. Teaching model.

    pain: usual, without relief, 0 to 10. relief_ng_ml: morphine at the effect site that halves it; high: a pain on
    which morphine hardly acts. presses: how often the key was pressed by the patient.
    """

    def __init__(
        self,
        per_ml: float,
        weight_kg: float = 70.0,
        pain: float = 7.0,
        relief_ng_ml: float = RELIEF_NG_ML,
        peak_min: float = PEAK_MIN,
        title: str = "PCA patient",
    ) -> None:
        super().__init__(MORPHINE, loetsch(weight_kg, peak_min), per_ml, title)
        self.signs += (
            Sign("pain_0_10", "pain", "0 to 10"),
            Sign("sedation_0_10", "sedation", "0 to 10"),
            Sign("breaths_per_min", "breathing", "breaths/min"),
            Sign("presses", "presses of the patient", ""),
        )
        self.asleep = False
        self.presses = 0
        self._relief_ng_ml = relief_ng_ml
        pain_rng, self._rng = np.random.default_rng(0).spawn(2)
        self._source = Pain(pain, pain_rng)
        self._hurts = pain
        self._patient_until_ms = 0.0
        self._press: Callable[[str], object] = lambda key: None

    def meet(self, press: Callable[[str], object], rng: np.random.Generator) -> None:
        """The patient is given the key. The pain is the same however often somebody presses."""
        self._press = press
        self._source.rng, self._rng = rng.spawn(2)

    @property
    def pain(self) -> float:
        """How much it hurts, 0 to 10, after what the drug relieves."""
        return self._hurts * (1.0 - effect(self.effect, self._relief_ng_ml, RELIEF_STEEPNESS))

    @property
    def sedation(self) -> float:
        """How sleepy the patient is, 0 to 10."""
        return 10.0 * effect(self.effect, SEDATION_NG_ML, SEDATION_STEEPNESS)

    @property
    def breaths_per_min(self) -> float:
        """How often the patient breathes."""
        return BREATHS_PER_MIN * (1.0 - effect(self.effect, BREATHING_NG_ML, BREATHING_STEEPNESS))

    def advance(self, to_ms: int, drug_nl: float) -> None:
        """Live on until to_ms, and press the key if it hurts."""
        super().advance(to_ms, drug_nl)
        self._hurts = self._source.at(to_ms)
        sedation = self.sedation
        self.asleep = sedation > AWAKE if self.asleep else sedation > ASLEEP
        if not self.asleep and self.pain > PRESSES_ABOVE and to_ms >= self._patient_until_ms:
            self._patient_until_ms = to_ms + self._rng.uniform(*PATIENCE_MIN) * MS_PER_MIN
            self.presses += 1
            self._press("bolus")

    def values(self) -> tuple[float, ...]:
        """Return concentrations, pain, sedation, breathing and presses."""
        return (*super().values(), self.pain, self.sedation, self.breaths_per_min, float(self.presses))
