"""Writes the generated parts of the documents: what stands between `<!-- make: NAME -->` and `<!-- end -->`.

python docs/make.py              write them again
python docs/make.py --check      change nothing; exit 1 and say which are stale
python docs/make.py --picture    make the pictures of runs again, by the commands that the documents name
"""

import ast
import itertools
import math
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from picoinfuse import configuration_fields, library_file, library_words
from picoinfuse.cli import exits
from picoinfuse.cli import options as cli_options
from picoinfuse.status import LEVELS
from picoinfuse_firmware import (
    VERSION,
    access,
    alarm_texts,
    alarms,
    library,
    messages,
    options,
    reasons,
    signals,
    states,
    wire,
)
from picoinfuse_firmware.pico import pin_table
from picoinfuse_sim import detection, faults, settings
from picoinfuse_sim.patient import catalogue

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import therapy_pages  # noqa: E402  (it stands beside this file)

FIRMWARE = HERE.parent / "firmware" / "picoinfuse_firmware"
DOCUMENTS = (
    "access.md",
    "commands.md",
    "drug-library.md",
    "hardware.md",
    "configuration.md",
    "patients.md",
    "protocol.md",
    "safety.md",
    "simulator.md",
    "therapies.md",
    "therapy-files.md",
)
PART = re.compile(r"(<!-- make: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def remarks(source):
    """Return message name -> the comment that stands above its row in messages.py."""
    found, comment = {}, []
    for line in source.splitlines():
        text = line.strip()
        row = re.match(r'\(?"(\w+)",', text)
        if text.startswith("#"):
            comment.append(text.lstrip("# "))
        elif row:
            found[row.group(1)] = " ".join(comment)
            comment = []
        elif text != "(":
            comment = []
    return found


def table(head, rows):
    """Return a Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def messages_of(rows):
    """Return the table of some messages: name, fields with their kinds, meaning."""
    said = remarks((FIRMWARE / "messages.py").read_text("utf-8"))
    return table(
        ("message", "fields", "remark"),
        (
            (f"`{name}`", " ".join(f"`{field}`" for field in fields.split()) or "(none)", said.get(name, ""))
            for name, fields in rows
        ),
    )


def example():
    """Return a short exchange, each line made by the same `encode` that both ends use."""

    def line(seq, name, *values):
        return wire.encode(seq, name, values).decode().rstrip()

    idle = {"boot": 1, "at_ms": 900, "state": "idle", "phase": -1, "check": "-", "alarms": [], "last_event": 2}
    idle |= {"who": "-", "lock": -1}
    return "\n".join(
        (
            "```",
            "host  " + line(0, "hello", "7f3a", VERSION, messages.FINGERPRINT),
            "pump  " + line(0, "welcome", VERSION, messages.FINGERPRINT, 1, 120, "idle", 7, 3200, 2000, 4096, 2, "-"),
            "host  " + line(1, "mute", 200000),
            "pump  " + line(1, "refused", "mute_too_long", 200000, 120000),
            "host  " + line(2, "status"),
            "pump  " + line(2, "is", *[idle.get(name, 0) for name in messages.TABLE["is"][0]]),
            "```",
            "",
        )
    )


# Two alarms have no watch: what the second channel finds, and what the firmware finds of itself.
NO_WATCH = {"GUARD": "guard.py", "SYSTEM_FAULT": "controller.py"}


def decided_in(name):
    """Return the files that decide the alarm `name` (a constant's name): the watches that import it from the table."""
    if name in NO_WATCH:
        return [NO_WATCH[name]]
    found = []
    for path in sorted((FIRMWARE / "watch").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "alarms" and name in [a.name for a in node.names]:
                found.append(f"watch/{path.name}")
    return found


def tested_in(file):
    """Return the name of the test file of a watch, of the guard or of the controller."""
    return "test_firmware_" + file.replace("/", "_")


def stays_until(alarm):
    """Return what ends an alarm, in words."""
    if alarm.code in alarms.RESTART_NEEDED:
        return "switched off"
    if alarm.code in alarms.STOP_NEEDED:
        return "stopped"
    return "acknowledged" if alarm.latching else "its cause is gone"


def constants():
    """Return code -> the name of its constant in alarms.py."""
    return {alarm.code: alarm.name.upper() for alarm in alarms.TABLE}


def light_of(priority):
    """Return the light of a priority in a few words."""
    colour, period_ms, _ = signals.LIGHT[priority]
    return f"{signals.COLOURS[colour]}, " + (f"{1000 / period_ms:g} Hz" if period_ms else "steady")


def sound_of(priority):
    """Return the sound of a priority in a few words."""
    period_ms, pulses = signals.SOUND[priority]
    return f"{len(pulses)} pulses every {period_ms / 1000:g} s"


def alarm_table():
    """Return the alarm table of alarms.py."""
    return table(
        (
            "code",
            "name",
            "priority",
            "motor",
            "stays until",
            "light",
            "sound",
            "what it says",
            "what to do",
            "decided in",
            "tested in",
        ),
        (
            (
                alarm.code,
                f"`{alarm.name}`",
                alarms.PRIORITIES[alarm.priority],
                "stops" if alarm.stops else "goes on",
                stays_until(alarm),
                light_of(alarm.priority),
                sound_of(alarm.priority),
                alarm_texts.text(alarm),
                alarm_texts.action(alarm),
                ", ".join(f"`{name}`" for name in decided_in(constants()[alarm.code])) or "-",
                ", ".join(f"`{tested_in(name)}`" for name in decided_in(constants()[alarm.code])) or "-",
            )
            for alarm in alarms.TABLE
        ),
    )


def signal_table():
    """Return the timings of signals.py."""
    rows = []
    for priority in (alarms.HIGH, alarms.MEDIUM, alarms.LOW):
        colour, light_ms, on_ms = signals.LIGHT[priority]
        period_ms, pulses = signals.SOUND[priority]
        lengths = sorted({to - since for since, to, _ in pulses})
        gaps = [after[0] - before[1] for before, after in itertools.pairwise(pulses)]
        rows.append(
            (
                alarms.PRIORITIES[priority],
                f"{signals.COLOURS[colour]}, "
                + (f"{1000 / light_ms:g} Hz, lit {100 * on_ms // light_ms} %" if light_ms else "steady"),
                " ".join(str(hertz) for _, _, hertz in pulses),
                ", ".join(str(length) for length in lengths),
                " ".join(str(gap) for gap in gaps),
                period_ms - pulses[-1][1],
            )
        )
    head = ("priority", "light", "pulses (Hz)", "each (ms)", "silence between them (ms)", "silence between bursts (ms)")
    return table(head, rows)


def state_table():
    """Return the state machine of states.py."""
    return table(
        ("in state", "on", "goes to"),
        ((f"`{state}`", f"`{event}`", f"`{after}`") for (state, event), after in states.TABLE.items()),
    )


def option_kinds():
    """Return what options.py says of its kinds."""
    text = options.__doc__ or ""
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    return "```\n" + "\n".join(lines) + "\n```\n"


def reason_table():
    """Return the reasons of reasons.py."""
    return table(("reason", "in words"), ((f"`{name}`", text) for name, text in reasons.REASONS.items()))


def detection_table():
    """Return the bounds of detection.py, rounded up; a time under two minutes in seconds."""

    def time(seconds):
        return f"{math.ceil(seconds)} s" if seconds < 120 else f"{math.ceil(seconds / 6) / 10:g} min"

    return table(
        (
            "syringe",
            "rate",
            "stands",
            "slips by a fifth",
            "... in a bolus",
            "a fifth too far",
            "runs away",
            "guard: too much",
            "guard: nothing comes",
        ),
        (
            (
                row.syringe,
                f"{row.rate_ml_h:g} mL/h",
                time(row.stall_s),
                "(empty before)" if row.outlasts_syringe else time(row.slip_s),
                time(row.bolus_slip_s),
                time(row.overturn_s),
                f"{math.ceil(row.runaway_ul)} uL",
                f"{math.ceil(row.guard_ul)} uL",
                f"{math.ceil(row.still_ul)} uL",
            )
            for row in detection.table()
        ),
    )


def fault_table():
    """Return the catalogue of faults of the simulator."""
    return table(
        ("fault", "what happens", "argument, if any", "which alarm ought to see it"),
        (
            (
                f"`{fault.name}`",
                fault.text,
                "" if fault.argument is None else f"e.g. `{fault.argument_text}`",
                ", ".join(f"`{name}`" for name in fault.alarms) or f"**none**: {fault.why}",
            )
            for fault in faults.CATALOGUE.values()
        ),
    )


def field_tables():
    """Return the tables of the configuration, one for each section of the file."""
    parts = []
    for section, (about, fields) in configuration_fields.SECTIONS.items():
        rows = (
            (
                f"`{name}`",
                unit,
                configuration_fields.shown(name, configuration_fields.DEFAULTS[name]),
                configuration_fields.allowed(name),
                meaning,
            )
            for name, (unit, meaning) in fields.items()
        )
        parts.append(f"### [{section}] {about}\n\n" + table(("field", "unit", "default", "range", "meaning"), rows))
    return "\n".join(parts)


def world_table():
    """Return the keys that sim://, serve and run understand."""
    return table(
        ("key", "e.g.", "meaning"), ((f"`{key}`", f"`{row[2]}`", row[3]) for key, row in settings.ONCE.items())
    )


def role_table():
    """Return the table of roles of access.py."""
    return table(
        ("what", *access.ROLES, "sealed", "logged"),
        (
            (
                f"`{action}`",
                *("" if access.refusal(role, 0, action) else "yes" for role in access.ROLES),
                "yes" if access.has_mark(action, "K") else "",
                "yes" if access.has_mark(action, "L") else "",
            )
            for action in access.TABLE
        ),
    )


def patient_table():
    """Return the patients of the simulator."""
    return table(
        ("patient", "who it is", "what may be said, and the usual", "source"),
        (
            (
                f"`{name}`",
                model.text,
                "; ".join(
                    f"`{row.name}`" + (f" = {row.usual}" if row.usual else "") + f" ({row.meaning})"
                    for row in model.parameters
                ),
                model.source,
            )
            for name, model in catalogue.MODELS.items()
        ),
    )


def level_table():
    """Return what each lock level of access.py leaves to the patient, of what one holds back."""
    return table(
        ("level", *(f"`{action}`" for action in access.HELD), "in words"),
        (
            (
                level,
                *("" if access.refusal(access.PATIENT, level, action) else "yes" for action in access.HELD),
                LEVELS[level],
            )
            for level in range(access.LEVELS)
        ),
    )


def parameter_table():
    """Return what a drug library can limit."""
    examples = {name: row[2] for name, row in library_file.SHAPES.items()} | {"lockout": "6 min", "weight": "70 kg"}
    return table(
        ("parameter", "limits", "e.g."),
        ((f"`{name}`", library_words.MEANS[name], f"`{examples[name]}`") for name in library.PARAMETERS[:-1]),
    )


def pin_rows():
    """Return the pins of the Pico."""

    def level(number):
        return "-" if number < 0 else ("low", "high")[number]

    return table(
        ("GPIO", "name", "direction", "pull inside", "reset", "at work", "halt", "beside the wire", "wired to"),
        (
            (gpio, f"**{name}**", direction, pull or "-", level(reset), level(work), level(halt), beside or "-", to)
            for gpio, name, _, direction, pull, reset, work, halt, beside, to in pin_table.TABLE
        ),
    )


def address_table():
    """Return what --port can be."""
    return table(("address", "what it is"), ((f"`{name}`", what) for name, what in cli_options.ADDRESSES.items()))


def status_table():
    """Return the exit statuses."""
    return table(("status", "meaning"), exits.MEANINGS.items())


PARTS = {
    "roles": role_table,
    "levels": level_table,
    "parameters": parameter_table,
    "addresses": address_table,
    "statuses": status_table,
    "pins": pin_rows,
    "version": lambda: f"Version {VERSION}, table fingerprint `{messages.FINGERPRINT}`.\n",
    "requests": lambda: messages_of(messages.REQUESTS),
    "options": option_kinds,
    "answers": lambda: messages_of(messages.ANSWERS),
    "pushed": lambda: messages_of(messages.PUSHED),
    "example": example,
    "configuration": field_tables,
    "therapies": lambda: therapy_pages.therapy_table(table),
    "therapy_fields": lambda: therapy_pages.field_tables(table),
    "reasons": reason_table,
    "faults": fault_table,
    "world": world_table,
    "patients": patient_table,
    "alarms": alarm_table,
    "signals": signal_table,
    "detection": detection_table,
    "states": state_table,
}


def made(text):
    """Return the text of a document with every generated part made again."""
    return PART.sub(lambda part: part.group(1) + PARTS[part.group(2)]() + part.group(3), text)


RUNS = {  # picture -> the words after `picoinfuse`, as the documents name them
    "hydration.png": ["run", "hydration", "--seed", "1"],
    "patient.png": [
        *("run", "oxytocin", "--seed", "1", "--patient", "oxytocin"),
        *("--fault", "clamp@45min:8min", "--nurse", "auto:10min"),
    ],
    "tci.png": [
        *("tci", "--model", "schnider", "--age", "40", "--target", "4 ug/mL@0min,3 ug/mL@20min", "--for", "40 min"),
        *("--seed", "1", "--fault", "clamp@10min:2min", "--nurse", "auto:4min"),
    ],
    "tci-models.png": [
        *("tci", "--model", "marsh", "--patient", "propofol-schnider", "--target", "4 ug/mL", "--for", "30 min"),
        *("--seed", "1"),
    ],
}


def picture():
    """Run the therapies that the documents show and keep their pictures."""
    for name, words in RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, "-m", "picoinfuse", *words, "--out", folder], check=True)
            shutil.copyfile(Path(folder) / "plot.png", HERE / name)
        print(f"written: docs/{name}")
    return 0


def files():
    """Return every file that is made, whole or in parts: its place in docs -> its fresh text; None: it has to go."""
    fresh = {name: made((HERE / name).read_text("utf-8")) for name in DOCUMENTS} | therapy_pages.pages()
    for path in (HERE / therapy_pages.FOLDER).glob("*"):
        fresh.setdefault(f"{therapy_pages.FOLDER}/{path.name}", None)
    return fresh


def main(arguments):
    if "--picture" in arguments:
        return picture()
    stale = []
    for name, fresh in files().items():
        path = HERE / name
        if (path.read_text("utf-8") if path.exists() else None) == fresh:
            continue
        stale.append(f"docs/{name}")
        if "--check" in arguments:
            continue
        if fresh is None:
            path.unlink()
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(fresh, "utf-8", newline="\n")
    if "--check" not in arguments:
        print("written: " + ", ".join(stale) if stale else "all documents are fresh")
        return 0
    if stale:
        print("stale, run `python docs/make.py`: " + ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
