"""Drawn stories of pumps with any options, people, a library, hands and power cuts: what must never be, whatever comes.

Judged by the motor and by what the pump says of itself: no step in a state in which nothing may move, no exception, no
fault that the pump finds in itself, a history that fits, and of a drug never more than the library's hard dose.
"""

from random import Random

import pytest

import libraries
from boards import HOUR_MS, Flash, PowerFailed, TestBoard, bolus, kvo, ml, order, pause, ramp, rate, repeat, step_of
from orders import demand, drug, hold, limit, syringes
from peoples import STAFF, file
from picoinfuse_firmware import states
from picoinfuse_firmware.board import HISTORY, KEY_BOLUS, KEY_MUTE, KEY_START, KEYS
from picoinfuse_firmware.library import PARAMETERS, Library
from picoinfuse_firmware.options import Option
from wards import Ward

MIN = 60_000
HARD_ML = 1  # of morphine, of each program
LINES = libraries.file(
    "drug insulin.uU conc=10000000/1000000,100000000/1000000 rate=-,-,-,30000000",
    f"drug morphine.ng conc=1/1 dose=-,-,600000,{ml(HARD_ML)} rate=-,-,2000000,20000000",
)
PASSED = [PARAMETERS.index(name) for name in ("rate", "dose")]
MADE_WITH = [
    Option("library", "test-1", [Library(LINES.splitlines(keepends=True)).check]),
    Option("override", "pain", [*PASSED, PARAMETERS.index("drug")]),
]
LOOP = Option("loop", "-", [100, 110, 40_000, ml(0.15), 3_000_000, 75 * MIN, 15 * MIN])
ITS_OWN_FAULTS = {"system_fault", "guard", "memory", "self_test", "over_delivery", "under_delivery", "motor_stalled"}
STEP = step_of(5)


