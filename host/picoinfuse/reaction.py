"""What a nurse does about a reaction to an infusion: stop, keep the line open without drug, go on slower or never.

Teaching values, after what guides for infliximab and iron say in common (read in secondary sources; Rampton et al.,
Haematologica 2014;99:1671 is the guideline for iron): stop, saline to keep the vein open, look for at least 15 min, go
on at half the rate once everything is over, and never again after a severe one. To keep the line open *without drug*
is work for hands: the pump's own keep-vein-open gives of the same syringe.
"""

from __future__ import annotations

from dataclasses import dataclass

MILD, MODERATE, SEVERE = SEVERITIES = ("mild", "moderate", "severe")
# Signs of a simulated patient by which a nurse knows: how bad it is, 0 to 10, and which of SEVERITIES it is, from 1 on.
SYMPTOMS, GRADE = "symptoms_0_10", "grade"
FELT, GONE = 1.0, 0.5  # symptoms: from here on the patient calls, and below that they are over
SALINE_ML_H, SALINE_ML = 5.0, 20.0  # what keeps the vein open: the highest usual rate for that, and four hours of it


@dataclass(frozen=True)
class Answer:
    """What is done, in this order.

    wait_ms: so long at least the symptoms must be gone before one goes on. resume_part: at this part of the rate at
    which it came; None: the infusion is over. call: who is called meanwhile, in words.
    """

    wait_ms: int
    resume_part: float | None
    call: str

    def steps(self) -> tuple[str, ...]:
        """Return it in words."""
        last = (
            "stop the infusion for good: no drug of this syringe any more"
            if self.resume_part is None
            else f"go on at {self.resume_part:.0%} of the rate at which it came, and look again after "
            f"{_minutes(self.wait_ms)}"
        )
        return (
            "stop the pump",
            "put a line with saline and no drug to the cannula, and let it keep the vein open",
            self.call,
            f"look at the patient until everything is over, {_minutes(self.wait_ms)} at least",
            last,
        )


def _minutes(ms: int) -> str:
    return f"{ms // 60_000} min"


ANSWERS: dict[str, Answer] = {
    MILD: Answer(15 * 60_000, 0.5, "tell the prescriber"),
    MODERATE: Answer(30 * 60_000, 0.5, "call the prescriber, who orders what relieves it"),
    SEVERE: Answer(60 * 60_000, None, "call the emergency team"),
}
