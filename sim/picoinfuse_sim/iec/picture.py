"""Pictures of start-up and trumpet curve, drawn as the manual of a pump shows them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from picoinfuse.errors import BadInput
from picoinfuse.plot import BLUE, DPI, FOOTER, GREY, ORANGE, RED

from .curves import Trumpet

ONE_IN = (10.0, 4.2)
COLUMN_IN, HEIGHT_IN = 3.1, 5.4  # of a row of tests side by side
SMALL_DPI = 80
LEAST_BAND = 2.5  # percent: the axes show at least so much, so that a good pump looks good


def _figure(columns: int, rows: int, size: tuple[float, float], dpi: int) -> tuple[Any, Any]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.supxlabel(FOOTER, fontsize=8, color=GREY, x=0.99, ha="right")
    for axis in axes.flat:
        axis.grid(True, color="#dddddd", linewidth=0.6)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=8)
    return figure, axes


def _save(figure: Any, path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None} if path.suffix.lower() == ".png" else None)
    except (OSError, ValueError) as error:
        raise BadInput(f"picture = {str(path)!r}: cannot be written: {error}") from error


def start_up(axis: Any, result: Trumpet) -> None:
    """Flow against time, from the start to the end of the analysis."""
    minutes = result.flow_s / 60
    axis.step(minutes, result.flow_ml_h, where="mid", color=BLUE, linewidth=0.9)
    axis.axhline(result.rate_ml_h, color=GREY, linewidth=1.0, linestyle="--")
    axis.axvspan(result.start_min, result.start_min + result.analysis_min, color=ORANGE, alpha=0.10, linewidth=0)
    axis.set_xlim(0, minutes[-1] + minutes[0])
    highest = max(float(result.flow_ml_h.max()), 1.2 * result.rate_ml_h)
    axis.set_ylim(min(0.0, 1.05 * float(result.flow_ml_h.min())), 1.05 * highest)
    axis.set_xlabel("time (min), analysed part shaded", fontsize=8.5)
    axis.set_ylabel("flow (mL/h)", fontsize=8.5)


def bell(axis: Any, result: Trumpet) -> None:
    """Largest and smallest error against the length of the window."""
    windows = result.windows_min
    axis.plot(windows, result.ep_max, color=RED, marker="o", markersize=3.5, linewidth=1.4, label="Ep(max)")
    axis.plot(windows, result.ep_min, color=BLUE, marker="s", markersize=3.5, linewidth=1.4, label="Ep(min)")
    axis.axhline(result.mean_error, color=GREY, linewidth=1.2, linestyle="--", label=f"A = {result.mean_error:+.2f} %")
    axis.axhline(0, color="black", linewidth=0.6)
    band = 1.12 * max(LEAST_BAND, *map(abs, result.ep_max), *map(abs, result.ep_min))
    axis.set_ylim(-band, band)
    axis.set_xlim(0, 32)
    axis.set_xticks(windows, [str(window) for window in windows])
    axis.set_xlabel("observation window (min)", fontsize=8.5)
    axis.set_ylabel("error of the flow (%)", fontsize=8.5)
    axis.legend(fontsize=8, frameon=False, loc="upper right")


def draw(result: Trumpet, path: Path, title: str = "") -> None:
    """Draw one test: start-up curve left, trumpet curve right."""
    figure, axes = _figure(2, 1, ONE_IN, DPI)
    name = title or f"Accuracy at {result.rate_ml_h:g} mL/h"
    figure.suptitle(name, fontsize=12, fontweight="bold", x=0.01, ha="left")
    start_up(axes[0, 0], result)
    bell(axes[0, 1], result)
    axes[0, 0].set_title("start-up curve", fontsize=9.5, color=GREY, loc="left")
    axes[0, 1].set_title("trumpet curve", fontsize=9.5, color=GREY, loc="left")
    _save(figure, path)


def draw_row(results: Sequence[Trumpet], path: Path, title: str) -> None:
    """Draw several tests side by side, start-up above and trumpet below; small, for a document."""
    figure, axes = _figure(len(results), 2, (COLUMN_IN * len(results), HEIGHT_IN), SMALL_DPI)
    figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    for above, below, result in zip(axes[0], axes[1], results, strict=True):
        start_up(above, result)
        bell(below, result)
        above.set_title(f"{result.rate_ml_h:g} mL/h", fontsize=9.5, loc="left")
    for axis in axes[:, 1:].flat:
        axis.set_ylabel("")
    _save(figure, path)
