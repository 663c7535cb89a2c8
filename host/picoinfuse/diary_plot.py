"""The picture of a diary: doses as ordered and as given, what the pump did meanwhile, and alarms until their answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from textwrap import fill
from typing import Any

from picoinfuse_firmware import alarms as table
from picoinfuse_firmware import states

from . import diary as statuses
from .diary import Diary, Given
from .diary_course import OFF, PATIENT, PERSON, PROGRAM, Course
from .errors import BadInput
from .log import Entry
from .plot import BLUE, GREEN, GREY, ORANGE, PRIORITY_COLOURS, PURPLE, RED, _figure, _save

SIZE_IN = (10.0, 6.6)
STATES = {
    states.INFUSING: ("infusing", GREEN),
    states.KVO: ("keeping the vein open", PURPLE),
    states.PAUSED: ("paused", ORANGE),
    states.ALARM: ("alarm", RED),
    OFF: ("no power", "#000000"),
}
VAGUE = ("on, then no power", GREY)  # since when, nobody knows
GIVEN = {statuses.GIVEN: GREEN, statuses.RUNNING: BLUE, statuses.PARTLY: RED}  # all others: late, or perhaps
MARKS = {PROGRAM: ("v", BLUE, "bolus of the program"), PERSON: ("^", BLUE, "bolus of a person"),
         PATIENT: ("^", PURPLE, "patient's bolus")}  # fmt: skip
UNDER_LETTERS, UNDER_PAD = 120, 22  # of what was ordered, in a line; and its distance from the panel: above the legend
LEAST_WIDTH = 0.004  # of a bar, in parts of the axis: a short dose is seen too
HOUR_MS = 3_600_000
_PRIORITY = {row.name: row.priority for row in table.TABLE}


class _Axis:
    """Where an entry stands on the time axis: by the calendar if all have dates, else in the pump's own hours."""

    def __init__(self, diary: Diary) -> None:
        self._source = diary.source
        entries = self._source.entries
        self.dated = all(self._source.when(entry).middle_ms is not None for entry in entries)
        self.starts = len(self._source.dates.starts)
        self._before_ms = [0]
        for start in self._source.dates.starts:
            self._before_ms.append(self._before_ms[-1] + start.longest_ms - start.began_ms)
        self.first, self.last = self.of(entries[0]), max(self.of(entry) for entry in entries)

    def of(self, entry: Entry, later_ms: float = 0.0) -> float:
        """Return the place of an entry, or of so much later: days of the calendar, or hours."""
        middle_ms = self._source.when(entry).middle_ms
        if self.dated and middle_ms is not None:
            # Days since 1970 in the computer's own time zone, which is what matplotlib's dates are.
            moment = datetime.fromtimestamp((middle_ms + later_ms) / 1000, UTC).astimezone()
            return (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / 86_400
        start = self._source.start_of(entry)
        began_ms = self._source.dates.starts[start].began_ms
        return (self._before_ms[start] + entry.at_ms - began_ms + later_ms) / HOUR_MS


def plot(diary: Diary, path: Path) -> None:
    """Draw a diary into a picture file. Raises BadInput if there is nothing to draw, or it cannot be written."""
    if not diary.source.entries:
        raise BadInput(f"picture = {str(path)!r}: there are no entries, so there is nothing to draw")
    axis = _Axis(diary)
    names = [course.ordered.title or course.ordered.name for course in diary.courses if course.ordered is not None]
    under = "; ".join(dict.fromkeys(names)) or "no program whose doses are known here"
    kinds = list(dict.fromkeys(alarm.name for alarm in diary.alarms))
    panels = (2.2, 0.7, max(0.8, 0.3 * len(kinds)))
    figure, (doses, states_panel, alarms) = _figure(panels, SIZE_IN, f"Diary of {diary.source.name}", "")
    doses.set_title(fill(under, UNDER_LETTERS), fontsize=9.5, color=GREY, loc="left", pad=UNDER_PAD)
    _doses(doses, diary, axis)
    _states(states_panel, diary, axis)
    _alarms(alarms, diary, axis, kinds)
    span = max(axis.last - axis.first, 1e-6)
    doses.set_xlim(axis.first - 0.02 * span, axis.last + 0.04 * span)
    if axis.dated:
        from matplotlib import dates

        locator: Any = dates.AutoDateLocator()  # type: ignore[no-untyped-call]
        alarms.xaxis.set_major_locator(locator)
        alarms.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
    else:
        power = "; how long it had no power is not known" if axis.starts > 1 else ""
        alarms.set_xlabel(f"the pump's own time, since it was switched on (h){power}")
    _save(figure, path)


def _labelled(panel: Any) -> Callable[[str], str | None]:
    """Return a function that gives each label once, for the legend."""
    seen: set[str] = set()

    def label(text: str) -> str | None:
        if text in seen:
            return None
        seen.add(text)
        return text

    return label


def _doses(panel: Any, diary: Diary, axis: _Axis) -> None:
    label = _labelled(panel)
    least = LEAST_WIDTH * max(axis.last - axis.first, 1e-6)
    highest = 0.001
    for course, doses in zip(diary.courses, diary.doses, strict=True):
        for dose in doses:
            highest = max(highest, dose.ordered_nl / 1e6)
            left = axis.of(course.started, dose.due_ms)
            width = max(least, axis.of(course.started, dose.due_ms + _length_ms(course, dose)) - left)
            panel.bar(left, dose.ordered_nl / 1e6, width=width, align="edge", facecolor="none", edgecolor=BLUE,
                      linestyle="--", linewidth=1.3, label=label("ordered"))  # fmt: skip
            if dose.began is None:
                panel.annotate(dose.status, (left, 0.02 * highest), rotation=90, fontsize=8, color=RED,
                               ha="left", va="bottom")  # fmt: skip
                continue
            left = axis.of(dose.began)
            ended = dose.ended or course.ended  # a course that was stopped ends a dose that is not whole
            right = axis.of(ended) if ended is not None else max(axis.last, left)
            name = dose.status if dose.status in GIVEN else statuses.LATE
            panel.bar(left, dose.given_nl / 1e6, width=max(least, right - left), align="edge", alpha=0.75,
                      color=GIVEN.get(dose.status, ORANGE), linewidth=0, label=label(name))  # fmt: skip
        for bolus in course.boluses:
            mark, colour, name = MARKS[bolus.who]
            panel.plot(axis.of(bolus.at), 1.08 * highest, mark, color=colour, markersize=6, label=label(name))
        for refusal in course.refusals:
            panel.plot(axis.of(refusal.at), 1.08 * highest, "x", color=RED, markersize=6, label=label("refused"))
    panel.set_ylabel("dose (mL)")
    panel.set_ylim(0, 1.2 * highest)
    if panel.get_legend_handles_labels()[0]:
        panel.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=6, fontsize=8.5, frameon=False,
                     borderaxespad=0.1)  # fmt: skip


