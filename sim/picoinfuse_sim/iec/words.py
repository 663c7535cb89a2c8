"""The tests in words: tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from .curves import TEACHING, Trumpet
from .occlusion import DRAW_BACK_S, RELEASE_S, Row

NONE = "-"


def minutes(seconds: float | None) -> str:
    """Return a time in minutes with one decimal; "-" for None."""
    return NONE if seconds is None else f"{seconds / 60:.1f}"


def accuracy_lines(result: Trumpet, title: str, alarms: Iterable[str] = ()) -> list[str]:
    """Return an accuracy test as lines."""
    end_min = result.start_min + result.analysis_min
    startup = f"{minutes(result.startup_s)} min" if result.startup_s is not None else "never"
    lines = [
        f"Accuracy after IEC 60601-2-24 ({TEACHING})",
        f"  {title}",
        f"  mean error A    {result.mean_error:+.2f} %  (minutes {result.start_min:g} to {end_min:g})",
        f"  start-up        {startup}  (from then on every mean of 2 min is within 10 % of the set rate)",
        "  window (min)  " + "".join(f"{window:9d}" for window in result.windows_min),
        "  Ep(max) (%)   " + "".join(f"{error:+9.2f}" for error in result.ep_max),
        "  Ep(min) (%)   " + "".join(f"{error:+9.2f}" for error in result.ep_min),
    ]
    lines += [f"  note            {note}" for note in result.notes]
    lines += [f"  alarm           {name}" for name in alarms]
    return lines


def occlusion_head(title: str) -> list[str]:
    """Return the lines above the rows of an occlusion test."""
    return [
        f"Occlusion after IEC 60601-2-24 ({TEACHING})",
        f"  {title}",
        "",
        "threshold        rate  warning    alarm  pressure  drawn back   left  bolus, drawn back  bolus, not",
        "     mmHg        mL/h      min      min      mmHg          mL   mmHg                 mL          mL",
    ]


def occlusion_line(row: Row) -> str:
    """Return one row."""
    head = f"{row.threshold_mmhg:5d} {row.level if row.level.isalpha() else '':<7}{row.rate_ml_h:8g}"
    if row.pressure_mmhg is None:
        return f"{head}  {row.refused or row.note}"
    return (
        f"{head}{minutes(row.warning_s):>9}{minutes(row.to_alarm_s):>9}{row.pressure_mmhg:10.0f}"
        f"{row.drawn_back_ml:12.3f}{row.left_mmhg:7.0f}{row.bolus_ml:19.3f}{row.bolus_undrawn_ml:12.3f}"
    )


def occlusion_foot() -> list[str]:
    """Return what the columns mean."""
    wait_min, release_min = DRAW_BACK_S / 60, RELEASE_S / 60
    return [
        "",
        "warning, alarm: from the clamp to the early warning and to the alarm. pressure: in the line at the alarm.",
        f"left: in the line {wait_min:g} min later, when the clamp is opened.",
        f"bolus: what then leaves the cannula within {release_min:g} min.",
    ]
