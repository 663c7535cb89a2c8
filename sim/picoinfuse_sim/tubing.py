"""The tubing: how stiff, how narrow and how large it is, and which fluid stands where in it.

Fluid moves through it as plugs, first in, first out, by volume alone: what leaves the far end lets as much in at the
near end. So nothing is kept per motor step; volumes that went by are passed on when somebody asks or something happens.
"""

from collections import deque
from dataclasses import dataclass
from math import pi

from .fluid import tube_mmhg_h_per_ml
from .ranges import one_of, within

TUBING_NL_PER_MMHG = 800.0  # 1.5 m of 1 mm: 0.7-0.9 uL/mmHg (REFERENCE section 4, derived from Snijder 2015)
COMMON_NL = 200_000.0  # from a Y-piece to the tip of the cannula, engineer's memory
DETECTOR_NL = 50_000.0  # the air detector's place: 6 cm of 1 mm tubing behind the syringe, engineer's memory
DRUG, SALINE = "drug", "saline"
CONTENTS = (DRUG, SALINE, "air")
_SAME = 1e-12  # plugs of nearly one mixture are one plug

Plug = tuple[float, float, float]  # nL in all, of which drug, of which air


@dataclass(frozen=True)
class Tubing:
    """A tube from the syringe to the cannula: length_m 0.1 to 10, bore_mm 0.3 to 5. Raises BadInput outside."""

    length_m: float = 1.5
    bore_mm: float = 1.0

    def __post_init__(self) -> None:
        within("length of the tubing", self.length_m, 0.1, 10, "m")
        within("bore of the tubing", self.bore_mm, 0.3, 5, "mm")

    @property
    def dead_nl(self) -> float:
        """The volume in it, in nL."""
        return pi / 4 * self.bore_mm**2 * self.length_m * 1e6

    @property
    def mmhg_h_per_ml(self) -> float:
        """Its resistance for water at 20 C."""
        return tube_mmhg_h_per_ml(self.length_m, self.bore_mm)

    @property
    def nl_per_mmhg(self) -> float:
        """Its compliance: as the standard tubing's, for its volume (a wall in proportion to the bore)."""
        return TUBING_NL_PER_MMHG * self.length_m / 1.5 * self.bore_mm**2


class Plugs:
    """Fluid in a tube that is always full: what is pushed in at one end comes out at the other."""

    def __init__(self, content: Plug) -> None:
        self.plugs: deque[Plug] = deque([content])  # the first is the next to leave
        self.air_nl = content[2]  # how much of what is in it is air
        self.passed_nl = 0.0  # pushed in since it was filled

    def push(self, plug: Plug) -> list[Plug]:
        """Push a plug in; return what leaves, as large together."""
        if plug[0] <= 0:
            return []
        self._append(plug)
        left_nl = plug[0]
        self.passed_nl += left_nl
        out: list[Plug] = []
        while left_nl > 0 and self.plugs:
            first = self.plugs.popleft()
            if first[0] > left_nl:
                share = left_nl / first[0]
                gone: Plug = (left_nl, first[1] * share, first[2] * share)
                self.plugs.appendleft((first[0] - gone[0], first[1] - gone[1], first[2] - gone[2]))
                first = gone
            left_nl -= first[0]
            out.append(first)
        self.air_nl = sum(plug[2] for plug in self.plugs)
        return out

    def _append(self, plug: Plug) -> None:
        if self.plugs:
            last = self.plugs[-1]
            nl = plug[0] * last[0]
            if all(abs(plug[i] * last[0] - last[i] * plug[0]) <= _SAME * nl for i in (1, 2)):
                plug = (last[0] + plug[0], last[1] + plug[1], last[2] + plug[2])
                self.plugs.pop()
        self.plugs.append(plug)

    def remove_air(self, drug: float = 1.0) -> None:
        """Put fluid where there is air; drug: the part of it that is drug."""
        self.plugs = deque((nl, drug_nl + air_nl * drug, 0.0) for nl, drug_nl, air_nl in self.plugs)
        self.air_nl = 0.0

    @property
    def drug_nl(self) -> float:
        """How much of what is in it is drug."""
        return sum(plug[1] for plug in self.plugs)

    def copy(self) -> "Plugs":
        """Return another one with the same content."""
        other = Plugs((0.0, 0.0, 0.0))
        other.plugs, other.air_nl, other.passed_nl = deque(self.plugs), self.air_nl, self.passed_nl
        return other

    def bubble_nl(self, from_entry_nl: float, moved_nl: float = 0.0) -> float:
        """Return how large the bubble is that stands so far behind the entry, in nL; 0 if there is fluid.

        moved_nl: of all that passed there while so much was pushed in, the largest.
        """
        largest_nl = begins_nl = 0.0
        for plug in reversed(self.plugs):
            if begins_nl > from_entry_nl + moved_nl:
                break
            begins_nl += plug[0]
            if begins_nl > from_entry_nl:
                largest_nl = max(largest_nl, plug[2])
        return largest_nl


