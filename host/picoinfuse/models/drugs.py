"""Published models of drugs in a body: who the person is -> volumes and rate constants. Teaching models.

Numbers are those of REFERENCE section 7, held against public code (stanpumpR, opentiva, the R package tci). Ages are in
years, weights in kg, heights in cm, sex is "female" or "male". Outside the people who were studied a model is refused:
its formulas go on, and mean nothing there. Each function raises BadInput that names the value and the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from ..errors import BadInput
from .compartments import MS_PER_MIN, Compartments, Kinetics

FEMALE, MALE = "female", "male"
SEXES = (FEMALE, MALE)


@dataclass(frozen=True)
class Drug:
    """How amounts of a drug are counted and its concentrations are written.

    amount: the unit of an amount. shown: of a concentration, per_l: so many of it is one `amount` per litre. column:
    `shown` as the end of a column's name. usual: what is in the syringe if nobody says.
    """

    name: str
    amount: str
    shown: str
    per_l: float
    column: str
    usual: str


PROPOFOL = Drug("propofol", "mg", "ug/mL", 1.0, "ug_ml", "10 mg/mL")  # an emulsion of 1 %, engineer's memory
REMIFENTANIL = Drug("remifentanil", "mg", "ng/mL", 1000.0, "ng_ml", "50 ug/mL")  # as stanpumpR has it
MORPHINE = Drug("morphine", "mg", "ng/mL", 1000.0, "ng_ml", "1 mg/mL")  # REFERENCE section 6
OXYTOCIN = Drug("oxytocin", "mU", "mU/L", 1.0, "mu_l", "10 mU/mL")  # REFERENCE section 6
GENERIC = Drug("drug", "mg", "ug/mL", 1.0, "ug_ml", "1 mg/mL")


def _studied(model: str, name: str, value: float, low: float, high: float, unit: str) -> None:
    if not (isfinite(value) and low <= value <= high):
        raise BadInput(
            f"{name} = {value:g} {unit}: the model {model} holds for {low:g} to {high:g} {unit}; take another person "
            "or another model"
        )


def lean_kg(weight_kg: float, height_cm: float, sex: str) -> float:
    """Return the lean body mass after James: 1.1 W - 128 (W/H)^2 of a man, 1.07 W - 148 (W/H)^2 of a woman.

    Formula as public code has it (stanpumpR; James 1976). From a weight on it falls while the weight rises, which no
    body does: at a body mass index of 43 (men) or 36 (women). Such a person is refused with BadInput.
    """
    linear, square = _james(sex)
    turns_kg = linear / (2 * square) * height_cm**2
    if weight_kg > turns_kg:
        raise BadInput(
            f"weight = {weight_kg:g} kg: with a height of {height_cm:g} cm the lean body mass after James holds up to "
            f"{turns_kg:.0f} kg; take a model without it (propofol-marsh), or another person"
        )
    return linear * weight_kg - square * (weight_kg / height_cm) ** 2


def _james(sex: str) -> tuple[float, float]:
    if sex not in SEXES:
        raise BadInput(f"sex = {sex!r}: the formulas know {' and '.join(SEXES)}")
    return (1.1, 128.0) if sex == MALE else (1.07, 148.0)


def marsh(weight_kg: float, ke0_per_min: float) -> Kinetics:
    """Return Marsh's model of propofol for adults: everything in proportion to the weight.

    V1 .228 L/kg; k10 .119, k12 .112, k13 .0419, k21 .055, k31 .0033 /min (Marsh et al., Br J Anaesth 1991;67:41, for
    children; for adults as the Diprifusor has it). ke0: 0.26 of the Diprifusor, which was never published with data, or
    1.2, the faster one that Absalom et al. 2009 advise. 30 to 150 kg is the Diprifusor's range, from memory.
    """
    _studied("propofol-marsh", "weight", weight_kg, 30, 150, "kg")
    return Kinetics(0.228 * weight_kg, 0.119, 0.112, 0.055, 0.0419, 0.0033, ke0_per_min)


def schnider(age_y: float, weight_kg: float, height_cm: float, sex: str) -> Kinetics:
    """Return Schnider's model of propofol.

    V1 4.27, V2 18.9 - .391 (age - 53), V3 238 L; Cl1 1.89 + .0456 (W - 77) - .0681 (LBM - 59) + .0264 (H - 177), Cl2
    1.29 - .024 (age - 53), Cl3 .836 L/min; ke0 .456 /min (Schnider et al., Anesthesiology 1998;88:1170, 1999;90:1502).
    24 volunteers of 25 to 81 years, 44 to 123 kg, 155 to 191 cm (read in a secondary source).
    """
    name = "propofol-schnider"
    _studied(name, "age", age_y, 25, 81, "y")
    _studied(name, "weight", weight_kg, 44, 123, "kg")
    _studied(name, "height", height_cm, 155, 191, "cm")
    lbm_kg = lean_kg(weight_kg, height_cm, sex)
    return Kinetics.of_clearances(
        v1_l=4.27,
        cl1_l_per_min=1.89 + 0.0456 * (weight_kg - 77) - 0.0681 * (lbm_kg - 59) + 0.0264 * (height_cm - 177),
        v2_l=18.9 - 0.391 * (age_y - 53),
        cl2_l_per_min=1.29 - 0.024 * (age_y - 53),
        v3_l=238.0,
        cl3_l_per_min=0.836,
        ke0_per_min=0.456,
    )


def minto(age_y: float, weight_kg: float, height_cm: float, sex: str) -> Kinetics:
    """Return Minto's model of remifentanil.

    V1 5.1 - .0201 (age - 40) + .072 (LBM - 55), V2 9.82 - .0811 (age - 40) + .108 (LBM - 55), V3 5.42 L; Cl1 2.6 -
    .0162 (age - 40) + .0191 (LBM - 55), Cl2 2.05 - .0301 (age - 40), Cl3 .076 - .00113 (age - 40) L/min; ke0 .595 -
    .007 (age - 40) /min (Minto et al., Anesthesiology 1997;86:10). 65 adults of 20 to 85 years (its abstract); up to
    106 kg and 193 cm (Eleveld et al. 2017, whose data hold these); the lower ends, 40 kg and 150 cm, are teaching
    values.
    """
    name = "remifentanil-minto"
    _studied(name, "age", age_y, 20, 85, "y")
    _studied(name, "weight", weight_kg, 40, 106, "kg")
    _studied(name, "height", height_cm, 150, 193, "cm")
    older_y, leaner_kg = age_y - 40, lean_kg(weight_kg, height_cm, sex) - 55
    return Kinetics.of_clearances(
        v1_l=5.1 - 0.0201 * older_y + 0.072 * leaner_kg,
        cl1_l_per_min=2.6 - 0.0162 * older_y + 0.0191 * leaner_kg,
        v2_l=9.82 - 0.0811 * older_y + 0.108 * leaner_kg,
        cl2_l_per_min=2.05 - 0.0301 * older_y,
        v3_l=5.42,
        cl3_l_per_min=0.076 - 0.00113 * older_y,
        ke0_per_min=0.595 - 0.007 * older_y,
    )


MORPHINE_PEAK_MIN = 93.8  # of the effect after a bolus, as stanpumpR has it beside the constants below


def loetsch(weight_kg: float, peak_min: float = MORPHINE_PEAK_MIN) -> Kinetics:
    """Return Loetsch's model of morphine; peak_min: how long after a bolus its effect is highest.

    V1 17.5 L at 70 kg, here in proportion to the weight as in stanpumpR; k10 .0705056, k12 .1273408, k13 .0182584, k21
    .0259641, k31 .0016332 /min (Loetsch et al., Clin Pharmacol Ther 2002;72:151). ke0 is found from the time to peak.
    Morphine-6-glucuronide, which also acts, is left out. 40 to 120 kg is a teaching value, and so is 1 to 240 min.
    """
    _studied("morphine-loetsch", "weight", weight_kg, 40, 120, "kg")
    _studied("morphine-loetsch", "peak", peak_min, 1, 240, "min")
    plasma = Kinetics(0.25 * weight_kg, 0.0705056, 0.1273408, 0.0259641, 0.0182584, 0.0016332)
    return with_peak(plasma, peak_min)


def oxytocin() -> Kinetics:
    """Return a model of oxytocin in labour: V1 10.1, V2 7.03 L; Cl1 .974, Cl2 .204 L/min; no effect site.

    stanpumpR has it as Eisenach's unpublished data in women giving birth. Its clearance, 58 L/h, is within the error of
    67 +/- 13 L/h in men (de Groot et al., J Pharm Pharmacol 1995;47:571).
    """
    return Kinetics.of_clearances(v1_l=10.1, cl1_l_per_min=0.974, v2_l=7.03, cl2_l_per_min=0.204)


_SLOWEST_PER_MIN, _FASTEST_PER_MIN = 1e-6, 500.0


def with_peak(kinetics: Kinetics, peak_min: float) -> Kinetics:
    """Return the model with an effect site whose concentration is highest peak_min after a bolus.

    At its peak dCe/dt = ke0 (C1 - Ce) = 0, so Ce = C1; a larger ke0 brings the crossing forward. Found by bisection.
    Raises BadInput if no ke0 has it: the plasma of a model that eliminates nothing never falls to it, for instance.
    """

    def trial(ke0_per_min: float) -> Kinetics:
        its = vars(kinetics) | {"ke0_per_min": ke0_per_min}
        return Kinetics(**its)

    def lead(ke0_per_min: float) -> float:
        """Return by how much the effect site is above the plasma at that time."""
        body = Compartments(trial(ke0_per_min))
        body.give(1.0)
        body.advance(round(peak_min * MS_PER_MIN))
        return body.effect_per_l - body.plasma_per_l

    low, high = _SLOWEST_PER_MIN, _FASTEST_PER_MIN
    if not lead(low) < 0 < lead(high):
        raise BadInput(f"peak = {peak_min:g} min: no effect site of this model peaks then")
    while high / low > 1 + 1e-14:
        middle = (low * high) ** 0.5
        if middle in (low, high):
            break
        if lead(middle) < 0:
            low = middle
        else:
            high = middle
    return trial(high)
