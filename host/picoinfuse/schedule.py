"""A schedule becomes phases when it is loaded: the pump has no calendar, only how long ago it was started."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from picoinfuse_firmware import limits
from picoinfuse_firmware import program as firmware

from .errors import BadInput
from .program import Context, Phase
from .status import duration_words
from .units import MS_PER_H

if TYPE_CHECKING:
    from .therapy_file import ScheduleTable

DAY_MS = 24 * MS_PER_H
MINUTE_MS = 60_000
NOW = "now"
PAUSE = "pause"
PLACE = "schedule"


def clock_ms(text: str, field: str) -> int | None:
    """Return a time of day as milliseconds since midnight; None for "now". Raises BadInput."""
    if text == NOW:
        return None
    match = re.fullmatch(r"(\d{1,2}):(\d\d)", text)
    if not match or not (int(match[1]) < 24 and int(match[2]) < 60):
        raise BadInput(f"{field} = {text!r}: is no time of day; write 00:00 to 23:59 in quotes, or now")
    return int(match[1]) * MS_PER_H + int(match[2]) * MINUTE_MS


def clock_words(at_ms: int) -> str:
    """Return milliseconds since midnight as a time of day."""
    return f"{at_ms // MS_PER_H:02d}:{at_ms // MINUTE_MS % 60:02d}"


def wait_ms(at_ms: int | None, now_ms: int) -> int:
    """Return how long after the time of day now_ms the next at_ms comes, in milliseconds; 0 for None."""
    return 0 if at_ms is None else (at_ms - now_ms) % DAY_MS


def waiting(phases: tuple[Phase, ...], for_ms: int) -> list[Phase]:
    """Return the phases with a pause of for_ms before them."""
    if for_ms == 0:
        return list(phases)
    return [Phase.gap_of(for_ms, place=PLACE), *_moved(list(phases), 1)]


def length_ms(phases: list[Phase]) -> int:
    """Return how long phases take, repeats counted; -1: until they are stopped."""
    return int(firmware.Program(0, 0, 0, 0, 0, 0, [phase.compiled for phase in phases]).duration_ms())


def scheduled(dose: list[Phase], table: ScheduleTable, context: Context) -> list[Phase]:
    """Return the phases of all doses and of the times between. Raises BadInput for a schedule at odds with itself."""
    its = replace(context, where=PLACE)
    dose_ms = length_ms(dose)
    every_ms, doses, on_ms = _check(table, dose_ms, its)
    gap = None
    if table.between != PAUSE:
        gap = its.rate(table.between, "between")
    if doses == 1:
        on = list(dose)
    else:
        between = Phase.gap_of(every_ms - dose_ms, gap, place=PLACE)
        if any(phase.kind == firmware.REPEAT for phase in dose) and doses > 1:
            dose = _unrolled(dose)
        on = [*dose, between]
        if doses > 2:
            on.append(Phase(firmware.Phase(firmware.REPEAT, to_nl=0, to_ms=doses - 1), (), None, PLACE))
        on += dose
    result = list(on)
    if table.cycles > 1:
        off_ms = on_ms + (table.days_off or 0) * DAY_MS - ((doses - 1) * every_ms + dose_ms)
        for _ in range(table.cycles - 1):
            result.append(Phase.gap_of(off_ms, place=PLACE))
            result += _moved(on, len(result))
    if len(result) > limits.MAX_PHASES:
        raise BadInput(
            f"[{PLACE}]: becomes {len(result)} phases; the pump holds {limits.MAX_PHASES}. Order fewer cycles at a "
            "time, or fewer phases in a dose"
        )
    return result


def _check(table: ScheduleTable, dose_ms: int, its: Context) -> tuple[int, int, int]:
    """Return (every_ms, doses in a cycle, days on in ms), 0 for what the table does not say."""
    every_ms = its.duration(table.every, "every") if table.every is not None else 0
    on_ms = (table.days_on or 0) * DAY_MS
    if dose_ms < 0:
        raise BadInput(
            f"[{PLACE}]: the last phase keeps the vein open without end; give it a duration, or use `between`"
        )
    if not every_ms:
        if table.times not in (None, 1):
            raise BadInput(
                f"{its.of('every')}: is missing; say how long after a dose the next of times = {table.times} is"
            )
        if table.between != PAUSE:
            raise BadInput(
                f"{its.of('between')} = {table.between!r}: there is one dose only; add every = '8 h' and times"
            )
    elif table.times is None and not on_ms:
        raise BadInput(f"{its.of('times')}: is missing; say how many doses, or how many days_on")
    doses = table.times or (max(1, on_ms // every_ms) if every_ms else 1)
    if doses > 1 and every_ms <= dose_ms:
        raise BadInput(
            f"{its.of('every')} = {table.every!r}: a dose alone takes {duration_words(dose_ms)}; write more than that"
        )
    whole_ms = (doses - 1) * every_ms + dose_ms
    if on_ms and whole_ms > on_ms:
        raise BadInput(
            f"{its.of('days_on')} = {table.days_on}: the doses of a cycle take {duration_words(whole_ms)}; write more "
            "days, or fewer times"
        )
    if table.days_off is not None and table.days_on is None:
        raise BadInput(f"{its.of('days_off')} = {table.days_off}: without days_on; say how many days have doses")
    if table.cycles > 1 and table.days_off is None:
        raise BadInput(f"{its.of('cycles')} = {table.cycles}: without days_on and days_off; say what a cycle is")
    return every_ms, doses, on_ms


def _moved(phases: list[Phase], by: int) -> list[Phase]:
    """Return the phases as they are behind `by` others: repeats go back to the same ones."""
    return [
        phase.going_back_to(phase.compiled.to_nl + by) if phase.kind == firmware.REPEAT else phase for phase in phases
    ]


def _unrolled(phases: list[Phase]) -> list[Phase]:
    """Return the phases with every repeat written out, since the pump has no repeat within a repeat."""
    result: list[Phase] = []
    begins: list[int] = []
    for phase in phases:
        begins.append(len(result))
        if phase.kind != firmware.REPEAT:
            result.append(phase)
            continue
        loop = result[begins[phase.compiled.to_nl] :]
        if len(result) + len(loop) * (phase.compiled.to_ms - 1) > limits.MAX_PHASES:
            raise BadInput(
                f"{phase.place} times = {phase.compiled.to_ms}: a dose of a schedule is written out, and this one has "
                f"more than the {limits.MAX_PHASES} phases of the pump; repeat less often, or leave the schedule away"
            )
        result += loop * (phase.compiled.to_ms - 1)
    return result


def words(table: ScheduleTable) -> str:
    """Return a schedule in words."""
    start = (
        "started at once" if table.at == NOW else f"first dose at {table.at} (the pump has no calendar: the host waits)"
    )
    parts = [start]
    if table.every is not None:
        many = f"{table.times} doses" if table.times else "doses"
        parts.append(f"{many}, one every {table.every}")
        parts.append(
            "between them nothing is given"
            if table.between == PAUSE
            else f"between them the vein is kept open at {table.between}"
        )
    if table.days_on is not None:
        off = f", then {table.days_off} without" if table.days_off is not None else ""
        parts.append(f"{table.days_on} days with doses{off}")
    if table.cycles > 1:
        parts.append(f"{table.cycles} cycles")
    elif table.days_off is not None:
        parts.append("one cycle: the next is a new order")
    return "; ".join(parts)
