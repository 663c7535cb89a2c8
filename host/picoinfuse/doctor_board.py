"""The doctor's checks of the board itself: versions, self-test, last reset, memory, wire, light and sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from statistics import median
from time import monotonic

from picoinfuse_firmware import alarms
from picoinfuse_firmware.board import SENSORS

from .doctor_person import FAILED, OK, SKIPPED, Item, Visit
from .errors import Refused
from .status import problem_words

SELF_TEST = {
    1: "CRC-32 comes out wrong",
    2: "the arithmetic of a dose comes out wrong",
    3: "the arithmetic of a flow comes out wrong",
    4: "a message comes out wrong",
    5: "the alarm table is damaged",
    6: "the configuration names a sensor that this firmware does not know",
}
FIRST_SENSOR = 10  # in the number that the alarm self_test carries; below it are the checks above
ROUND_TRIPS = 20
SLOW_MS = 500  # a pump answers within a poll or two of 100 ms
LEAST_FREE_BYTES = 30_000  # a program, a bolus and the messages of a busy minute need about half of it
TRIAL_S = 3.4  # how long a light is tried, and the poll that ends it
LIGHTS = {
    "light_low": (alarms.LOW, "the cyan light shine steadily, and did you hear two tones"),
    "light_medium": (alarms.MEDIUM, "the yellow light blink slowly, and did you hear three tones"),
    "light_high": (alarms.HIGH, "the red light blink quickly, and did you hear two groups of five tones"),
}


def versions(visit: Visit) -> Iterator[Item]:
    """Which versions are at the two ends; the host would not have come so far with another one."""
    its = visit.pump.hello()
    yield Item(
        "versions",
        OK,
        f"wire {its['version']}, messages {its['table']}, start {its['boot']}; this host {version('picoinfuse')}",
    )


def self_test(visit: Visit) -> Iterator[Item]:
    """What the pump found of itself at power-on."""
    problem = visit.pump.problem()
    if problem:
        yield Item("self_test", FAILED, problem_words(problem), "Do that, then run this again")
        return
    active = visit.pump.status().alarms
    if alarms.SELF_TEST not in active:
        yield Item("self_test", OK, "passed")
        return
    number = _alarm_value(visit, alarms.SELF_TEST)
    if number >= FIRST_SENSOR and number - FIRST_SENSOR < len(SENSORS):
        sensor = str(SENSORS[number - FIRST_SENSOR]).replace("_", " ")
        todo = "Look at its plug and wires; if it is not there, say so in the configuration (has_...)"
        if sensor == "keys":
            todo = "A key is held, or stuck, or its wires touch. Let go and switch the pump off and on"
        yield Item("self_test", FAILED, f"{sensor}: reads what cannot be true", todo)
        return
    found = SELF_TEST.get(number, f"check {number} failed")
    yield Item("self_test", FAILED, found, "Install the firmware again; if it comes back, do not use this board")


def _alarm_value(visit: Visit, code: int) -> int:
    """Return the number that an alarm came with, 0 if the pump has forgotten the event."""
    visit.pump.stream.restarted(0)
    name = alarms.BY_CODE[code].name
    values = [event.value for event in visit.pump.events() if event.kind == "alarm" and event.what == name]
    return values[-1] if values else 0


def reset(visit: Visit) -> Iterator[Item]:
    """Why it started last."""
    if visit.pump.about()["reset"]:
        yield Item(
            "reset",
            FAILED,
            "the watchdog restarted the pump: its firmware had hung",
            "Keep what it was doing then, switch it off and on; if it comes back, report it",
        )
    else:
        yield Item("reset", OK, "power came, or the board was restarted by a person")


def configuration(visit: Visit) -> Iterator[Item]:
    """What is declared, and when it was calibrated."""
    about = visit.pump.about()
    fitted = [name.replace("_", " ") for name in SENSORS if visit.has(name)]
    words = [f"fitted: {', '.join(fitted) or 'nothing, a bare board'}"]
    words += [f"{what} {_date(about[f'{what}_calibrated'])}" for what in ("volume", "force")]
    yield Item("configuration", OK, "; ".join(words))


def _date(number: int) -> str:
    if not number:
        return "never calibrated"
    return f"calibrated {number // 10000}-{number // 100 % 100:02d}-{number % 100:02d}"


def memory(visit: Visit) -> Iterator[Item]:
    """How much of the heap is free."""
    health = visit.pump.health()
    free = health["free_bytes"]
    if not free:
        yield Item("memory", SKIPPED, "this pump does not count it")
        return
    least = health["least_free_bytes"]
    found = f"{free // 1000} kB free, {least // 1000} kB at the least; a poll takes {health['poll_us_max']} us at most"
    if least < LEAST_FREE_BYTES:
        yield Item("memory", FAILED, found, f"Below {LEAST_FREE_BYTES // 1000} kB: switch the pump off and on")
    else:
        yield Item("memory", OK, found)


def wire(visit: Visit) -> Iterator[Item]:
    """How long a question and its answer take."""
    truth = visit.pump.port.truth
    clock: Callable[[], float] = monotonic if truth() is None else lambda: (truth() or {})["now_s"]
    times_ms = []
    for _ in range(ROUND_TRIPS):
        began_s = clock()
        visit.pump.status()
        times_ms.append((clock() - began_s) * 1000)
    found = f"{ROUND_TRIPS} round trips, {median(times_ms):.0f} ms in the middle, {max(times_ms):.0f} ms at most"
    if max(times_ms) > SLOW_MS:
        yield Item("wire", FAILED, found, f"Above {SLOW_MS} ms: try another cable, and no hub between")
    else:
        yield Item("wire", OK, found)


def lights(visit: Visit) -> Iterator[Item]:
    """Light and sound of each priority; the person has to say what was seen and heard."""
    for name, (priority, what) in LIGHTS.items():
        try:
            visit.pump.try_signal(priority)
        except Refused as refusal:
            yield Item(name, SKIPPED, f"not now: {refusal}")
            continue
        visit.let_pass(TRIAL_S)
        answer = visit.person.says(f"Did you see {what}?")
        if answer is None:
            yield Item(name, SKIPPED, "nobody said what was seen")
        elif answer:
            yield Item(name, OK, "seen and heard" if visit.person.looks else "played; nobody looked")
        else:
            yield Item(
                name,
                FAILED,
                "not seen or not heard",
                "Look at the wires of that light and of the piezo, and its resistor",
            )
