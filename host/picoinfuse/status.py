"""What a pump answers when it is asked: Status, Staged, Proposal, Outcome, with the words for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from picoinfuse_firmware import alarm_texts, alarms
from picoinfuse_firmware.reasons import REASONS

from .units import rounded

OUTCOMES = {
    "unknown": "not done: it never reached the pump, nothing was delivered for it",
    "running": "under way",
    "done": "done",
    "forgotten": "the pump took it, and keeps no word of its end any more",
    "stopped": "cut short: it was stopped before it ended",
    "power_lost": "cut short: the power failed before it ended",
}

# Why a pump does not infuse, whatever is asked: the part of its word before the dot, and what to do.
PROBLEMS = {
    "files_damaged": "the firmware on it is not whole: run `picoinfuse install` once more",
    "config_missing": "it has no configuration, or not all of it: run `picoinfuse install`",
    "config": "its configuration cannot be used: write it anew",
    "journal": "what must survive a power cut cannot be kept: run `picoinfuse install`",
    "access": "its file of people cannot be used: write it anew (`picoinfuse access`)",
}

# What each lock level leaves to who is not logged in (the firmware's access.py).
LEVELS = (
    "not locked",
    "the patient may start and stop, change the syringe, and ask for no bolus",
    "the patient may start and stop",
    "the patient may ask for a bolus",
)


@dataclass(frozen=True)
class Doses:
    """What was asked for and given of a program's drug: the fields of `doses_are`.

    asked, given: boluses that the patient asked for, and was given. wait_ms: until the next can be given, -1: never.
    full, most: of each limit, what its window holds or can come to hold, and its limit; in the unit of the drug, or nL.
    """

    asked: int
    given: int
    wait_ms: int
    full: tuple[int, ...]
    most: tuple[int, ...]


@dataclass(frozen=True)
class Status:
    """How the pump stands; the fields are those of the `is` message. Times are device milliseconds, volumes nanolitres.

    remaining_ms -1: without end. alarms: the codes that are active. check: of the program on the pump, "-" for none.
    uncertain_nl: power was lost, and up to so much of delivered_nl may not have been given. who: NAME.ROLE of who is
    logged in, "-" for nobody. lock: its level; -1: nobody is known to this pump, and everybody may do everything.
    """

    boot: int
    at_ms: int
    state: str
    phase: int
    rate_nl_h: int
    delivered_nl: int
    ordered_nl: int
    kvo_nl: int
    prime_nl: int
    left_nl: int
    remaining_ms: int
    check: str
    alarms: tuple[int, ...]
    muted_ms: int
    last_event: int
    battery_mv: int
    drawn_nl: int
    friction_mn: int
    uncertain_nl: int
    who: str
    lock: int

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Status:
        """Return it from the fields of an answer."""
        values: dict[str, Any] = {name: fields[name] for name in cls.__dataclass_fields__}
        values["alarms"] = tuple(values["alarms"])
        return cls(**values)

    @property
    def alarm_names(self) -> list[str]:
        """The names of the active alarms, the most urgent first."""
        return [str(row.name) for row in self._alarm_rows()]

    def people_words(self) -> str:
        """Return who is logged in, and what the lock level leaves to who is not."""
        if self.lock < 0:
            return "open: nobody is known to this pump, everybody may do everything"
        name, _, role = self.who.partition(".")
        person = f"{name} ({role}) is logged in" if role else "nobody is logged in"
        return f"{person}; lock level {self.lock}: {LEVELS[self.lock]}"

    def _alarm_rows(self) -> list[Any]:
        rows = [alarms.BY_CODE[code] for code in self.alarms if code in alarms.BY_CODE]
        return sorted(rows, key=lambda row: -row.priority)

    def _delivered(self) -> str:
        most = f"{self.delivered_nl / 1e6:.3f}"
        least = f"{max(0, self.delivered_nl - self.uncertain_nl) / 1e6:.3f}"
        return most if least == most else f"{least} to {most}"

    def text(self, absent: Sequence[str] = (), problem: str = "") -> str:
        """Return it in words, several lines, for teaching only.

        absent: sensors that this pump does not have. problem: the word for why it does not infuse, as Pump.problem.
        """
        lines = [
            f"state      {self.state}" + (f", phase {self.phase + 1}" if self.state in ("infusing", "kvo") else ""),
            f"rate       {self.rate_nl_h / 1e6:.3f} mL/h",
            f"delivered  {self._delivered()} of {self.ordered_nl / 1e6:.3f} mL ordered",
        ]
        if self.uncertain_nl:
            lines.append(f"{'':<11}power was lost: how much of it is not known better")
        if self.kvo_nl:
            lines.append(f"           and {self.kvo_nl / 1e6:.3f} mL to keep the vein open")
        if self.prime_nl:
            lines.append(f"           and {self.prime_nl / 1e6:.3f} mL of priming")
        if self.drawn_nl:
            lines.append(f"           less {self.drawn_nl / 1e6:.3f} mL drawn back after an occlusion")
        friction = f", friction {self.friction_mn / 1000:.2f} N" if self.friction_mn else ""
        told = self.left_nl or self.ordered_nl  # a program tells what is in the syringe
        content = f"{max(0, self.left_nl) / 1e6:.3f} mL left{friction}" if told else "nobody has told which"
        lines.append(f"syringe    {content}")
        if self.remaining_ms > 0:
            lines.append(f"remaining  {duration_words(self.remaining_ms)}")
        if self.battery_mv:
            lines.append(f"battery    {self.battery_mv / 1000:.2f} V")
        lines.append(f"people     {self.people_words()}")
        if absent:
            names = ", ".join(name.replace("_", " ") for name in absent)
            lines.append(f"absent     {names}: what only they can see raises no alarm")
        if problem:
            lines.append(f"problem    {problem_words(problem)}")
        rows = self._alarm_rows()
        for number, row in enumerate(rows):
            head = "" if number else "alarms"
            lines.append(
                f"{head:<11}{row.name.replace('_', ' ')} ({alarms.PRIORITIES[row.priority]}): {alarm_texts.text(row)}."
            )
            lines.append(f"{'':<11}{alarm_texts.action(row)}.")
        if not rows:
            lines.append("alarms     none")
        if self.muted_ms:
            lines.append(f"sound      paused for another {duration_words(self.muted_ms)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Staged:
    """What the pump understood of a program. duration_ms -1: without end. step_pl: picolitres of a motor step."""

    check: str
    volume_nl: int
    duration_ms: int
    step_pl: int


@dataclass(frozen=True)
class Outcome:
    """What became of a request that can deliver. what: a key of OUTCOMES."""

    id: str
    what: str
    verb: str
    detail: str = ""

    @property
    def text(self) -> str:
        """One sentence."""
        return f"{self.verb} {self.detail}".strip() + f" ({self.id}): {OUTCOMES.get(self.what, self.what)}"


OF_AN_ALARM = ("would_alarm", "alarm_active")  # refusals for an alarm, whose own words say what to do


LIMIT_NEVER = "a dose limit is reached, and stays so with this program: a bolus of {limit} nL cannot be given under it"


def explain(reason: str, value: int, limit: int) -> str:
    """Return a refusal in the pump's own words, with the value and the limit."""
    name = reason if reason in REASONS else reason.partition(".")[0]  # behind the dot: what it is about
    words = str(REASONS.get(name, f"refused: {reason} (value {{value}}, limit {{limit}})"))
    if name == "limit_reached":
        words = LIMIT_NEVER if value < 0 else words.removesuffix(" (-1: never)")
    for name, number in (("{value}", value), ("{limit}", limit)):
        words = words.replace(f"{name} nL/h", f"{rounded(Fraction(number, 10**6), 6)} mL/h")
        words = words.replace(f"{name} nL", f"{rounded(Fraction(number, 10**6), 6)} mL")
        words = words.replace(f"{name} ms", duration_words(number))
        words = words.replace(f"phase {name}", f"phase {number + 1}")  # people count from 1
        words = words.replace(
            f"alarm {name}", f"alarm {alarms.BY_CODE[number].name if number in alarms.BY_CODE else number}"
        )
        words = words.replace(name, str(number))
    if reason in OF_AN_ALARM and value in alarms.BY_CODE:
        row = alarms.BY_CODE[value]
        words += f". {alarm_texts.text(row)}. {alarm_texts.action(row)}"
    return words


def problem_words(word: str) -> str:
    """Return in words why a pump does not infuse, and what to do about it."""
    name, _, which = word.partition(".")
    does = PROBLEMS.get(name) or PROBLEMS.get(name.partition("_")[0], "unknown to this host")
    return f"this pump does not infuse: {does} ({name.replace('_', ' ')}{': ' + which if which else ''})"


def duration_words(ms: int) -> str:
    """Return a duration as people say it: "1 h 30 min", "45.2 s", "without end" for -1."""
    if ms < 0:
        return "without end"
    if ms < 60_000:
        return f"{ms / 1000:.1f}".removesuffix(".0") + " s"
    seconds = round(ms / 1000)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (seconds, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n)
