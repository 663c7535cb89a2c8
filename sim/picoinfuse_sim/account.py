"""Who got what: the volumes that left the line, and which of them were drug or air."""

from __future__ import annotations

from dataclasses import dataclass

from .tubing import Passage


@dataclass
class Account:
    """Volumes in nL since the line was built.

    patient_nl: left the cannula into the patient; drug_nl, air_nl: that much of it is drug or air. leaked_nl: out of
    the leak. spilled_nl: out of the open line. second_nl: from the other pump, wherever it went. out_nl: all that left
    by the line's end, at_ms: until when. What is leaked or spilled falls where the line sucks: then air comes in there.
    """

    at_ms: float
    passage: Passage
    patient_nl: float = 0.0
    drug_nl: float = 0.0
    air_nl: float = 0.0
    leaked_nl: float = 0.0
    spilled_nl: float = 0.0
    second_nl: float = 0.0
    out_nl: float = 0.0
    leak_booked_nl: float = 0.0

    def book(self, now_ms: float, out_nl: float, through_nl: float | None, open_at: str, second_nl_ms: float) -> None:
        """Book what left until now_ms: out_nl in all since the beginning.

        through_nl: what of it went through the tubing; None: everything. open_at: where the line is open, or "".
        second_nl_ms: the flow of the other pump.
        """
        gone_nl, second_nl = out_nl - self.out_nl, second_nl_ms * (now_ms - self.at_ms)
        if through_nl is None:
            through_nl = gone_nl
        sucked_nl = max(0.0, self.leak_booked_nl - self.leaked_nl)
        self.leak_booked_nl = self.leaked_nl
        if open_at == "syringe":
            sucked_nl += max(0.0, through_nl - gone_nl)
        self.passage.syringe_air_nl += sucked_nl
        drug_nl, air_nl = self.passage.pass_on(through_nl, second_nl)
        if open_at == "patient":
            self.spilled_nl += gone_nl
        else:
            self.patient_nl += through_nl
            self.spilled_nl += gone_nl - through_nl
            self.drug_nl += drug_nl
            self.air_nl += air_nl
        self.second_nl += second_nl
        self.out_nl, self.at_ms = out_nl, now_ms

    def spill(self, nl: float) -> None:
        """Book what was spilled at once."""
        self.spilled_nl += nl
        self.out_nl += nl

    def __copy__(self) -> Account:
        """Return an account that goes on apart, with a passage of its own."""
        other = Account(**vars(self))
        other.passage = self.passage.copy()
        return other
