"""The doctor's checks of each sensor: absent, silent, stuck, or alive under a person's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import mean

from picoinfuse_firmware import alarms, board

from .doctor_person import ABSENT, FAILED, OK, Item, Visit
from .syringes import find

FORCE_READINGS = 15
PUSH_MN = 2000  # less than a child's finger; far above the tremble of a load cell
LET_GO_MN = 1000
REST_MN = 40_000  # of a syringe that is fitted: twice the friction of the stiffest one
STAYS_MC = (5_000, 60_000)  # what the pump itself takes for normal inside
BATTERY_MV = (1_000, 60_000)
GAUGE_UM = 300  # a barrel is known by its gauge to so much
KEYS = {"start": board.KEY_START, "bolus": board.KEY_BOLUS, "mute": board.KEY_MUTE}

Look = Callable[[dict[str, int]], bool]


def _unusable(visit: Visit, sensor: str, parts: str) -> Item | None:
    """Return what is said of a sensor that is not there, or that the pump hears nothing of."""
    if not visit.has(sensor):
        return Item(sensor, ABSENT, "not fitted, so the configuration says: not tested, its alarms not armed")
    if visit.is_silent(sensor):
        return Item(sensor, FAILED, "it is declared, and nothing comes from it", f"Look at {parts}")
    return None


def force(visit: Visit) -> Iterator[Item]:
    """The load cell: it trembles by itself, rises under a push and comes back."""
    parts = "the four wires of the load cell, and supply, DATA and CLOCK of its HX711"
    no = _unusable(visit, board.FORCE, parts)
    if no:
        yield no
        return
    rest = []
    for _ in range(FORCE_READINGS):
        rest.append(visit.pump.senses()["force_mn"])
        visit.let_pass(0.2)
    rest_mn = mean(rest)
    trembles = max(rest) - min(rest)
    if abs(rest_mn) > REST_MN:
        found = f"reads {rest_mn / 1000:.1f} N, and nothing presses on it but a syringe"
        yield Item("force", FAILED, found, f"Take its zero anew (picoinfuse calibrate force), or look at {parts}")
        return
    visit.hands("push", "Push on the load cell where the plunger would press, and hold")
    pushed = visit.until(lambda now: abs(now["force_mn"] - rest_mn) >= PUSH_MN)
    if pushed is None:
        visit.hands("let_go", "Let go")
        stuck = "and it does not tremble either: it is stuck" if not trembles else f"it trembles by {trembles} mN"
        yield Item(
            "force",
            FAILED,
            f"reads {rest_mn / 1000:.2f} N, and a push changes nothing; {stuck}",
            f"Is the cell free to bend, is the pusher on it? Then look at {parts}",
        )
        return
    rise_mn = pushed["force_mn"] - rest_mn
    visit.hands("let_go", "Let go")
    if visit.until(lambda now: abs(now["force_mn"] - rest_mn) <= LET_GO_MN) is None:
        yield Item(
            "force", FAILED, "it does not come back after a push", "Something holds the cell, or it is overloaded"
        )
    elif rise_mn < 0:
        yield Item(
            "force",
            FAILED,
            f"a push makes it read less ({rise_mn / 1000:.1f} N)",
            "The cell is the other way round: swap its signal wires (white, green), and calibrate it",
        )
    else:
        found = f"{rest_mn / 1000:.2f} N at rest, {rise_mn / 1000:+.1f} N under a push, trembles by {trembles} mN"
        yield Item("force", OK, found)


def keys(visit: Visit) -> Iterator[Item]:
    """Each key, pressed and let go."""
    no = _unusable(visit, board.KEYS, "the wires of the keys")
    if no:
        yield no
        return
    down = visit.pump.senses()["keys"]
    for name, bit in KEYS.items():
        its = f"key_{name}"
        if down & bit:
            yield Item(its, FAILED, "it is down, and nobody presses it", "It sticks, or its wire touches ground")
            continue
        visit.hands(f"press_{name}", f"Press the {name} key, and hold it for a second")
        pressed = visit.until(lambda now, bit=bit: bool(now["keys"] & bit))  # type: ignore[misc]
        visit.hands(f"let_go_{name}", "Let go")
        if pressed is None:
            yield Item(its, FAILED, "it was not seen", "Is it wired to its pin, and to ground on the other side?")
        elif pressed["keys"] & ~bit & ~down:
            yield Item(its, FAILED, "another key goes down with it", "The wires of two keys touch each other")
        elif visit.until(lambda now, bit=bit: not now["keys"] & bit) is None:  # type: ignore[misc]
            yield Item(its, FAILED, "it does not come up again", "It sticks: clean it, or fit another")
        else:
            yield Item(its, OK, "goes down and comes up")


def _toggles(
    visit: Visit, sensor: str, is_on: Look, do: tuple[str, str], undo: tuple[str, str], wrong: str
) -> Iterator[Item]:
    """One switch: well before, seen when it is moved, well again. wrong: what it says before anybody touches it."""
    no = _unusable(visit, sensor, "its two wires")
    if no:
        yield no
        return
    if is_on(visit.pump.senses()) and visit.until(lambda now: not is_on(now), 2) is None:
        yield Item(
            sensor, FAILED, wrong, "If that is not so: a wire is off (a broken wire alarms), or it is mounted wrongly"
        )
        return
    visit.hands(*do)
    seen = visit.until(is_on)
    visit.hands(*undo)
    if seen is None:
        yield Item(sensor, FAILED, "it was not seen to change", "It sticks, or its two wires touch each other")
    elif visit.until(lambda now: not is_on(now)) is None:
        yield Item(sensor, FAILED, "it does not go back", "It sticks, or is mounted too far away")
    else:
        yield Item(sensor, OK, "changes and goes back")


def _bit(bit: int) -> Look:
    return lambda now: bool(now["switches"] & bit)


def end_switch(visit: Visit) -> Iterator[Item]:
    """The switch at the end of the plunger's way."""
    return _toggles(
        visit,
        board.END_SWITCH,
        lambda now: bool(now["at_end"]),
        ("press_end", "Press the end switch by hand, and hold it"),
        ("let_go_end", "Let go"),
        "it says that the plunger is at the end of its barrel",
    )