def _length_ms(course: Course, dose: Given) -> float:
    """Return how long a dose takes by the order."""
    from .diary_plan import doses_of

    return 0.0 if course.walk is None else doses_of(course.walk.pieces)[dose.number - 1].length_ms


def _states(panel: Any, diary: Diary, axis: _Axis) -> None:
    label = _labelled(panel)
    for course in diary.courses:
        for stretch, following in zip(course.stretches, [*course.stretches[1:], None], strict=True):
            left = axis.of(stretch.since)
            ends = stretch.to or (following.since if following is not None else course.ended)
            right = axis.of(ends) if ends is not None else axis.last
            name, colour = VAGUE if stretch.vague else STATES.get(stretch.state, (stretch.state, GREY))
            panel.broken_barh([(left, max(0.0, right - left))], (0, 1), color=colour, label=label(name))
    panel.set_yticks([])
    panel.set_ylabel("pump")
    panel.grid(False)
    if panel.get_legend_handles_labels()[0]:
        panel.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=6, fontsize=8.5, frameon=False,
                     borderaxespad=0.1)  # fmt: skip


def _alarms(panel: Any, diary: Diary, axis: _Axis, kinds: list[str]) -> None:
    label = _labelled(panel)
    for alarm in diary.alarms:
        row = kinds.index(alarm.name)
        colour = PRIORITY_COLOURS[_PRIORITY[alarm.name]]
        came = axis.of(alarm.came)
        over = axis.of(alarm.over) if alarm.over is not None else came if alarm.lost else axis.last
        panel.plot(
            [came, over], [row, row], color=colour, linewidth=1.2, linestyle=":", label=label("until it is over")
        )
        if alarm.answered is not None:
            panel.plot([came, axis.of(alarm.answered)], [row, row], color=colour, linewidth=4, alpha=0.6,
                       label=label("until it is answered"))  # fmt: skip
        panel.plot(came, row, "o", color=colour, markersize=6)
    panel.set_yticks(range(len(kinds)), [name.replace("_", " ") for name in kinds])
    panel.set_ylim(-0.6, max(0, len(kinds) - 1) + 0.6)
    panel.set_ylabel("alarms")
    if panel.get_legend_handles_labels()[0]:
        panel.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, fontsize=8.5, frameon=False,
                     borderaxespad=0.1)  # fmt: skip
