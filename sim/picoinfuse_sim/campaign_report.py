"""What a campaign found, in numbers and in words: false alarms, missed faults, time and volume until each was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from statistics import median
from typing import Any

from .campaign import EXPECTED, Result, seen_faults


def report(seed: int, hours: float, results: Iterable[Result]) -> dict[str, Any]:
    """Return the figures of a campaign, ready for JSON.

    false_alarms: each with therapy, alarm, time, and the command that repeats it. faults: for each fault how often it
    was tried and caught, median and worst time until its alarm, and the volumes in mL that the patient got (below 0:
    did not get) against what the motor was told meanwhile, furthest from 0.
    """
    rows = sorted(results, key=lambda row: (row.number, row.fault))
    quiet = [row for row in rows if not row.fault]
    struck = [row for row in rows if row.fault]
    false_alarms = [
        {"only": row.number, "alarm": one.alarm, "at_s": round(one.at_s, 1), "therapy": row.words,
         "repeat": repeat(seed, row.number, hours)}
        for row in quiet for one in row.heard if one.alarm not in EXPECTED
    ]  # fmt: skip
    missed = [
        {"only": row.number, "fault": row.fault, "struck_s": round(row.struck_s, 1), "state": row.state,
         "heard": [one.alarm for one in row.heard], "therapy": row.words, "repeat": repeat(seed, row.number, hours)}
        for row in struck if not row.caught_by
    ]  # fmt: skip
    days = sum(row.hours for row in quiet) / 24
    return {
        "seed": seed,
        "therapies": len(quiet),
        "hours": hours,
        "days": round(days, 2),
        "alarms_expected": sum(one.alarm in EXPECTED for row in quiet for one in row.heard),
        "false_alarms": false_alarms,
        "false_alarms_per_therapy": round(len(false_alarms) / len(quiet), 4) if quiet else None,
        "false_alarms_per_day": round(len(false_alarms) / days, 4) if days else None,
        "faults_tried": len(struck),
        "faults_caught": len(struck) - len(missed),
        "faults_missed": missed,
        "faults": [_of_fault(name, [row for row in struck if row.fault == name]) for name in seen_faults()],
        "results": [asdict(row) for row in rows],
    }


def repeat(seed: int, number: int, hours: float) -> str:
    """Return the command that runs one therapy of a campaign again."""
    return f"picoinfuse campaign --seed {seed} --only {number}" + (f" --hours {hours:g}" if hours != 24 else "")


def _of_fault(name: str, rows: list[Result]) -> dict[str, Any]:
    caught = [row for row in rows if row.caught_by]
    times = [row.after_s for row in caught]
    volumes = sorted((row.unintended_ml for row in caught), key=abs)
    return {
        "fault": name,
        "tried": len(rows),
        "caught": len(caught),
        "alarms": sorted({row.caught_by for row in caught}),
        "median_s": round(median(times), 1) if times else None,
        "worst_s": round(max(times), 1) if times else None,
        "unintended_ml": round(volumes[-1], 4) if volumes else None,
    }


def words(found: dict[str, Any]) -> list[str]:
    """Return a report in words: the table of faults, every false alarm and missed fault, and both rates."""
    lines = []
    if found["faults_tried"]:
        lines.append(f"{'fault':<20} {'caught':>9}  {'median':>9}  {'worst':>9}  {'mis-delivered':>13}  seen as")
    for row in found["faults"]:
        if not row["tried"]:
            continue
        share = f"{row['caught']} of {row['tried']}"
        times = [_time(row[key]) for key in ("median_s", "worst_s")]
        volume = "" if row["unintended_ml"] is None else f"{row['unintended_ml']:+.4f} mL"
        seen = ", ".join(row["alarms"])
        lines.append(f"{row['fault']:<20} {share:>9}  {times[0]:>9}  {times[1]:>9}  {volume:>13}  {seen}".rstrip())
    for row in found["false_alarms"]:
        lines.append(f"FALSE ALARM  {row['alarm']} at {_time(row['at_s'])}: {row['therapy']}; again: {row['repeat']}")
    for row in found["faults_missed"]:
        heard = ", ".join(row["heard"]) or "nothing"
        lines.append(
            f"MISSED       {row['fault']} at {_time(row['struck_s'])}, heard {heard}: {row['therapy']}; "
            f"again: {row['repeat']}"
        )
    lines.append(
        f"false alarms  {len(found['false_alarms'])} in {found['therapies']} therapies, "
        f"{found['days']} days: {found['false_alarms_per_therapy']} per therapy, "
        f"{found['false_alarms_per_day']} per day ({found['alarms_expected']} expected ones: {', '.join(EXPECTED)})"
    )
    if found["faults_tried"]:
        untried = [row["fault"] for row in found["faults"] if not row["tried"]]
        kinds = len(found["faults"]) - len(untried)
        lines.append(
            f"faults        {found['faults_caught']} of {found['faults_tried']} caught, "
            f"{kinds} kinds" + (f"; not tried: {', '.join(untried)}" if untried and kinds > len(untried) else "")
        )
    return lines


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.2f} h"
