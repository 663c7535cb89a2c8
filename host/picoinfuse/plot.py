"""Pictures: of a record (rate, patient, volume, pressure, alarms) and of a therapy (rate, dose, battery)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import alarms

from . import courses, plot_patient
from .errors import BadInput
from .status import duration_words

if TYPE_CHECKING:
    from .record import Record
    from .therapy import Therapy

# Okabe and Ito's palette: told apart with every common kind of colour blindness, and in grey by line style.
BLUE, ORANGE, GREEN, RED, PURPLE, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#666666"
PRIORITY_COLOURS = {alarms.HIGH: RED, alarms.MEDIUM: ORANGE, alarms.LOW: PURPLE}
SIZE_IN = (10.0, 7.6)  # of a record: three panels
SMALL_IN = (10.0, 6.8)  # of a therapy: two, and a low one
DPI = 110
TITLE_LETTERS = 92  # of a title in a line
FOOTER = "PicoInfuse: for teaching only, not for treating anyone"
MIN_RATE_WINDOW_S = 15.0  # the delivered rate is a mean; a window needs some motor steps to mean something
SHORTEST_RATE_S = 5.0  # between two jumps of the ordered rate; less goes with the mean before
LANE, MAX_LANES = 0.11, 4  # of alarm names above the rate: height in parts of the panel, most rows
LETTER = 0.0078  # width of a letter of them, in parts of the panel; the font's widest words take less
WINDOWS = 60  # of that mean in a whole run
_BY_NAME = {row.name: row for row in alarms.TABLE}


def _figure(panels: Sequence[float], size: tuple[float, float], title: str, under: str) -> tuple[Any, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(panels), 1, sharex=True, height_ratios=list(panels), squeeze=False)[:, 0]
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    axes[0].set_title(under, fontsize=9.5, color=GREY, loc="left")
    figure.supxlabel(FOOTER, fontsize=8, color=GREY, x=0.99, ha="right")
    for axis in axes:
        axis.grid(True, color="#dddddd", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=9)
    return figure, list(axes)


def _save(figure: Any, path: Path) -> None:
    figure.align_ylabels()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None} if path.suffix.lower() == ".png" else None)
    except (OSError, ValueError) as error:
        raise BadInput(f"picture = {str(path)!r}: cannot be written: {error}") from error


def _time_unit(seconds: float) -> tuple[str, float]:
    """Return the unit of a time axis and its seconds."""
    if seconds < 180:
        return "s", 1.0
    if seconds > 4 * 86_400:
        return "days", 86_400.0
    return ("min", 60.0) if seconds <= 3 * 3600 else ("h", 3600.0)


def _legend(axis: Any, columns: int) -> None:
    """Put the legend above the axes at the right: it never covers a line."""
    axis.legend(
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, fontsize=8.5, frameon=False, borderaxespad=0.1,
        handlelength=1.8, columnspacing=1.4,
    )  # fmt: skip


def _mean_rate(
    times: list[float], volumes: list[float], ordered: list[float], window_s: float
) -> tuple[list[float], list[float]]:
    """Return times and mean rates in mL/h, from cumulative volumes in mL.

    The windows are `window_s` seconds long; one ends earlier where the ordered rate jumps: no mean spans a jump. So a
    bolus of a minute is seen in a picture of a day, whose windows are longer.
    """
    jump = 0.1 * max(ordered)
    at: list[float] = []
    rates: list[float] = []
    first = 0
    for i in range(1, len(times)):
        length = times[i] - times[first]
        jumps = abs(ordered[i] - ordered[i - 1]) > jump
        if length < window_s - 1e-6 and not jumps and i < len(times) - 1:
            continue
        if length < min(window_s / 4, SHORTEST_RATE_S) and rates:
            at[-1] = times[i]  # too short for a mean of its own: a few motor steps
        elif length > 0:
            at += [times[first], times[i]]
            rates += [(volumes[i] - volumes[first]) / length * 3600] * 2
        first = i
    return at, rates


def plot_record(record: Record, path: Path) -> None:
    """Draw a record: rate ordered and delivered, volume, line pressure with its threshold, alarms.

    The signs of a simulated patient stand under the rate.

    Raises BadInput if there is nothing to draw, or the file cannot be written.
    """
    rows = record.telemetry
    if not rows:
        raise BadInput(f"record = {str(record.path)!r}: holds no telemetry, there is nothing to draw")
    seconds = [(row.at_ms - record.started_ms) / 1000 for row in rows]
    unit, size = _time_unit(seconds[-1])
    times = [s / size for s in seconds]
    its, program = record.meta["result"], record.meta["program"]
    under = f"{program['syringe']}, {its['outcome']} after {duration_words(round(its['duration_s'] * 1000))}, "
    under += f"{its['delivered_ml']:.4f} of {its.get('ordered_ml', its['programmed_ml']):.6g} mL"
    bodies = plot_patient.units(record)
    figure, axes = _figure(
        (1.15, *[1.0] * len(bodies), 1, 1.15),
        (SIZE_IN[0], SIZE_IN[1] + plot_patient.HEIGHT_IN * len(bodies)),
        record.meta["title"] or its["therapy"],
        "",
    )
    flow, *patient, volume, pressure = axes

    given, dose = courses.volumes_ml(record)
    ordered_rate = [row.rate_nl_h / 1e6 for row in rows]
    mean_at, mean = _mean_rate(seconds, given, ordered_rate, max(MIN_RATE_WINDOW_S, seconds[-1] / WINDOWS))
    flow.plot([s / size for s in mean_at], mean, color=ORANGE, linewidth=2.6, label="delivered (mean)")
    flow.step(times, ordered_rate, where="post", color=BLUE, linewidth=1.4, linestyle="--", label="ordered")
    flow.set_ylabel("rate (mL/h)")

    in_all = [row.ordered_nl / 1e6 for row in rows]
    if courses.KEY in record.meta:
        in_all = [its["programmed_ml"]] * len(rows)  # of each program the pump only knows its part
        for axis in axes:
            for began_s, ended_s in courses.spans_s(record):
                axis.axvspan(began_s / size, ended_s / size, color=GREY, alpha=0.12, linewidth=0, zorder=0)
        flow.plot([], [], color=GREY, alpha=0.3, linewidth=7, label="saline, no drug")
    volume.plot(times, dose, color=GREEN, linewidth=2.2, label="delivered")
    volume.step(times, in_all, where="post", color=BLUE, linewidth=1.4, linestyle="--",
                label="ordered in all")  # fmt: skip
    if rows[-1].kvo_nl:
        volume.plot(times, [row.kvo_nl / 1e6 for row in rows], color=PURPLE, linestyle=":", label="keep-vein-open")
    volume.set_ylabel("volume (mL)")
    volume.set_ylim(0, 1.12 * max([0.001, *in_all, *dose]))

    measured = [row.pressure_mmhg for row in rows]
    limits = [row.limit_mmhg for row in rows]
    pressure.plot(times, measured, color=PURPLE, linewidth=1.2, label="line pressure (from plunger force)")
    pressure.step(times, limits, where="post", color=RED, linewidth=1.4, linestyle="-.", label="occlusion threshold")
    for number, (began, ended) in enumerate(_spans(record, "pressure_rising", seconds[-1])):
        pressure.axvspan(began / size, ended / size, color=PURPLE, alpha=0.13, linewidth=0,
                         label=None if number else "early warning: it rises")  # fmt: skip
    pressure.set_ylabel("pressure (mmHg)")
    pressure.set_xlabel(f"time since start ({unit})")
    pressure.set_ylim(min(0, *measured) - 5, 1.15 * max([50, *limits, *measured]))

    flow.set_xlim(min(0.0, times[0]), max(times[-1], 1e-9) * 1.02)
    lanes = _mark_alarms(record, axes, size)
    flow.set_ylim(0, max([0.1, *ordered_rate, *mean]) / (0.94 - LANE * max(1, lanes)))
    for axis, columns in ((flow, 3), (volume, 3), (pressure, 3)):
        _legend(axis, columns)
    if patient:
        for axis, columns in zip(patient, plot_patient.draw(record, patient, size), strict=True):
            _legend(axis, columns)
    flow.set_title(under, fontsize=9.5, color=GREY, loc="left")
    _save(figure, path)


def _spans(record: Record, name: str, end_s: float) -> list[tuple[float, float]]:
    """Return from when to when an alarm was active, in seconds since the start."""
    spans: list[tuple[float, float]] = []
    began_s: float | None = None
    for event in record.events:
        at_s = (event.at_ms - record.started_ms) / 1000
        if event.what == name and event.kind == "alarm":
            began_s = at_s
        elif event.what == name and event.kind == "alarm_end" and began_s is not None:
            spans.append((began_s, at_s))
            began_s = None
    if began_s is not None:
        spans.append((began_s, end_s))
    return spans


def _mark_alarms(record: Record, axes: Sequence[Any], size: float) -> int:
    """Draw a line through every panel at each alarm, and its name; return how many rows the names take.

    Names that would touch each other stand below each other.
    """
    width = axes[0].get_xlim()[1]
    lanes: list[float] = []
    for alarm in record.alarms():
        row = _BY_NAME[alarm["code"]]
        colour = PRIORITY_COLOURS[row.priority]
        at = alarm["at_s"] / size
        for axis in axes:
            axis.axvline(at, color=colour, linewidth=1.1, linestyle=":", zorder=1)
        right = at > 0.5 * width
        text = f"{alarm['code'].replace('_', ' ')} ({alarm['priority']})"
        length = LETTER * (len(text) + 2) * width
        left, end = (at - length, at) if right else (at, at + length)
        lane = next((i for i, busy in enumerate(lanes) if busy <= left), len(lanes))
        lanes[lane:lane + 1] = [end]  # fmt: skip
        if lane < MAX_LANES:  # more than that in one place says only that there are many
            axes[0].annotate(
                text, (at, 0.98 - LANE * lane), xycoords=("data", "axes fraction"), xytext=(-4 if right else 4, 0),
                textcoords="offset points", ha="right" if right else "left", va="top", fontsize=8.5, color=colour,
                bbox={"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.85},
            )  # fmt: skip
    return min(len(lanes), MAX_LANES)


def plot_therapy(therapy: Therapy, path: Path) -> None:
    """Draw what a therapy orders: rate and dose against time, when a syringe is changed, and what a battery has left.

    Raises BadInput if the file cannot be written.
    """
    from .describe import amount_scale
    from .plan import plan
    from .profile import profile

    program = therapy.program
    its = profile(program)
    end = max([its.time_s[-1] if its.time_s else 0.0, *(kvo[1] for kvo in its.kvo), 1.0])
    unit, size = _time_unit(end)
    under = f"{program.syringe.name}, {program.volume_nl / 1e6:.6g} mL in {duration_words(program.duration_ms)}"
    figure, (flow, volume, battery) = _figure((1, 1, 0.5), SMALL_IN, fill(therapy.title, TITLE_LETTERS), under)
    times = [s / size for s in its.time_s]
    flow.plot(times, its.rate_ml_h, color=BLUE, linewidth=2, label="dose")
    flow.fill_between(times, its.rate_ml_h, color=BLUE, alpha=0.12, linewidth=0)
    for number, (began, ended, rate) in enumerate(its.kvo):
        flow.plot([began / size, ended / size], [rate, rate], color=PURPLE, linewidth=2, linestyle=":",
                  label="keep-vein-open, apart from the dose" if number == 0 else None)  # fmt: skip
    if its.open_end:
        flow.annotate("until stopped", (end / size, its.kvo[-1][2]), xytext=(-2, 5), textcoords="offset points",
                      ha="right", fontsize=8.5, color=PURPLE)  # fmt: skip
    highest = max([0.1, *its.rate_ml_h, *(kvo[2] for kvo in its.kvo)])
    for began, _, _, millilitres in its.boluses[:12]:
        flow.annotate(f"bolus {millilitres:g} mL", (began / size, 1.1 * highest), xytext=(3, 0),
                      textcoords="offset points", va="center", fontsize=8.5, color=RED)  # fmt: skip
        flow.axvline(began / size, color=RED, linewidth=1, linestyle=":", zorder=1)
    flow.set_ylabel("rate (mL/h)")
    flow.set_ylim(0, 1.2 * highest)
    volume.plot(times, its.volume_ml, color=GREEN, linewidth=2, label="dose so far")
    volume.set_ylabel("volume (mL)")
    volume.set_ylim(0, 1.12 * max([0.001, *its.volume_ml]))
    for load in plan(program)[1:]:
        volume.axvline(load.at_s / size, color=ORANGE, linewidth=1, linestyle="-.", zorder=1,
                       label="syringe change" if load.number == 2 else None)  # fmt: skip
        volume.plot([load.at_s / size], [0], marker="^", color=ORANGE, clip_on=False, markersize=5)
    if therapy.strength is not None:
        per_nl, name = amount_scale(program.volume_nl, therapy.strength)
        per_ml = float(per_nl * 1_000_000)
        drug = volume.secondary_yaxis("right", functions=(lambda ml: ml * per_ml, lambda amount: amount / per_ml))
        drug.set_ylabel(f"drug ({name})")
        drug.tick_params(labelsize=9)
    _draw_battery(battery, therapy, end, size)
    battery.set_xlim(0, end / size * 1.01)
    battery.set_xlabel(f"time since start ({unit})")
    for axis, columns in ((flow, 2), (volume, 2), (battery, 3)):
        _legend(axis, columns)
    _save(figure, path)


def _draw_battery(panel: Any, therapy: Therapy, end_s: float, size: float) -> None:
    """Draw the charge that a full battery has left, and where the pump warns and stops."""
    from .battery import Reading, course, forecast

    program, full = therapy.program.compiled, Reading()
    points = course(program, full, end_s * 1000)
    panel.plot([ms / 1000 / size for ms, _ in points], [100 * part for _, part in points], color=GREY, linewidth=2,
               label="a full battery, without mains")  # fmt: skip
    its = forecast(program, full)
    for ms, colour, line, label in (
        (its.low_ms, ORANGE, ":", "the pump warns"),
        (its.lasts_ms, RED, "--", "the pump stops"),
    ):
        if ms <= end_s * 1000:
            panel.axvline(ms / 1000 / size, color=colour, linewidth=1.4, linestyle=line, label=label)
    panel.set_ylabel("battery (%)")
    panel.set_ylim(0, 110)