class Story:
    """One pump with one flash through all its starts, and what was truly given of the program that it has."""

    def __init__(self, seed):
        self.draw = draw = Random(seed)
        self.has = draw.choice(((KEYS,), (KEYS, "force", "encoder", "end_switch"), ()))
        self.texts = {"library": LINES} if draw.random() < 0.7 else {}
        if draw.random() < 0.5:
            self.texts["access"] = file(level=draw.randrange(4), relock_ms=2 * MIN)
        self.flash = Flash()
        self.ids = 0
        self.before = 0  # steps of this program before the power failed
        self.starts = self.cuts = 0
        self.drug = ""
        self.boot()

    def boot(self):
        self.flash.dies_at = 0
        self.rig = Ward(TestBoard(has=self.has, flash=self.flash, texts=self.texts))
        self.rig.board.force = 1000
        self.base = self.rig.board.steps()
        self.rig.run(1100)

    def cut(self):
        self.cuts += 1
        self.before += self.rig.board.steps() - self.base
        self.boot()

    def run(self, ms):
        """Run, and look each second whether something is that must not be."""
        for _ in range(ms // 1000):
            moved, state = self.rig.board.steps(), self.rig.state
            self.rig.run(1000)
            if state == self.rig.state and state not in states.MOVING:
                assert self.rig.board.steps() <= moved
            self.judge()

    def judge(self):
        rig = self.rig
        pump = rig.controller
        assert pump.error is None
        assert not ITS_OWN_FAULTS & set(rig.alarms)
        assert (rig.state in states.MOVING) == (pump.moving is not None)
        assert len(self.flash.records.get(HISTORY, b"")) <= 512
        if rig.state in ("idle", "complete"):
            assert not {"glucose_low", "glucose_lost", "supervision_lost", "near_end"} & set(rig.alarms)
        if self.drug == "morphine.ng" and self.texts.get("library"):
            assert STEP.nl_of(self.before + rig.board.steps() - self.base) <= ml(HARD_ML)

    def identity(self):
        self.ids += 1
        return "%08x" % self.ids

    # ---- what is done --------------------------------------------------------------------------------------------

    def program(self):
        draw = self.draw
        loops = draw.random() < 0.3
        phases = [rate(0.08, duration_ms=10 * MIN), rate(0.1, duration_ms=5 * MIN), repeat(0, 3)]
        if not loops:
            phases = draw.choice(
                (
                    [rate(20, 0.2), kvo(2)],
                    [rate(20, 0.1), kvo(3, MIN), repeat(0, 2), kvo(5)],
                    [bolus(0.05, 60), rate(1, 0, MIN), repeat(0, 5), kvo(0.5)],
                    [ramp(1, 6, MIN), rate(6, 0, MIN), ramp(6, 1, MIN)],
                    [rate(3, 0, 2 * MIN), pause(MIN), bolus(0.1, 50), rate(1, 0, MIN)],
                    [rate(2, 0, 2 * MIN), rate(5, 0, HOUR_MS // 10)],
                )
            )
        self.wants = "insulin.uU" if loops or draw.random() < 0.3 else "morphine.ng"
        strength = draw.choice(([10**7, 10**6], [10**8, 10**6]))
        options = [Option("drug", self.wants, strength) if self.wants == "insulin.uU" else drug(amount=1, volume_nl=1)]
        options += [LOOP] if loops else []
        options += [demand(0.02, 60, MIN)] if draw.random() < 0.4 else []
        options += [limit(HOUR_MS, 10**8)] if draw.random() < 0.3 else []
        options += [syringes(2)] if draw.random() < 0.4 else []
        if not loops and {phase.kind for phase in phases} <= {"rate", "bolus"} and draw.random() < 0.7:
            options.append(hold(30_000, draw.choice((0, 0.5, 4))))
        if "library" in self.texts:
            options += MADE_WITH
        filled_ml = draw.choice((0.3, 5))
        return order(*phases, size_ml=5, filled_ml=filled_ml, near_end_ms=draw.choice((0, MIN)), options=options)

    def start(self):
        rig = self.rig
        its = rig.sent = self.program()
        if rig.ask("load", *its.load_values())[0] == "refused":
            rig.ask("stop")
            return
        for i, phase in enumerate(its.phases):
            rig.ask("phase", i, *phase.values())
        for i, option in enumerate(its.options):
            rig.ask("option", i, *option.values())
        answer, values = rig.ask("stage")
        if answer != "staged":
            return
        self.base, self.before, self.drug = rig.board.steps(), 0, self.wants
        if self.draw.random() < 0.9:
            rig.ask("confirm", values[0])
            self.starts += rig.ask("start", self.identity())[0] == "ok"

    def change(self, *proposal):
        rig = self.rig
        if self.draw.random() < 0.6:
            rig.ask("override", "pain", PASSED)
        rig.proposed = proposal
        name, values = rig.ask(*proposal)
        if name == "proposed":
            rig.ask("apply", self.identity(), values[0])

    def press(self):
        board = self.rig.board
        board.pressed = self.draw.choice((KEY_START, KEY_BOLUS, KEY_MUTE))
        self.run(self.draw.choice((1000, 3000)))
        board.pressed = 0

    def act(self):
        draw, rig = self.draw, self.rig
        if "access" in self.texts and draw.random() < 0.7:
            rig.try_code("anna", STAFF["anna"][1])
        likely = {"alarm": "acknowledge", "paused": "resume", "idle": "start", "complete": "start", "ready": "start"}
        what = likely.get(rig.state) if draw.random() < 0.6 else None
        if what is None:
            words = "bolus bolus rate demand glucose glucose pause stay cut dies stop force key hello wrong lock start"
            what = draw.choice(words.split())
        if what == "acknowledge":
            rig.ask("refill", ml(draw.choice((0.3, 5))))
            rig.ask("acknowledge")
        elif what == "start":
            self.start()
        elif what in ("resume", "demand"):
            rig.ask(what, self.identity())
        elif what == "bolus":
            self.change("bolus", ml(draw.choice((0.01, 0.1, 0.4, 0.9))), ml(60), HOUR_MS)
        elif what == "rate":
            self.change("rate", ml(draw.choice((0.05, 0.5, 2, 15))), HOUR_MS)
        elif what == "glucose":
            rig.ask("glucose", draw.choice((30, 45, 60, 80, 100, 120, 150, 200, 300)), draw.choice((0, MIN)))
        elif what in ("pause", "stay") or (what == "stop" and draw.random() < 0.3):
            rig.ask(what)
        elif what == "cut":
            self.cut()
        elif what == "dies":
            self.flash.dies_at, self.flash.late = self.flash.saves + draw.randrange(1, 5), draw.random() < 0.5
        elif what == "force" and "force" in self.has:
            rig.board.force = 12_000
            self.run(3000)
            rig.board.force = 1000
        elif what == "key" and self.has:
            self.press()
        elif what == "hello":
            rig.hello("another%s" % self.identity())
            rig.key = b""
        elif what == "wrong" and "access" in self.texts:
            rig.try_code("tom", "x" * 9)
        elif what == "lock":
            rig.ask("lock", draw.randrange(4))


@pytest.mark.parametrize("seed", range(16))
def test_whatever_comes_the_pump_finds_no_fault_in_itself_and_gives_no_more_than_the_hard_dose(seed):
    story = Story(seed)
    for _ in range(100):
        try:
            story.act()
            story.run(story.draw.choice((1, 3, 20, 60, 130)) * 1000)
        except PowerFailed:
            story.cut()
    assert story.starts
    assert story.cuts
