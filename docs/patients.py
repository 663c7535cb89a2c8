"""Writes the measured parts of docs/patients.md and the picture of a reaction, from simulated pumps; takes two minutes.

python docs/patients.py      write them again, after a change of a model, of the firmware or of the nurse
A test measures a part of them again and compares (tests/test_sim_patients_fresh.py).
"""

import re
from collections import Counter
from pathlib import Path

from picoinfuse import Therapy
from picoinfuse.rehearsal import rehearse
from picoinfuse_sim.patient.pca import TOO_SLOW_PER_MIN

HERE = Path(__file__).parent
DOCUMENT = HERE / "patients.md"
PART = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
SEED = 1
PROXY = "by_proxy@1h:4min"
PCA = (
    ("the patient alone", "pca,weight=70", ""),
    ("a relative presses too", "pca,weight=70", PROXY),
    ("pain on which morphine hardly acts", "pca,weight=70,relief=80", ""),
    ("the same, and a relative", "pca,weight=70,relief=80", PROXY),
)
# Therapy, patient: what is told below each other.
REACTIONS = (
    ("infliximab", "reaction,at=40 min"),
    ("infliximab", "reaction,at=40 min,severity=mild,kind=fever"),
    ("iron-sucrose", "reaction,at=5 min"),
    ("iron-sucrose", "reaction,at=5 min,severity=severe,kind=breathing"),
)
PICTURE = HERE / "reaction.png"


def table(head, rows):
    """Return a Markdown table."""
    cells = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in cells)


def pca_row(name, patient, fault):
    """Return one row of the table of twelve hours of PCA."""
    world = {"patient": patient, **({"fault": fault} if fault else {})}
    row, record = rehearse(Therapy.read("morphine-pca"), seed=SEED, **world)
    names = ["at_ms", *(sign["name"] for sign in record.meta["patient"]["signs"])]
    signs = {sign: [seen[i] for seen in record.seen] for i, sign in enumerate(names)}
    breaths = signs["breaths_per_min"]
    slow = [(at - record.started_ms) / 3_600_000 for at, rate in zip(signs["at_ms"], breaths, strict=True)
            if rate < TOO_SLOW_PER_MIN]  # fmt: skip
    refused = Counter(event.what for event in record.events if event.kind == "demand")
    steady = [pain for at, pain in zip(signs["at_ms"], signs["pain_0_10"], strict=True)
              if at - record.started_ms > 3_600_000]  # fmt: skip
    return [
        name, row.asked, row.given, refused["locked_out"], refused["limit_reached"], refused["volume_exceeds_syringe"],
        f"{row.delivered_ml:.0f}", f"{sum(steady) / len(steady):.1f}", f"{max(signs['sedation_0_10']):.1f}",
        f"{min(breaths):.1f}", f"{slow[0]:.1f} h" if slow else "never", ", ".join(row.alarms),
    ]  # fmt: skip


def pca_table():
    """Return the table of twelve hours of PCA."""
    head = ("who presses", "asked", "given", "lockout", "limit", "syringe empty", "mg in all", "mean pain",
            "most sleepy", "fewest breaths/min", f"below {TOO_SLOW_PER_MIN:.0f}/min after", "alarms")  # fmt: skip
    return table(head, [pca_row(*each) for each in PCA])


def reacting(therapy, patient):
    """Return the row and the record of a rehearsed reaction."""
    return rehearse(Therapy.read(therapy), seed=SEED, patient=patient)


def reaction_row(therapy, patient, row, record):
    """Return one row of the table of reactions."""
    its = record.meta["reactions"][0]
    worst = max(seen[1] for seen in record.seen)
    parts = dict(part.split("=") for part in patient.split(",")[1:])
    what = f"{parts.get('severity', 'moderate')} {parts.get('kind', 'allergy')} after {parts['at']}"
    rest = f"{its['rest_ml']:.1f} at {its['resumed_ml_h']:g} mL/h" if its["resumed_ml_h"] else "none"

    def minutes(key, since):
        return f"{(its[key] - its[since]) / 60:.1f}"

    return [
        therapy, what, minutes("stopped_s", "came_s"), f"{its['given_ml']:.1f}", minutes("over_s", "stopped_s"),
        f"{worst:.1f}", minutes("ended_s", "stopped_s"), f"{its['saline_ml']:.1f}", rest,
        f"{row.delivered_ml:.3f} of {row.programmed_ml:g}", row.outcome,
    ]  # fmt: skip


def reaction_table():
    """Return the table of reactions, and draw the first one."""
    head = ("therapy", "reaction", "stopped after, min", "mL given by then", "over after, min", "worst symptoms",
            "line kept open, min", "mL of saline", "the rest, mL", "drug in all, mL", "outcome")  # fmt: skip
    rows = []
    for number, each in enumerate(REACTIONS):
        row, record = reacting(*each)
        rows.append(reaction_row(*each, row, record))
        if not number:
            record.plot(PICTURE)
    return table(head, rows)


PARTS = {"pca": pca_table, "reactions": reaction_table}


def main():
    """Measure everything and write it."""
    text = DOCUMENT.read_text("utf-8")
    new = PART.sub(lambda part: part.group(1) + PARTS[part.group(2)]() + part.group(3), text)
    DOCUMENT.write_text(new, "utf-8")
    print("written: docs/patients.md and docs/reaction.png")


if __name__ == "__main__":
    main()
