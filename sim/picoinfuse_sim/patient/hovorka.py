"""Glucose and insulin of one person with type 1 diabetes, after Hovorka 2004. Teaching model.

Hovorka R et al., "Nonlinear model predictive control of glucose concentration in subjects with type 1 diabetes",
Physiological Measurement 25 (2004) 905-920; the parameters are those of REFERENCE section 7. In mmol, mU, L, min:

    dQ1 = -(F01c + FR) - x1 Q1 + k12 Q2 + EGP0 (1 - x3) + UG      G = Q1 / VG
    dQ2 = x1 Q1 - (k12 + x2) Q2
    dS1 = u - S1/tI      dS2 = (S1 - S2)/tI      dI = S2/(tI VI) - ke I
    dxn = kan (Sn I - xn)   for n = 1, 2, 3
    dD1 = AG D - D1/tG      dD2 = (D1 - D2)/tG      UG = D2/tG

with F01c = F01 min(1, G/4.5) and FR = 0.003 (G - 9) VG above 9 mmol/L. A meal is put into D1 at once, which is the same
as UG = AG D t exp(-t/tG)/tG**2. Two things are not of that paper. The liver never takes glucose up (EGP >= 0, which is
engineer's memory of later work of the same group). And exercise, a teaching effect of our own:

    dm = (effort - m)/tM                uptake m U_MAX Q1, without insulin
    ds = (effort - s)/(tR or tF)        insulin pulls (1 + s) times as much glucose out of the blood (x1, x2)

effort is the part of the highest oxygen uptake, 0 to 1. Both parts are published: uptake without insulin, in proportion
to the effort (Alkhateeb 2021, PLoS ONE 16(3) e0248280), and a prolonged rise of insulin sensitivity (Deichmann 2023,
PLoS Comput Biol 19(2) e1010289). The numbers are ours, for teaching.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, sqrt

from picoinfuse.errors import BadInput

from .ode import Solver, State

MG_DL_PER_MMOL_L = 18.0156  # molar mass of glucose 180.156 g/mol
MMOL_PER_G = 1000 / 180.156
LOW_MMOL_L = 4.5  # below it the brain takes less
RENAL_MMOL_L, RENAL_PER_MIN = 9.0, 0.003  # above it the kidneys let glucose through
U_MAX_PER_MIN = 0.02  # teaching value: at half the highest effort 120 mg/dL fall by about 40 mg/dL in an hour
MUSCLE_MIN = 10.0  # teaching values: until the muscles follow, ...
RISE_MIN, FALL_MIN = 45.0, 240.0  # ... and the sensitivity rises, and falls again
WEIGHT_KG = (20.0, 200.0)
START_MG_DL = (50.0, 250.0)  # at which a steady state can be asked for
MAX_MEAL_G = 300.0


@dataclass(frozen=True)
class Body:
    """The parameters of one person; defaults: REFERENCE section 7. Volumes and fluxes are per kg of body weight.

    weight_kg: 20 to 200. sensitivity: all three insulin sensitivities times this, 0.3 to 3; people differ by so much.
    Raises BadInput for a value outside.
    """

    weight_kg: float = 75.0
    sensitivity: float = 1.0
    vi_l_kg: float = 0.12
    vg_l_kg: float = 0.16
    f01_mmol_kg_min: float = 0.0097
    egp0_mmol_kg_min: float = 0.0161
    k12_per_min: float = 0.066
    ka1_per_min: float = 0.006
    ka2_per_min: float = 0.06
    ka3_per_min: float = 0.03
    sit_l_min_mu: float = 51.2e-4
    sid_l_min_mu: float = 8.2e-4
    sie_l_mu: float = 520e-4
    ke_per_min: float = 0.138
    ti_min: float = 55.0
    tg_min: float = 40.0
    ag: float = 0.8

    def __post_init__(self) -> None:
        _within("weight", self.weight_kg, *WEIGHT_KG, "kg")
        _within("sensitivity", self.sensitivity, 0.3, 3, "times the usual one")

    def insulin_for(self, glucose_mg_dl: float) -> float:
        """Return the steady plasma insulin in mU/L that holds this plasma glucose without food.

        The steady state of the equations above is quadratic in it. Raises BadInput where there is none above 0.
        """
        _within("glucose", glucose_mg_dl, *START_MG_DL, "mg/dL")
        g = glucose_mg_dl / MG_DL_PER_MMOL_L
        q1 = g * self.vg_l_kg  # all per kg
        lost = self.f01_mmol_kg_min * min(1.0, g / LOW_MMOL_L) + _renal(g) * self.vg_l_kg
        st, sd, se = (self.sensitivity * s for s in (self.sit_l_min_mu, self.sid_l_min_mu, self.sie_l_mu))
        made, k = self.egp0_mmol_kg_min, self.k12_per_min
        # With x = S I everywhere: (made (1 - se I) - lost) (k + sd I) = st sd I**2 q1
        a = st * sd * q1 + made * se * sd
        b = made * se * k - (made - lost) * sd
        c = -(made - lost) * k
        root = b * b - 4 * a * c
        insulin = (-b + sqrt(root)) / (2 * a) if root > 0 else 0.0
        if not 0 < insulin < 1 / se:
            raise BadInput(f"glucose = {glucose_mg_dl:g} mg/dL: no insulin holds this person there; choose less")
        return insulin

    def basal_u_h(self, glucose_mg_dl: float) -> float:
        """Return the basal insulin in U/h that holds this plasma glucose without food. Raises BadInput."""
        return self.insulin_for(glucose_mg_dl) * self.ke_per_min * self.vi_l_kg * self.weight_kg * 60 / 1000


class Hovorka:
    """One person, at rest in the steady state of glucose_mg_dl (50 to 250), until something comes. Teaching model.

    Minutes count from 0. Raises BadInput for a value outside its range.
    """

    def __init__(self, body: Body | None = None, glucose_mg_dl: float = 120.0) -> None:
        self.body = its = body or Body()
        self.at_min = 0.0
        self.effort = 0.0  # 0 to 1
        self._u = 0.0  # mU/min
        self._solver = Solver(self._slope)
        insulin = its.insulin_for(glucose_mg_dl)
        x1 = its.sensitivity * its.sit_l_min_mu * insulin
        x2 = its.sensitivity * its.sid_l_min_mu * insulin
        x3 = its.sensitivity * its.sie_l_mu * insulin
        q1 = glucose_mg_dl / MG_DL_PER_MMOL_L * its.vg_l_kg * its.weight_kg
        depot = insulin * its.ke_per_min * its.vi_l_kg * its.weight_kg * its.ti_min
        q2 = x1 * q1 / (its.k12_per_min + x2)
        self._y: State = [q1, q2, depot, depot, insulin, x1, x2, x3, 0.0, 0.0, 0.0, 0.0]

    def _slope(self, t: float, y: State) -> State:
        its = self.body
        q1, q2, s1, s2, i, x1, x2, x3, d1, d2, m, s = y
        vg = its.vg_l_kg * its.weight_kg
        g = q1 / vg
        f01 = its.f01_mmol_kg_min * its.weight_kg
        if g < LOW_MMOL_L:
            f01 *= g / LOW_MMOL_L
        made = its.egp0_mmol_kg_min * its.weight_kg * (1 - x3) if x3 < 1 else 0.0
        moved = x1 * q1
        lost = f01 + (RENAL_PER_MIN * (g - RENAL_MMOL_L) * vg if g > RENAL_MMOL_L else 0.0) + m * U_MAX_PER_MIN * q1
        pull = its.sensitivity * i
        more = 1 + s
        effort = self.effort
        return [
            made - lost - moved + its.k12_per_min * q2 + d2 / its.tg_min,
            moved - (its.k12_per_min + x2) * q2,
            self._u - s1 / its.ti_min,
            (s1 - s2) / its.ti_min,
            s2 / (its.ti_min * its.vi_l_kg * its.weight_kg) - its.ke_per_min * i,
            its.ka1_per_min * (more * its.sit_l_min_mu * pull - x1),
            its.ka2_per_min * (more * its.sid_l_min_mu * pull - x2),
            its.ka3_per_min * (its.sie_l_mu * pull - x3),
            -d1 / its.tg_min,
            (d1 - d2) / its.tg_min,
            (effort - m) / MUSCLE_MIN,
            (effort - s) / (RISE_MIN if effort > s else FALL_MIN),
        ]

    def advance(self, to_min: float, insulin_mu: float) -> None:
        """Live on until to_min, later than now, while insulin_mu (0 or more) come in evenly under the skin."""
        if not to_min > self.at_min or not insulin_mu >= 0:
            raise BadInput(f"advance to {to_min:g} min with {insulin_mu:g} mU: it is {self.at_min:g} min already")
        self._u = insulin_mu / (to_min - self.at_min)
        self._y = self._solver.go(self.at_min, self._y, to_min)
        self.at_min = to_min

    def eat(self, carbohydrate_g: float) -> None:
        """Eat so much carbohydrate now, 0 to 300 g. Raises BadInput."""
        _within("meal", carbohydrate_g, 0, MAX_MEAL_G, "g of carbohydrate")
        self._y[8] += carbohydrate_g * MMOL_PER_G * self.body.ag

    def exercise(self, effort: float) -> None:
        """Exert oneself from now on by so much of the highest oxygen uptake, 0 to 1; 0: rest. Raises BadInput."""
        self.effort = _within("effort", effort, 0, 1, "of the highest oxygen uptake")

    @property
    def glucose_mg_dl(self) -> float:
        """Plasma glucose now."""
        return self._y[0] / (self.body.vg_l_kg * self.body.weight_kg) * MG_DL_PER_MMOL_L

    @property
    def insulin_mu_l(self) -> float:
        """Plasma insulin now."""
        return self._y[4]

    @property
    def on_board_u(self) -> float:
        """Insulin under the skin now, in U: what really is on board."""
        return (self._y[2] + self._y[3]) / 1000

    @property
    def carbohydrate_g(self) -> float:
        """Carbohydrate in the gut now, of what can be absorbed."""
        return (self._y[8] + self._y[9]) / MMOL_PER_G


def _renal(g_mmol_l: float) -> float:
    """Return what the kidneys let through, per litre of VG."""
    return max(0.0, RENAL_PER_MIN * (g_mmol_l - RENAL_MMOL_L))


def _within(what: str, value: float, low: float, high: float, unit: str) -> float:
    if not (isfinite(value) and low <= value <= high):
        raise BadInput(f"{what} = {value:g} {unit}: the glucose model takes {low:g} to {high:g} {unit}")
    return value
