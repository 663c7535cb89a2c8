"""Writes what docs/closed-loop.md measures, and its picture: a day on the simulated pump, and the cohort's table.

python docs/closed_loop.py             the day and its picture; some seconds
python docs/closed_loop.py --cohort    the cohort too; some minutes, and it needs simglucose (the extra `cohort`)
A test lives the same day again and compares (tests/test_sim_patient_loop_day.py).
"""

import re
import sys
from pathlib import Path

from picoinfuse.closed_loop import Loop
from picoinfuse.glucose import Meals
from picoinfuse_sim.patient import cohort
from picoinfuse_sim.patient.cohort_command import HEAD, line
from picoinfuse_sim.patient.loop_day import live
from picoinfuse_sim.patient.plot_loop import plot
from picoinfuse_sim.settings import bench_of

HERE = Path(__file__).parent
DOCUMENT = HERE / "closed-loop.md"
PICTURE = HERE / "closed-loop.png"
PART = re.compile(r"(<!-- measured: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

LOOP = Loop(basal_u_h=0.6, sensitivity_mg_dl_per_u=40, max_basal_u_h=3.0, max_on_board_u=3.0)
MEALS = Meals(grams_per_unit=15, u_per_ml=LOOP.u_per_ml)
PATIENT = (
    "hovorka,sensitivity=0.5,meals=45g@7h/70g@12h/80g@19h,exercise=0.5@16h:1h,trouble=lost@3h:40min/pressed@22h:20min"
)
WORLD = (("seed", "1"), ("syringe", "BD 10 mL"), ("route", "subcutaneous"), ("patient", PATIENT))


def day(follow=True):
    """Live the day of the document."""
    return live(bench_of(WORLD), LOOP, MEALS, 24, follow=follow)


def told(with_loop, without):
    """Return the part of the document about the day."""
    other = "The same day at the set basal rate, with the same boluses:"
    return f"```\n{with_loop.summary()}\n\n{other}\n{without.summary()}\n```\n"


def table():
    """Return the cohort's table."""
    rows = [HEAD]
    for person in cohort.run(compare=True):
        rows += [line(person, person.loop, "loop"), line(person, person.open, "open")]
    return "```\n" + "\n".join(rows) + "\n```\n"


def write(parts):
    """Put these parts, name -> text, into the document."""
    text = DOCUMENT.read_text("utf-8")

    def part(found):
        head, name, old, end = found.groups()
        return head + parts.get(name, old) + end

    DOCUMENT.write_text(PART.sub(part, text), "utf-8")


def main(arguments):
    """Measure and write."""
    with_loop, without = day(), day(follow=False)
    parts = {"day": told(with_loop, without)}
    plot(with_loop, PICTURE)
    if "--cohort" in arguments:
        parts["cohort"] = table()
    write(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
