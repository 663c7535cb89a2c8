"""The body that target-controlled infusion follows: what was delivered so far -> where the drug is, by the model.

The pump's account can be corrected downwards: after an occlusion it draws back what never went into the line, and after
a power cut the encoder may tell that less was given than the journal had to assume. Then so much is taken out of what
was told last, and the time since is reckoned anew: as if it had never been given.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np

from .models.compartments import Compartments, Kinetics, Matrix

NL_PER_ML = 1e6
REMEMBERED = 3600  # rows, an hour of telemetry: an occlusion at a low rate is noticed late


class _Told(NamedTuple):
    ms: int
    nl: int
    before: Matrix  # the state


class TciBody:
    """Starts empty, at 0 ms and 0 nL. mg_ml: of the drug in the syringe. now_ms: since the infusion began."""

    def __init__(self, kinetics: Kinetics, mg_ml: float) -> None:
        self.model = Compartments(kinetics)
        self.now_ms = 0
        self._mg_nl = mg_ml / NL_PER_ML
        self._net_nl = 0
        self._told: deque[_Told] = deque(maxlen=REMEMBERED)

    def bring(self, to_ms: int, net_nl: int) -> None:
        """Go on to a time, by all that was delivered until then, less what was drawn back; it came in evenly.

        A time that is over already changes nothing: what it brought is told with the next.
        """
        if to_ms <= self.now_ms:
            return
        less_nl = self._net_nl - net_nl
        if less_nl > 0:
            self._take_back(less_nl)
        self._tell(to_ms - self.now_ms, max(0, -less_nl))
        self.now_ms = to_ms
        self._net_nl = net_nl

    def _tell(self, ms: int, nl: int) -> None:
        self._told.append(_Told(ms, nl, self.model.state))
        self.model.advance(ms, nl * self._mg_nl)

    def _take_back(self, nl: int) -> None:
        """Reckon the newest rows anew, without so many nanolitres; what is not remembered any more stays."""
        again: list[_Told] = []
        while self._told and nl > 0:
            told = self._told.pop()
            taken = min(told.nl, nl)
            nl -= taken
            again.append(told._replace(nl=told.nl - taken))
        if again:
            self.model.restore(again[-1].before)
        for told in reversed(again):
            self._tell(told.ms, told.nl)

    def kept(self) -> dict[str, Any]:
        """Return what `restore` needs, as plain data; of the newest rows nothing, so they cannot be taken back then."""
        return {"now_ms": self.now_ms, "net_nl": self._net_nl, "state": self.model.state.tolist()}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take what `kept` returned, of a body of the same person. Raises ValueError, TypeError, KeyError."""
        state = np.array(kept["state"], dtype=np.float64)
        if state.shape != self.model.state.shape or not np.isfinite(state).all() or state.min() < 0:
            raise ValueError(f"no amounts of drug: {kept['state']}")
        self.now_ms, self._net_nl = int(kept["now_ms"]), int(kept["net_nl"])
        self._told.clear()
        self.model.restore(state)

    @property
    def plasma(self) -> float:
        """The concentration in the plasma, in mg/L (ug/mL)."""
        return self.model.plasma_per_l

    @property
    def effect(self) -> float:
        """The concentration at the effect site, in mg/L (ug/mL)."""
        return self.model.effect_per_l
