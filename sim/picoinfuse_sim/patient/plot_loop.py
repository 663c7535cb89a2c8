"""The picture of a closed loop's day: glucose and its sensor, the basal rate and boluses, insulin on board."""

from __future__ import annotations

import textwrap
from pathlib import Path

from picoinfuse.errors import BadInput
from picoinfuse.glucose import HIGH, LOW, VERY_LOW, words
from picoinfuse.models import TEACHING

from .loop_day import UU_PER_U, LoopDay

# Okabe and Ito's palette, as in the host's pictures.
BLUE, ORANGE, GREEN, RED, GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#666666"
SIZE_IN = (10.0, 8.0)
DPI = 110
WIDTH = 130  # letters of a line above the picture


def plot(day: LoopDay, path: Path, title: str = "Closed-loop insulin") -> None:
    """Draw a day of a closed loop. Raises BadInput if the file cannot be written."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE_IN, dpi=DPI, layout="constrained")
    FigureCanvasAgg(figure)
    glucose, basal, board = figure.subplots(3, 1, sharex=True, height_ratios=[1.5, 1, 0.8])
    figure.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")
    hours = [moment.at_s / 3600 for moment in day.moments]

    glucose.axhspan(LOW, HIGH, color=GREEN, alpha=0.10, linewidth=0)
    glucose.axhline(VERY_LOW, color=RED, linewidth=0.8, linestyle=":")
    glucose.plot(hours, day.glucose_mg_dl, color=BLUE, linewidth=1.8, label="in the plasma")
    read = [(d.at_s / 3600, d.mg_dl, d.refused) for d in day.decisions]
    believed = [row for row in read if not row[2]]
    glucose.plot(
        [row[0] for row in believed], [row[1] for row in believed], ".", color=GREY, markersize=3, label="sensor"
    )
    refused = [row for row in read if row[2]]
    if refused:
        glucose.plot([row[0] for row in refused], [row[1] for row in refused], "x", color=RED, label="refused")
    glucose.set_ylabel("glucose, mg/dL")
    glucose.set_ylim(0, 1.15 * max([HIGH, *day.glucose_mg_dl]))
    about = textwrap.fill(f"{TEACHING}: {day.title}", WIDTH) + f"\n{words(day.shares())}"
    glucose.set_title(about, fontsize=9, color=GREY, loc="left", pad=20)  # above the legend

    # A bolus that runs at that moment would hide the basal rate: its moments are left out.
    quiet = [moment for moment in day.moments if moment.rate_u_h <= day.loop.max_basal_u_h]
    basal.step(
        [m.at_s / 3600 for m in quiet], [m.rate_u_h for m in quiet], where="post", color=BLUE, label="basal rate"
    )
    basal.axhline(day.loop.basal_u_h, color=GREY, linewidth=0.9, linestyle="--", label="set rate")
    basal.axhline(day.loop.max_basal_u_h, color=RED, linewidth=0.9, linestyle=":", label="highest rate")
    top = 1.5 * day.loop.max_basal_u_h
    for bolus in day.boluses:
        basal.annotate(
            f"{bolus.units:.1f} U" if bolus.given else f"{bolus.units:.1f} U refused",
            (bolus.at_s / 3600, 0.02 * top),
            (bolus.at_s / 3600, 0.84 * top),
            ha="center",
            fontsize=9,
            color=ORANGE if bolus.given else RED,
            arrowprops={"arrowstyle": "-|>", "color": ORANGE},
        )
    basal.set_ylim(0, top)
    basal.set_ylabel("insulin, U/h")

    board.plot(
        [d.at_s / 3600 for d in day.decisions], [d.on_board_uu / UU_PER_U for d in day.decisions], color=GREEN,
        label="on board beyond the set rate, as the pump counts it",
    )  # fmt: skip
    board.axhline(day.loop.max_on_board_u, color=RED, linewidth=0.9, linestyle=":", label="limit of the loop")
    board.axhline(0, color=GREY, linewidth=0.6)
    board.set_ylabel("U")
    board.set_xlabel("hours")
    for axis in (glucose, basal, board):
        axis.grid(True, color="#dddddd", linewidth=0.6)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(fontsize=8, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3, frameon=False, borderaxespad=0.1)
        axis.set_xlim(0, hours[-1])
    figure.text(
        0.99, 0.005, "PicoInfuse: for teaching only, not for treating anyone", ha="right", fontsize=8, color=GREY
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None} if path.suffix.lower() == ".png" else None)
    except (OSError, ValueError) as error:
        raise BadInput(f"picture = {str(path)!r}: cannot be written: {error}") from error
