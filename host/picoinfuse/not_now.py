"""What a pump does that a request does not fit to (`not_now`, `not_idle`), and what to do then: in words."""

from __future__ import annotations

from picoinfuse_firmware import states

from .status import Status, duration_words

REASONS = ("not_now", "not_idle")
STOPS = "stop it first: picoinfuse stop --port {port}"
DROPS = "drop it first: picoinfuse stop --port {port}"
LOOK = "Look at it: picoinfuse status --port {port}"
# What to do about a request that wants the pump at rest.
AT_REST = {
    states.SELFTEST: "wait until it is done, some seconds",
    states.STAGED: DROPS,
    states.READY: DROPS,
    states.PRIMING: STOPS,
    states.INFUSING: f"let it end, or {STOPS}",
    states.KVO: f"let it end, or {STOPS}",
    states.PAUSED: f"let it go on (picoinfuse resume --port {{port}}), or {STOPS}",
    states.ALARM: f"mend its cause, and {STOPS}",
    states.COMPLETE: DROPS,
}
WANTS_REST = ("load", "phase", "stage", "prime", "try_signal", "leave")
# Of a request that wants something to be there: what there is not.
MISSING = {
    "stop": "there is nothing to stop",
    "pause": "nothing moves that could be paused",
    "resume": "there is nothing to go on with",
    "start": "there is no confirmed program to start",
    "confirm": "there is no program to confirm",
    "rate": "nothing is infused whose rate could be changed",
    "bolus": "nothing is infused beside which a bolus could be given",
    "demand": "nothing is infused beside which a bolus could be given",
    "apply": "nothing is infused any more that could be changed",
    "refill": "a syringe is told while a program stands still",
}


def doing(status: Status) -> str:
    """Return what the pump does, e.g. "infusing: 0.41 of 40 mL given, 59 min 23 s left"."""
    given = f"{status.delivered_nl / 1e6:.3f} of {status.ordered_nl / 1e6:.3f} mL given"
    left = f", {duration_words(status.remaining_ms)} left" if status.remaining_ms > 0 else ""
    names = ", ".join(name.replace("_", " ") for name in status.alarm_names)
    return {
        states.SELFTEST: "testing itself",
        states.IDLE: "idle, no program is on it",
        states.STAGED: "at rest with a program that was loaded and not confirmed",
        states.READY: "at rest with a program that was confirmed and not started",
        states.PRIMING: f"priming: {status.prime_nl / 1e6:.3f} mL so far",
        states.INFUSING: f"infusing: {given}{left}",
        states.PAUSED: f"paused: {given}{left}",
        states.KVO: f"keeping the vein open: {given}{left}",
        states.ALARM: f"in alarm ({names or 'unknown'}): {given}",
        states.COMPLETE: f"done with its program: {given}",
    }.get(status.state, status.state)


def words(request: str, status: Status, port: str) -> str:
    """Return why `request` was refused in this state, and what to do; "" if that is not known here.

    port: as the person names it.
    """
    does = f"the pump at {port} is {doing(status)}"
    if request in WANTS_REST:
        advice = AT_REST.get(status.state, "").format(port=port)
        return f"{does}; {advice}" if advice else ""
    return f"{does}; {MISSING[request]}. {LOOK.format(port=port)}" if request in MISSING else ""
