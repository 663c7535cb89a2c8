"""Writes the tables of docs/accuracy.md and its pictures, measured on the simulated pump; takes one to three minutes.

python docs/accuracy.py          write them again, after a change of physics or firmware
A test measures a part of them again and compares (tests/test_sim_iec_fresh.py).
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

from picoinfuse import syringes
from picoinfuse_sim.iec.accuracy import accuracy, long_term_error
from picoinfuse_sim.iec.curves import WINDOWS_MIN
from picoinfuse_sim.iec.occlusion import LEVELS, RATES, one
from picoinfuse_sim.iec.picture import draw_row

HERE = Path(__file__).parent
DOCUMENT = HERE / "accuracy.md"
PART = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SYRINGES = ("BD 10 mL", "BD 20 mL", "BD 60 mL")
FLOWS = ("0.5 mL/h", "1 mL/h", "5 mL/h", "50 mL/h")
SEED = 1
LONG_TERM_SEEDS = range(12)
UL_PER_MMHG = (1.2 + 0.7, 2.8 + 0.9)  # syringe and tubing, REFERENCE section 4
FRICTIONS = (
    ("BD 10 mL", (1000, 1500, 3000)),
    ("BD 20 mL", (1000, 3000, 5000)),
    ("BD 60 mL", (1000, 3000, 5000, 10000)),
)
HELD = (
    ("held, tension read", {}),
    ("held, no tension read", {"config": {"force_min_mn": 0}}),
    ("not held", {"captured": False}),
)


def table(head, rows):
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def minutes(seconds):
    """Return a time in minutes, or a dash."""
    return "-" if seconds is None else f"{seconds / 60:.1f}"


def accuracy_row(syringe, rate):
    """Return one row of the table of accuracy, and the curves."""
    real, weighed = (accuracy(rate, syringe, seed=SEED, calibrated=known) for known in (False, True))
    its = real.result
    errors = [f"{high:+.1f} / {low:+.1f}" for high, low in zip(its.ep_max, its.ep_min, strict=True)]
    errors += ["-"] * (len(WINDOWS_MIN) - len(errors))
    span = f"{its.start_min:g}-{its.start_min + its.analysis_min:g}"
    startup = "never" if its.startup_s is None else minutes(its.startup_s)
    means = (f"{its.mean_error:+.2f}", f"{weighed.result.mean_error:+.2f}")
    return [syringe, rate.split()[0], span, *means, startup, *errors], its


def accuracy_table():
    """Return the table of all tests, and draw them."""
    rows = []
    for syringe in SYRINGES:
        done = [accuracy_row(syringe, rate) for rate in FLOWS]
        rows += [row for row, _ in done]
        title = f"{syringe}: start-up (above) and trumpet (below), simulated"
        draw_row([result for _, result in done], HERE / f"accuracy-{syringe.split()[1]}ml.png", title)
        print(f"accuracy of {syringe}", file=sys.stderr, flush=True)
    windows = [f"{window} min" for window in WINDOWS_MIN]
    return table(("syringe", "mL/h", "minutes", "A", "A, weighed", "start-up, min", *windows), rows)


def long_term_table():
    """Return the long-term errors over the seeds."""
    rows = []
    for syringe in SYRINGES:
        real = [long_term_error(syringe, seed=seed) for seed in LONG_TERM_SEEDS]
        weighed = [long_term_error(syringe, seed=seed, calibrated=True) for seed in LONG_TERM_SEEDS]
        rows.append([syringe, *(f"{edge:+.2f}" for edge in (min(real), max(real), min(weighed), max(weighed)))])
        print(f"long-term error of {syringe}", file=sys.stderr, flush=True)
    return table(("syringe", "lowest", "highest", "lowest, weighed", "highest, weighed"), rows)


def derived_min(threshold_mmhg, rate_ml_h):
    """Return the least and the most minutes to a threshold that the published compliances give: C P / Q."""
    return tuple(ul * threshold_mmhg / 1000 / rate_ml_h * 60 for ul in UL_PER_MMHG)


def occlusion_row(syringe, level, rate):
    """Return one row of the table of occlusions."""
    row = one(syringe, level, rate, seed=SEED)
    head = [syringe, level if level.isalpha() else "-", row.threshold_mmhg, f"{row.rate_ml_h:g}"]
    if row.pressure_mmhg is None:
        return [*head, row.refused or row.note, *["-"] * 6]
    least, most = derived_min(row.threshold_mmhg, row.rate_ml_h)
    boluses = [f"{volume:.3f}" for volume in (row.bolus_ml, row.bolus_undrawn_ml)]
    times = [minutes(row.warning_s), minutes(row.to_alarm_s), f"{least:.1f} to {most:.1f}"]
    return [*head, *times, f"{row.pressure_mmhg:.0f}", f"{row.left_mmhg:.0f}", *boluses]


def occlusion_table():
    """Return the table of all occlusion tests."""
    wanted = [(syringe, level, rate) for syringe in SYRINGES for level in LEVELS for rate in RATES]
    rows = [occlusion_row(*each) for each in [*wanted, ("BD 60 mL", "400 mmHg", "1 mL/h")]]
    print("occlusion", file=sys.stderr, flush=True)
    head = ("syringe", "level", "mmHg", "mL/h", "warning, min", "alarm, min", "published, min", "mmHg at alarm")
    return table((*head, "mmHg left", "bolus, mL", "not drawn back, mL"), rows)


def friction_row(syringe, friction_mn):
    """Return the bolus in mL by friction, in the three ways in which a plunger is held: the worse of both rates."""
    kind = replace(syringes.find(syringe), friction_mn=friction_mn)
    cells = []
    for _, options in HELD:
        rows = [one(kind, "medium", rate, seed=SEED, **options) for rate in RATES]
        boluses = [row.bolus_ml for row in rows if row.bolus_ml is not None]
        cells.append(f"{max(boluses):.3f}" if len(boluses) == len(rows) else "refused")
    return [syringe, f"{friction_mn / 1000:g}", *cells]


def friction_table():
    """Return the table of boluses by friction."""
    rows = [friction_row(syringe, friction) for syringe, frictions in FRICTIONS for friction in frictions]
    print("bolus by friction", file=sys.stderr, flush=True)
    return table(("syringe", "friction, N", *(f"plunger {name}, mL" for name, _ in HELD)), rows)


PARTS = {
    "accuracy": accuracy_table,
    "long_term": long_term_table,
    "occlusion": occlusion_table,
    "friction": friction_table,
}


def main():
    """Measure everything and write it."""
    text = DOCUMENT.read_text("utf-8")
    new = PART.sub(lambda part: part.group(1) + PARTS[part.group(2)]() + part.group(3), text)
    DOCUMENT.write_text(new, "utf-8")
    print("written: docs/accuracy.md and its pictures")


if __name__ == "__main__":
    main()