def syringe_switch(visit: Visit) -> Iterator[Item]:
    """The switch that feels the syringe in its clamp."""
    return _toggles(
        visit,
        board.SYRINGE_SWITCH,
        _bit(board.SYRINGE_OUT),
        ("take_syringe", "Take the syringe out of its clamp"),
        ("put_syringe", "Put it back"),
        "it says that there is no syringe: put one in",
    )


def cover_switch(visit: Visit) -> Iterator[Item]:
    """The switch of the cover."""
    return _toggles(
        visit,
        board.COVER_SWITCH,
        _bit(board.COVER_OPEN),
        ("open_cover", "Open the cover"),
        ("close_cover", "Close it"),
        "it says that the cover is open: close it",
    )


def air_detector(visit: Visit) -> Iterator[Item]:
    """The bubble detector."""
    return _toggles(
        visit,
        board.AIR_DETECTOR,
        _bit(board.AIR_SEEN),
        ("show_air", "Take the tube out of the bubble detector"),
        ("clear_air", "Put the filled tube back"),
        "it sees air: put a filled tube in",
    )


def mains_sense(visit: Visit) -> Iterator[Item]:
    """The sense of the mains. Without a battery the pump would go dark, so nobody is asked to pull the plug."""
    if visit.has(board.MAINS_SENSE) and not visit.has(board.BATTERY):
        gone = visit.pump.senses()["switches"] & board.MAINS_GONE
        if gone:
            yield Item("mains_sense", FAILED, "it says that the mains is gone", "Look at its wire to the supply")
        else:
            yield Item("mains_sense", OK, "the mains is there (not pulled: there is no battery)")
        return
    yield from _toggles(
        visit,
        board.MAINS_SENSE,
        _bit(board.MAINS_GONE),
        ("pull_mains", "Pull the mains plug; the battery goes on"),
        ("plug_mains", "Put it in again"),
        "it says that the mains is gone: put the plug in",
    )


def battery(visit: Visit) -> Iterator[Item]:
    """The battery's voltage; a person with a meter can say whether it is true."""
    no = _unusable(visit, board.BATTERY, "the divider between battery and ADC")
    if no:
        yield no
        return
    read_mv = visit.pump.senses()["battery_mv"]
    found = f"{read_mv / 1000:.2f} V"
    active = set(visit.pump.status().alarms) & {alarms.BATTERY_LOW, alarms.BATTERY_DEPLETED}
    if not BATTERY_MV[0] <= read_mv <= BATTERY_MV[1]:
        yield Item("battery", FAILED, found, "Is it plugged in? Look at its fuse and at the divider")
    elif active:
        yield Item("battery", FAILED, f"{found}: low", "Charge it; if it stays low, it is worn out")
    elif (
        visit.person.looks and visit.person.says(f"The pump reads {found}. Does a meter at the battery agree?") is False
    ):
        yield Item("battery", FAILED, f"{found}, and a meter says otherwise", "Set battery_divider_milli anew")
    else:
        yield Item("battery", OK, found)


def thermometer(visit: Visit) -> Iterator[Item]:
    """The temperature inside."""
    no = _unusable(visit, board.THERMOMETER, "nothing: it is inside the chip")
    if no:
        yield no
        return
    read_mc = visit.pump.senses()["temperature_mc"]
    found = f"{read_mc / 1000:.1f} degC inside"
    if STAYS_MC[0] <= read_mc <= STAYS_MC[1]:
        yield Item("thermometer", OK, found)
    else:
        limits = f"{STAYS_MC[0] // 1000} to {STAYS_MC[1] // 1000} degC"
        yield Item("thermometer", FAILED, found, f"Outside of {limits}: bring the pump to room temperature")


def barrel_gauge(visit: Visit) -> Iterator[Item]:
    """The gauge of the barrel, with the syringe that is said to be in."""
    no = _unusable(visit, board.BARREL_GAUGE, "its wires")
    if no:
        yield no
        return
    read_um, kind = visit.pump.senses()["barrel_um"], find(visit.syringe)
    found = f"{read_um / 1000:.1f} mm; {visit.syringe} has {kind.barrel_um / 1000:.1f} mm"
    if abs(read_um - kind.barrel_um) <= GAUGE_UM:
        yield Item("barrel_gauge", OK, found)
    else:
        yield Item(
            "barrel_gauge", FAILED, found, "Is that syringe in? Say which one with --syringe, or adjust the gauge"
        )
