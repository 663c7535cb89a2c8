"""Writes the tables of docs/tci.md, measured on the simulated pump; takes a minute.

python docs/tci.py          write them again, after a change of the law, of the firmware or of the simulated world
A test measures a part of them again and compares (tests/test_host_tci_fresh.py).
"""

import contextlib
import re
import sys
from pathlib import Path
from statistics import median

from picoinfuse import Tci, TciModel, tci_words
from picoinfuse.nurse import nurse
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse

HERE = Path(__file__).parent
DOCUMENT = HERE / "tci.md"
PART = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SEED = 1
MODELS = {
    "Schnider": TciModel.schnider(),
    "Marsh": TciModel.marsh(),
    "Marsh, ke0 1.2": TciModel.marsh(ke0_per_min=1.2),
}
WITHIN = 0.02


def table(head, rows):
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def run(model, *, patient=None, person=None, faults=(), ideal=False, **order):
    """Run a target on a bench and return the record, and the patient's (seconds, plasma, effect site)."""
    tci = Tci(model, **order)
    body = parse(f"{(patient or model).patient},concentration={tci.order.mg_ml:g} mg/mL")
    record = Bench(SEED, faults=faults, ideal=ideal, patient=body).pump.run(tci, nurse=person)
    true = [((row[0] - record.started_ms) / 1000, *row[1:]) for row in record.seen if row[0] >= record.started_ms]
    return record, true


def changes(record):
    """Return how often the rate was changed."""
    return sum(event.kind == "rate" for event in record.events)


def reached_s(true, target, since_s=0.0):
    """Return when the patient's effect site was near the target for the first time, in seconds."""
    return next(at_s for at_s, _, effect in true if at_s >= since_s and abs(effect - target) <= WITHIN * target)


def start_row(name, ideal):
    """Return what half an hour at 4 ug/mL is like, on a drive without any error or on a real one."""
    record, true = run(MODELS[name], ideal=ideal, target="4 ug/mL", duration="30 min", concentration="20 mg/mL")
    off = tci_words.performance(record)
    reached = reached_s(true, 4)
    settled = [effect for at_s, _, effect in true if at_s > 600]
    return [
        name,
        "ideal" if ideal else "as real ones",
        f"{tci_words.reached_ms(record) / 1000:.0f}",
        f"{reached:.0f}",
        f"{max(row[2] for row in record.tci):.1f}",
        f"{(max(effect for _, _, effect in true) / 4 - 1) * 100:+.1f}",
        f"{min(settled):.2f} to {max(settled):.2f}",
        f"{off.mdpe:+.1f}",
        f"{off.mdape:.1f}",
        changes(record),
    ]


def start_table():
    """Return the table of the start."""
    head = ("model", "drive", "model there, s", "patient there, s", "plasma up to", "overshoot, %", "after 10 min")
    rows = [start_row(name, ideal) for name in MODELS for ideal in (True, False)]
    return table((*head, "MDPE, %", "MDAPE, %", "changes in 30 min"), rows)


def delay_row(rate):
    """Return how far the model runs ahead of the patient at the start, by the fastest rate."""
    record, true = run(MODELS["Schnider"], target="4 ug/mL", duration="6 min", max_rate=rate)
    plasma, effect = {row[0]: row[1] for row in true}, {row[0]: row[2] for row in true}
    model = [((row[0] - record.started_ms) / 1000, *row[2:]) for row in record.tci]
    ahead = max(row[1] - plasma[row[0]] for row in model if row[0] in plasma and row[0] < 120)
    late = [row[2] - effect[row[0]] for row in model if row[0] in effect and row[0] < 240]
    return [rate.split()[0], f"{reached_s(true, 4):.0f}", f"{ahead:.1f}", f"{max(late):.2f}"]


def delay_table():
    """Return the table of the delay of the start."""
    head = ("fastest rate, mL/h", "patient there, s", "plasma: model ahead by", "effect site: model ahead by")
    return table(head, [delay_row(rate) for rate in ("1200 mL/h", "600 mL/h", "300 mL/h", "150 mL/h")])


def lesson_row(pump, person):
    """Return what a patient of one model has with a pump that reckons by another."""
    record, true = run(MODELS[pump], patient=MODELS[person], target="4 ug/mL", duration="30 min",
                       concentration="20 mg/mL")  # fmt: skip
    off = tci_words.performance(record)
    later = median(effect for at_s, _, effect in true if at_s > 1200)
    return [
        pump,
        person,
        f"{max(plasma for _, plasma, _ in true):.1f}",
        f"{max(effect for _, _, effect in true):.1f}",
        f"{later:.1f}",
        f"{off.mdpe:+.0f}",
        f"{record.meta['result']['delivered_ml'] * 20:.0f}",
    ]


