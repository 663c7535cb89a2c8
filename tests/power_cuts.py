"""What the tests of a power cut in the middle of a program share."""

from boards import order, rate, step_of
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.narrow import uncertain_steps

STEP = step_of(60)
UNCERTAIN_NL = 2 * STEP.nl_of(uncertain_steps(Config())) + 2
ORDER = order(rate(100, 2))


def recovered(rig, **options):
    """The pump after a power cut, acknowledged: it waits, paused."""
    after = rig.after_power_cut(**options)
    after.ok("acknowledge")
    assert (after.state, after.alarms) == ("paused", [])
    return after


def notes(rig):
    return {event["what"]: event["value"] for event in rig.seen("note")}
