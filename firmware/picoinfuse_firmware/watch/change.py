"""Syringe change: the syringe is empty and the program plans another one; the account goes on in that."""

from ..alarms import SYRINGE_CHANGE

EARLY_PART = (
    50  # a plunger may reach the end so much of the capacity early: a barrel is drawn to 1 % [ISO 7886-2 is wider]
)


def look(left_nl, at_end, capacity_nl):
    """Return SYRINGE_CHANGE when a syringe that others are planned to follow is over, else 0.

    left_nl: in it by the account; at_end: the end switch is closed. A switch that closes long before the account is
    through is no planned change: something is wrong with the syringe or the drive.
    """
    if left_nl <= 0 or (at_end and left_nl * EARLY_PART <= capacity_nl):
        return SYRINGE_CHANGE
    return 0