class Passage:
    """What goes from the syringe through our tubing and, behind a Y-piece, through the part shared with another pump.

    filled: with what the whole of it is filled at first, one of CONTENTS. What flows back from the patient is not drug:
    it leaves again before anything else does. hangs: what is in the syringe now, "drug" or "saline".
    """

    def __init__(self, dead_nl: float, filled: str) -> None:
        one_of("content of the line", filled, CONTENTS)
        drug, air = float(filled == "drug"), float(filled == "air")
        self.own = Plugs((dead_nl, dead_nl * drug, dead_nl * air))
        self.common = Plugs((COMMON_NL, COMMON_NL * drug, COMMON_NL * air))
        self.syringe_air_nl = 0.0  # a bubble that leaves the syringe next
        self.hangs = DRUG
        self._dead_nl = dead_nl
        self._aside: Plugs | None = None  # the tubing of what hung before, with what is in it
        self._behind = [0.0, 0.0]  # by how much the flow out of our tubing, and out of both, is behind its furthest

    def copy(self) -> "Passage":
        """Return another one, to try what would come out."""
        other = Passage(1.0, "drug")
        other.own, other.common = self.own.copy(), self.common.copy()
        other.syringe_air_nl = self.syringe_air_nl
        other.hangs, other._dead_nl, other._aside = self.hangs, self._dead_nl, self._aside
        other._behind = list(self._behind)
        return other

    def inside_air_nl(self) -> float:
        """Return the air that is before the patient: in syringe and line."""
        return self.syringe_air_nl + self.own.air_nl + self.common.air_nl

    def remove_air(self) -> None:
        """Put drug where there is air, in syringe and line."""
        self.syringe_air_nl = 0.0
        self.own.remove_air(self._drug)
        self.common.remove_air(self._drug)

    @property
    def _drug(self) -> float:
        """The part of what leaves the syringe that is drug."""
        return float(self.hangs == DRUG)

    def hang(self, content: str) -> None:
        """Put a syringe of "drug" or "saline" to the cannula, with a tubing of its own that is full of the same.

        The tubing that was there is closed and set aside as it is, and comes back with its syringe. From the Y-piece on
        stands what stood there.
        """
        one_of("content of the syringe", content, (DRUG, SALINE))
        if content == self.hangs:
            return
        nl = self._dead_nl
        fresh = self._aside or Plugs((nl, nl * float(content == DRUG), 0.0))
        self._aside, self.own = self.own, fresh
        self.hangs = content
        self.syringe_air_nl = 0.0
        self._behind[0] = 0.0

    def pass_on(self, own_nl: float, second_nl: float) -> tuple[float, float]:
        """Let own_nl (< 0: back) of ours and second_nl of the other pump's go by the Y-piece, evenly mixed.

        Return how much drug and how much air left the cannula for it, in nL.
        """
        fresh_nl = self._fresh(0, own_nl)
        both_nl = max(self._fresh(1, own_nl + second_nl), fresh_nl)
        bubble_nl = min(self.syringe_air_nl, fresh_nl)
        self.syringe_air_nl -= bubble_nl
        ours = self.own.push((bubble_nl, 0.0, bubble_nl))
        ours += self.own.push((fresh_nl - bubble_nl, (fresh_nl - bubble_nl) * self._drug, 0.0))
        if not fresh_nl:
            ours = [(both_nl, 0.0, 0.0)]
        thinner = both_nl / fresh_nl if fresh_nl else 1.0
        out = [plug for nl, drug_nl, air_nl in ours for plug in self.common.push((nl * thinner, drug_nl, air_nl))]
        return sum(plug[1] for plug in out), sum(plug[2] for plug in out)

    def _fresh(self, which: int, nl: float) -> float:
        """Return by how much a flow got further than it ever was."""
        self._behind[which] -= nl
        fresh_nl = max(0.0, -self._behind[which])
        self._behind[which] += fresh_nl
        return fresh_nl