def lesson_table():
    """Return the table of models that are not the patient's."""
    pairs = [(pump, person) for pump in MODELS for person in MODELS if pump != person]
    head = ("the host reckons by", "the patient is", "plasma up to", "effect site up to", "20 to 30 min")
    return table((*head, "MDPE, %", "mg"), [lesson_row(*pair) for pair in pairs])


def occlusion_row(minutes):
    """Return what a clamp of so many minutes does, with a nurse who comes when it is open again."""
    record, true = run(MODELS["Schnider"], target="4 ug/mL", duration="25 min", faults=[f"clamp@10min:{minutes}min"],
                       person=nurse(f"auto:{2 * minutes + 1}min", SEED))  # fmt: skip
    resumed = [(e.at_ms - record.started_ms) / 1000 for e in record.events if e.what == "infusing"][-1]
    alarm = next(a["at_s"] for a in record.alarms() if a["code"] == "occlusion")
    after = [effect for at_s, _, effect in true if at_s > resumed]
    rates = [row.rate_nl_h for row in record.telemetry if row.at_ms - record.started_ms > resumed * 1000]
    return [
        minutes,
        f"{alarm - 600:.0f}",
        f"{record.drawn_ml:.2f}",
        f"{min(effect for at_s, _, effect in true if at_s > 600):.2f}",
        f"{reached_s(true, 4, resumed) - resumed:.0f}",
        f"{(max(after) / 4 - 1) * 100:+.1f}",
        f"{max(rates) / 1e6:.0f}",
    ]


def occlusion_table():
    """Return the table of occlusions."""
    head = ("clamp, min", "alarm after, s", "drawn back, mL", "effect site down to", "back at the target after, s")
    return table((*head, "overshoot, %", "fastest rate, mL/h"), [occlusion_row(minutes) for minutes in (2, 5)])


class Killed(BaseException):
    """The host dies here."""


def killed_row(hold, limit, ceiling):
    """Return the worst of a host that dies at any second of the first minute: what the patient gets then."""
    worst = (0.0, 0.0, 0.0, 0)
    for at_s in range(1, 61):
        bench = Bench(SEED, ideal=True, patient=parse(MODELS["Schnider"].patient))
        tci = Tci(MODELS["Schnider"], target="4 ug/mL", duration="5 min", hold=hold, max_rate=limit,
                  max_concentration=ceiling)  # fmt: skip

        def die(row, at_s=at_s, stream=bench.pump.stream):
            if stream.started_ms is not None and stream.seconds(row.at_ms) >= at_s:
                raise Killed

        with contextlib.suppress(Killed):
            bench.pump.run(tci, on_telemetry=die)
        given_ml = bench.truth()["plunger_ml"]
        plasma = effect = 0.0
        for _ in range(90):
            bench.advance("2 s")
            truth = bench.truth()
            plasma, effect = max(plasma, truth["plasma_ug_ml"]), max(effect, truth["effect_ug_ml"])
        worst = max(worst, (plasma, effect, (bench.truth()["plunger_ml"] - given_ml) * 10, at_s))
    plasma, effect, more_mg, at_s = worst
    return [hold, limit.split()[0], ceiling.split()[0], at_s, f"{more_mg:.0f}", f"{plasma:.1f}", f"{effect:.1f}"]


def killed_table():
    """Return the table of hosts that die."""
    head = ("hold", "fastest rate, mL/h", "ceiling, ug/mL", "worst second", "mg after it", "plasma up to")
    rows = [("20 s", "600 mL/h", "15 ug/mL"), ("30 s", "600 mL/h", "15 ug/mL"), ("30 s", "600 mL/h", "10 ug/mL"),
            ("1 min", "1200 mL/h", "15 ug/mL")]  # fmt: skip
    return table((*head, "effect site up to"), [killed_row(*row) for row in rows])


PARTS = {
    "start": start_table,
    "delay": delay_table,
    "lesson": lesson_table,
    "occlusion": occlusion_table,
    "killed": killed_table,
}


def main():
    """Measure everything and write it."""

    def measured(part):
        print(part.group(2), file=sys.stderr, flush=True)
        return part.group(1) + PARTS[part.group(2)]() + part.group(3)

    DOCUMENT.write_text(PART.sub(measured, DOCUMENT.read_text("utf-8")), "utf-8")
    print("written: docs/tci.md")


if __name__ == "__main__":
    main()
