"""The adults of the UVA/Padova 2008 cohort as PyPI's `simglucose` has them: its patients only, behind our pump.

simglucose 0.2.11 (MIT licence) brings parameters, equations and initial state of 30 virtual people. Its own pump rounds
in pmol/min and is never used. Two things stand in the way of its package as it is, and are gone round here:

- `import simglucose` asks for gym 0.9.4, which asks for `distutils`, and its modules ask for `pkg_resources`: Python
  3.12 and later have neither of themselves (simglucose's issue 97). So its package is opened without running its
  `__init__`, and a stand-in says where its files are.
- Its equations read each parameter out of a pandas row, a hundred times a step. As plain numbers a day takes about a
  second instead of nine, and the result is digit by digit the same.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from picoinfuse.errors import BadInput

ADULTS = tuple(f"adult#{number:03d}" for number in range(1, 11))
PMOL_PER_MU = 6.0  # as simglucose counts: 6000 pmol are a unit
_PACKAGE = "simglucose"
MISSING = (
    "the UVA/Padova patients come with the package simglucose, which is not installed (or not whole): "
    "`pip install 'picoinfuse[cohort]'`"
)


def _home() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise BadInput(MISSING)
    return Path(spec.origin).parent


def installed() -> bool:
    """Return whether simglucose, and what its patients need, is there."""
    return all(importlib.util.find_spec(name) is not None for name in (_PACKAGE, "pandas", "scipy"))


def _t1d() -> Any:
    """Return its module of patients. Raises BadInput if it cannot be had."""
    whole = f"{_PACKAGE}.patient.t1dpatient"
    if whole in sys.modules:
        return sys.modules[whole]
    home = _home()
    stand_ins = {_PACKAGE: ModuleType(_PACKAGE), "pkg_resources": ModuleType("pkg_resources")}
    stand_ins[_PACKAGE].__path__ = [str(home)]
    stand_ins["pkg_resources"].resource_filename = lambda package, name: str(home / name)  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        return importlib.import_module(whole)
    except ImportError as error:
        raise BadInput(f"{MISSING}; it said: {error}") from error
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def therapy_of(name: str) -> tuple[float, float, float]:
    """Return the basal rate in U/h, grams of carbohydrate for one unit, and by how many mg/dL a unit lowers glucose.

    They are those of simglucose's tables. Raises BadInput for an unknown name.
    """
    its = UvaPadova(name)
    with open(_home() / "params" / "Quest.csv", encoding="utf-8") as file:
        header, *rows = (line.strip().split(",") for line in file if line.strip())
    row = next(dict(zip(header, row, strict=True)) for row in rows if row[0] == name)
    return its.basal_u_h, float(row["CR"]), float(row["CF"])


class UvaPadova:
    """One person of the cohort, by name ("adult#001"), in the steady state of his basal rate. Teaching model.

    Lives by whole minutes; a meal is eaten at 5 g a minute. Raises BadInput for an unknown name, or if simglucose is
    not there.
    """

    def __init__(self, name: str) -> None:
        t1d = _t1d()
        if name not in ADULTS:
            raise BadInput(f"person = {name!r}: the known ones are {', '.join(ADULTS)}")
        self._action = t1d.Action
        self._its = t1d.T1DPatient.withName(name)
        row = self._its._params
        self._its._params = SimpleNamespace(
            **{key: value if isinstance(value, str) else float(value) for key, value in row.items()}
        )
        self._par = self._its._params
        self._to_eat_g = 0.0
        self._eaten_g = 0.0

    @property
    def basal_u_h(self) -> float:
        """The basal rate of his steady state."""
        return float(self._par.u2ss * self._par.BW / 6000 * 60)

    def advance(self, to_min: float, insulin_mu: float) -> None:
        """Live on until to_min, a whole number of minutes later, while insulin_mu come in evenly."""
        minutes = round(to_min - self._its.t)
        for _ in range(minutes):
            carbohydrate_g, self._to_eat_g = self._to_eat_g, 0.0
            self._its.step(self._action(CHO=carbohydrate_g, insulin=insulin_mu / 1000 / minutes))

    def eat(self, carbohydrate_g: float) -> None:
        """Begin to eat now."""
        self._to_eat_g += carbohydrate_g

    def exercise(self, effort: float) -> None:
        """Raises BadInput: these people know no exercise."""
        if effort:
            raise BadInput("exercise: the UVA/Padova patients of 2008 have none; use the patient hovorka")

    @property
    def glucose_mg_dl(self) -> float:
        """Plasma glucose now."""
        return float(self._its.state[3] / self._par.Vg)

    @property
    def insulin_mu_l(self) -> float:
        """Plasma insulin now."""
        return float(self._its.state[5] / self._par.Vi / PMOL_PER_MU)

    @property
    def on_board_u(self) -> float:
        """Insulin under the skin now."""
        return float((self._its.state[10] + self._its.state[11]) * self._par.BW / 6000)

    @property
    def carbohydrate_g(self) -> float:
        """Carbohydrate in stomach and gut now, and what is still to be eaten."""
        return float(sum(self._its.state[:3]) / 1000 + self._its.planned_meal + self._to_eat_g)
