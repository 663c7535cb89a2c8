"""A person with diabetes at the pump: glucose and insulin, a glucose sensor, and a day of meals, exercise and trouble.

The body is a model (hovorka.py, uva_padova.py) that lives minute by minute; this file knows when it eats, exerts
itself, and what goes wrong with its sensor. Nobody sees the plasma glucose but the simulator; a loop sees the sensor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from math import nan
from typing import NamedTuple, Protocol

import numpy as np

from picoinfuse.errors import BadInput

from .base import Patient, Sign
from .cgm import GAPS_PER_DAY, LAG_MIN, NOISE_MG_DL, GlucoseSensor

MS_PER_MIN = 60_000
NL_PER_ML = 1e6
LOST, STUCK, PRESSED = TROUBLES = ("lost", "stuck", "pressed")
PRESSED_MG_DL = -60.0  # what a sensor reads less when somebody lies on it; teaching value


class Body(Protocol):
    """What glucose.py asks of a model. Amounts in mU and g, times in minutes from 0."""

    @property
    def glucose_mg_dl(self) -> float:
        """Plasma glucose now."""

    @property
    def insulin_mu_l(self) -> float:
        """Plasma insulin now."""

    @property
    def on_board_u(self) -> float:
        """Insulin under the skin now."""

    @property
    def carbohydrate_g(self) -> float:
        """Carbohydrate in the gut now."""

    def advance(self, to_min: float, insulin_mu: float) -> None:
        """Live on until to_min while insulin_mu come in evenly."""

    def eat(self, carbohydrate_g: float) -> None:
        """Eat now."""

    def exercise(self, effort: float) -> None:
        """Exert oneself from now on by a part of the highest oxygen uptake; 0: rest."""


class Meal(NamedTuple):
    """carbohydrate_g eaten at at_ms. announced: the person tells whoever gives the bolus."""

    at_ms: int
    carbohydrate_g: float
    announced: bool = True


class Exercise(NamedTuple):
    """effort, 0 to 1 of the highest oxygen uptake, from at_ms for for_ms."""

    at_ms: int
    effort: float
    for_ms: int


class Trouble(NamedTuple):
    """What is wrong with the sensor, one of TROUBLES, from at_ms for for_ms."""

    at_ms: int
    what: str
    for_ms: int


class GlucosePatient(Patient):
    """A person with diabetes whose insulin comes from the pump alone. Teaching model.

    body: in its steady state. u_per_ml: insulin in the syringe. meals, exercise, troubles: of his day, which begins
    with the bench. noise_mg_dl, lag_min, gaps_per_day: of cgm.GlucoseSensor; its error is drawn from the bench's seed.
    Raises BadInput for a concentration that is not above 0, and for an event before the beginning.
    """

    every_ms = MS_PER_MIN
    signs = (
        Sign("glucose_mg_dl", "glucose in the plasma", "mg/dL"),
        Sign("sensor_mg_dl", "glucose sensor", "mg/dL"),
        Sign("insulin_mu_l", "insulin in the plasma", "mU/L"),
        Sign("under_skin_u", "insulin under the skin", "U"),
        Sign("gut_g", "carbohydrate in the gut", "g"),
        Sign("sensor_at_s", "", ""),
        Sign("announced_g", "", ""),
    )

    def __init__(
        self,
        body: Body,
        u_per_ml: float,
        title: str,
        *,
        meals: Iterable[Meal] = (),
        exercise: Iterable[Exercise] = (),
        troubles: Iterable[Trouble] = (),
        noise_mg_dl: float = NOISE_MG_DL,
        lag_min: float = LAG_MIN,
        gaps_per_day: float = GAPS_PER_DAY,
    ) -> None:
        if not 0 < u_per_ml <= 500:
            raise BadInput(f"concentration = {u_per_ml:g} U/mL: insulin is above 0 and up to 500 U/mL")
        self.body = body
        self.title = title
        self._mu_per_nl = u_per_ml * 1000 / NL_PER_ML
        self._options = {"noise_mg_dl": noise_mg_dl, "lag_min": lag_min, "gaps_per_day": gaps_per_day}
        self.sensor = GlucoseSensor(np.random.default_rng(0), body.glucose_mg_dl, **self._options)
        self.announced_g = 0.0
        self._now_ms = 0
        self._plan: list[tuple[int, Callable[[], object]]] = []
        for meal in meals:
            self._at(meal.at_ms, partial(self._eat, meal))
        for one in exercise:
            self._at(one.at_ms, partial(self.body.exercise, one.effort))
            self._at(one.at_ms + one.for_ms, partial(self.body.exercise, 0.0))
        for trouble in troubles:
            self._at(trouble.at_ms, partial(self._trouble, trouble))
            if trouble.what == STUCK:
                self._at(trouble.at_ms + trouble.for_ms, self._unstick)
        self._plan.sort(key=lambda row: row[0])

    def _at(self, at_ms: int, action: Callable[[], object]) -> None:
        if at_ms < 0:
            raise BadInput(f"an event at {at_ms} ms: the day of this patient begins at 0 ms")
        self._plan.append((at_ms, action))

    def _eat(self, meal: Meal) -> None:
        self.body.eat(meal.carbohydrate_g)
        if meal.announced:
            self.announced_g += meal.carbohydrate_g

    def _unstick(self) -> None:
        self.sensor.stick(False)

    def _trouble(self, trouble: Trouble) -> None:
        if trouble.what == LOST:
            self.sensor.lose(trouble.for_ms / MS_PER_MIN)
        elif trouble.what == PRESSED:
            self.sensor.jump(PRESSED_MG_DL, trouble.for_ms / MS_PER_MIN)
        else:
            self.sensor.stick()

    def meet(self, press: Callable[[str], object], rng: np.random.Generator) -> None:
        """The pump comes to the bed: the error of the sensor is drawn from its seed."""
        self.sensor = GlucoseSensor(rng, self.body.glucose_mg_dl, **self._options)

    def advance(self, to_ms: int, drug_nl: float) -> None:
        """Live on until to_ms, while drug_nl of the syringe's fluid flow in evenly; events come at the whole minute."""
        while self._plan and self._plan[0][0] <= self._now_ms:
            self._plan.pop(0)[1]()
        self.body.advance(to_ms / MS_PER_MIN, drug_nl * self._mu_per_nl)
        self._now_ms = to_ms
        self.sensor.advance(to_ms, self.body.glucose_mg_dl)

    def values(self) -> tuple[float, ...]:
        """Return the signs; before the first reading the sensor's are no number (nan) and -1 s."""
        body, newest = self.body, self.sensor.newest
        return (
            body.glucose_mg_dl,
            float(newest.mg_dl) if newest else nan,
            body.insulin_mu_l,
            body.on_board_u,
            body.carbohydrate_g,
            newest.at_ms / 1000 if newest else -1.0,
            self.announced_g,
        )
