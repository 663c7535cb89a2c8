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
from picoinfuse_sim.patient.hovorka import Body, Hovorka
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
SENSITIVITIES = (1.0, 0.8, 0.5, 0.4)
START_MG_DL, HOLD_MG_DL = 180, 120
WORLD = (("seed", "1"), ("syringe", "BD 10 mL"), ("route", "subcutaneous"), ("patient", PATIENT))


def day(follow=True):
    """Live the day of the document."""
    return live(bench_of(WORLD), LOOP, MEALS, 24, follow=follow)


def told(with_loop, without):
    """Return the part of the document about the day."""
    other = "The same day at the set basal rate, with the same boluses:"
    return f"```\n{with_loop.summary()}\n\n{other}\n{without.summary()}\n```\n"


def falls_mg_dl(sensitivity):
    """Return by how much one unit under the skin lowers glucose from 180 mg/dL at most, beside the basal insulin."""
    body = Body(sensitivity=sensitivity)
    person, basal_mu_min = Hovorka(body, START_MG_DL), body.basal_u_h(START_MG_DL) * 1000 / 60
    person.advance(1, 1000 + basal_mu_min)
    found = [person.glucose_mg_dl]
    for minute in range(5, 8 * 60, 5):
        person.advance(minute, basal_mu_min * (minute - person.at_min))
        found.append(person.glucose_mg_dl)
    return START_MG_DL - min(found)


def grams_per_unit(sensitivity):
    """Return for how much carbohydrate one unit is needed: 45 g are back at 120 mg/dL after six hours."""
    body = Body(sensitivity=sensitivity)
    basal_mu_min = body.basal_u_h(HOLD_MG_DL) * 1000 / 60

    def after(units):
        person = Hovorka(body, HOLD_MG_DL)
        person.eat(45)
        person.advance(1, units * 1000 + basal_mu_min)
        person.advance(6 * 60, basal_mu_min * (6 * 60 - 1))
        return person.glucose_mg_dl

    low, high = 0.0, 30.0
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if after(middle) > HOLD_MG_DL else (low, middle)
    return 45 / low


def people():
    """Return the table of what a sensitivity means for a person of 75 kg."""
    rows = [
        "| `sensitivity` | basal insulin at 120 mg/dL | one unit lowers by | one unit for |",
        "| --- | --- | --- | --- |",
    ]
    for sensitivity in SENSITIVITIES:
        basal = Body(sensitivity=sensitivity).basal_u_h(HOLD_MG_DL)
        rows.append(
            f"| {sensitivity:g} | {basal:.2f} U/h | {falls_mg_dl(sensitivity):.0f} mg/dL | "
            f"{grams_per_unit(sensitivity):.0f} g |"
        )
    return "\n".join(rows) + "\n"


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
    parts = {"day": told(with_loop, without), "people": people()}
    plot(with_loop, PICTURE)
    if "--cohort" in arguments:
        parts["cohort"] = table()
    write(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
