"""Writes the generated parts of the documents: what stands between `<!-- make: NAME -->` and `<!-- end -->`.

python docs/make.py              write them again
python docs/make.py --check      change nothing; exit 1 and say which are stale
python docs/make.py --picture    make docs/hydration.png again, by the command that the README names
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from picoinfuse_firmware import VERSION, alarms, limits, messages, states, wire

HERE = Path(__file__).parent
FIRMWARE = HERE.parent / "firmware" / "picoinfuse_firmware"
DOCUMENTS = ("protocol.md", "safety.md")
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

    return "\n".join(
        (
            "```",
            "host  " + line(0, "hello", "7f3a", VERSION, messages.FINGERPRINT),
            "pump  " + line(0, "welcome", VERSION, messages.FINGERPRINT, 1, 120, "idle", 7, 3200, 2000, 4096, 2),
            "host  " + line(1, "mute", 200000),
            "pump  " + line(1, "refused", "mute_too_long", 200000, 120000),
            "host  " + line(2, "status"),
            "pump  " + line(2, "is", 1, 900, "idle", -1, 0, 0, 0, 0, 0, 0, 0, "-", [], 0, 2, 8200),
            "```",
            "",
        )
    )


def decided_in(name):
    """Return the firmware files, apart from the table itself, that speak of the alarm `name` (a constant's name)."""
    word = re.compile(rf"\b{name}\b")
    files = sorted(FIRMWARE.rglob("*.py"))
    found = [f for f in files if f.name not in ("alarms.py", "states.py") and word.search(f.read_text("utf-8"))]
    return [f.relative_to(FIRMWARE).as_posix() for f in found]


def alarm_table():
    """Return the alarm table of alarms.py."""
    constants = {value: name for name, value in vars(alarms).items() if name.isupper() and isinstance(value, int)}
    constants.update({alarm.code: alarm.name.upper() for alarm in alarms.TABLE})
    return table(
        ("code", "name", "priority", "motor", "stays until", "what it says", "what to do", "in the code"),
        (
            (
                alarm.code,
                f"`{alarm.name}`",
                alarms.PRIORITIES[alarm.priority],
                "stops" if alarm.stops else "goes on",
                "acknowledged" if alarm.latching else "its cause is gone",
                alarm.text,
                alarm.action,
                ", ".join(f"`{name}`" for name in decided_in(constants[alarm.code])) or "-",
            )
            for alarm in alarms.TABLE
        ),
    )


def state_table():
    """Return the state machine of states.py."""
    return table(
        ("in state", "on", "goes to"),
        ((f"`{state}`", f"`{event}`", f"`{after}`") for (state, event), after in states.TABLE.items()),
    )


def reason_table():
    """Return the reasons of limits.py."""
    return table(("reason", "in words"), ((f"`{name}`", text) for name, text in limits.REASONS.items()))


PARTS = {
    "version": lambda: f"Version {VERSION}, table fingerprint `{messages.FINGERPRINT}`.\n",
    "requests": lambda: messages_of(messages.REQUESTS),
    "answers": lambda: messages_of(messages.ANSWERS),
    "pushed": lambda: messages_of(messages.PUSHED),
    "example": example,
    "reasons": reason_table,
    "alarms": alarm_table,
    "states": state_table,
}


def made(text):
    """Return the text of a document with every generated part made again."""
    return PART.sub(lambda part: part.group(1) + PARTS[part.group(2)]() + part.group(3), text)


def picture():
    """Run the therapy of the README and keep its picture."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "picoinfuse", "run", "hydration", "--seed", "1", "--out", folder]
        subprocess.run(command, check=True)
        shutil.copyfile(Path(folder) / "plot.png", HERE / "hydration.png")
    print("written: docs/hydration.png")
    return 0


def main(arguments):
    if "--picture" in arguments:
        return picture()
    stale = []
    for name in DOCUMENTS:
        path = HERE / name
        old = path.read_text("utf-8")
        new = made(old)
        if new != old:
            stale.append(f"docs/{name}")
            if "--check" not in arguments:
                path.write_text(new, "utf-8")
    if "--check" not in arguments:
        print("written: " + ", ".join(stale) if stale else "all documents are fresh")
        return 0
    if stale:
        print("stale, run `python docs/make.py`: " + ", ".join(stale))
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
