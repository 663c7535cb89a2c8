"""When power comes: SELF_TEST, WATCHDOG, POWER_LOST."""

from ..alarms import POWER_LOST, SELF_TEST, WATCHDOG
from ..board import RESET_WATCHDOG


def self_test(failed):
    """Return SELF_TEST if a check failed (the number of `selftest.failed`), else 0."""
    return SELF_TEST if failed else 0


def watchdog(reset_cause):
    """Return WATCHDOG if the watchdog started the board again (`Board.reset_cause`), else 0."""
    return WATCHDOG if reset_cause == RESET_WATCHDOG else 0


def power_lost(lost):
    """Return POWER_LOST if the journal says that a program was under way, else 0."""
    return POWER_LOST if lost else 0
