"""What the pump does first when power has come: it says so, tries light and sound, tests itself, and remembers."""

from . import alarms, selftest, states
from .watch import boot

PRESSURE_LEFT = "pressure_left"  # a note: power was lost while an occlusion was drawn back


def first_look(pump):
    """Light and sound are tried for as long as it takes until the next look around."""
    pump.event("boot", "pump", pump.journal.boot)
    pump.alarms.shown = (alarms.HIGH, True)
    pump.board.signal(alarms.HIGH, True)
    if pump.requests.gate is not None:
        pump.requests.gate.begin()  # whatever the self-test finds: no fault makes a guess cheaper
    failed = selftest.failed(pump.board)
    if failed == selftest.BOARD_PROBLEM:
        pump.event("note", pump.board.problem, failed)
    if boot.self_test(failed):
        pump.alarm(alarms.SELF_TEST, failed)
        return
    pump.go(states.TESTED)
    if boot.watchdog(pump.board.reset_cause()):
        pump.alarm(alarms.WATCHDOG, 0)
    if pump.journal.pressing:
        pump.event("note", PRESSURE_LEFT, 0)
    if boot.power_lost(pump.journal.lost):
        from . import recovery  # it brings the check of a whole program with it

        recovery.look(pump)
