"""The second channel against a first one that is broken on purpose and blind: how much runs, or fails to run.

The volumes are those of the published table (picoinfuse_sim.detection, docs/safety.md).
"""

import pytest

from boards import HOUR_MS, Rig, TestBoard, bolus, kvo, ml, order, rate, repeat, step_of
from picoinfuse_firmware import lookout
from picoinfuse_firmware.guard import CAUSE_BACK, CAUSE_STILL, CAUSE_TURNED, Guard
from picoinfuse_sim.detection import RATES_ML_H, SYRINGES, detection

WATCHES = ("occlusion", "reservoir", "stall", "flow", "rate", "engaged", "force", "encoder", "around", "count")
SIZES = [int(name.split()[1]) for name in SYRINGES]
LIMIT_H = 30


def blind(rig, monkeypatch, watches):
    """Let these watches see nothing."""
    pump = rig.controller
    for watch in watches:
        if watch == "occlusion":
            monkeypatch.setattr(pump.occlusion, "look", lambda *seen: 0)
        elif watch == "reservoir":
            monkeypatch.setattr(lookout.reservoir, "empty", lambda *seen: 0)
        elif watch == "count":
            pump.delivery.beyond = lambda made: False
        else:
            monkeypatch.setattr(getattr(pump.lookout, watch), "look", lambda *seen: 0)


class Twice:
    """A board between delivery and motor that does every run twice, or does not halt."""

    def __init__(self, board, deaf=False):
        self._board = board
        self._deaf = deaf

    def __getattr__(self, name):
        return getattr(self._board, name)

    def move(self, count, interval_us, first_at_us):
        if self._deaf:
            self._board.move(count, interval_us, first_at_us)
        else:
            self._board.move(2 * count, max(500, interval_us // 2), first_at_us)

    def halt(self):
        return self._board.steps() if self._deaf else self._board.halt()


class Broken:
    """A pump on its rig with one thing broken; `ordered_nl` is what the order allows by now."""

    def __init__(self, monkeypatch, fault, size_ml, ml_h, watches=WATCHES):
        self.rig = rig = Rig()
        self.size_ml, self.ml_h = size_ml, ml_h
        self.step = step_of(size_ml)
        self.fixed_nl = 0
        volume_ml = min(4, ml_h * 20)
        phases = [rate(ml_h, volume_ml)]
        if fault in ("end by volume", "kvo at the dose's rate"):
            phases = [rate(ml_h, ml_h / 100)]
        if fault == "end by time":
            phases = [rate(ml_h, 0, 36000)]
        if fault == "kvo at the dose's rate":
            phases.append(kvo(ml_h / 10))
        rig.ready(order(*phases, size_ml=size_ml))
        blind(rig, monkeypatch, watches)
        delivery = rig.delivery
        if fault == "steps doubled":
            delivery.dose.due._per_nl_num *= 2
        if fault == "runs twice":
            delivery._board = Twice(delivery._board)
        if fault == "no halt":
            delivery._board = Twice(delivery._board, deaf=True)
        if fault == "kvo at the dose's rate":
            begin = delivery.kvo.basal.begin
            delivery.kvo.basal.begin = lambda at, nl, ms, volume, until: begin(at, nl * 10, ms, volume, until)
        rig.ok("start", rig.new_id())
        self.from_ms = rig.now_ms
        self.from_nl = self.turned_nl()
        if fault in ("end by volume", "end by time"):
            basal = delivery.dose.basal
            basal.volume_nl = basal.until_ms = basal.end_ms = -1
            self.fixed_nl = ml(ml_h) // 100
        if fault == "kvo at the dose's rate":
            rig.run_until("kvo", 60000)
            self.ml_h = ml_h / 10
            self.begin_anew()
        if fault == "rate not lowered":
            rig.run(5000)
            delivery.change_rate = lambda nl, ms: None
            rig.change("rate", ml(ml_h / 2), HOUR_MS)
            self.ml_h = ml_h / 2
            self.begin_anew()
        if fault == "no halt":
            rig.run(5000)
            rig.ok("pause")
            self.ml_h = 0
            self.begin_anew()

    def begin_anew(self):
        self.from_ms, self.from_nl = self.rig.now_ms, self.turned_nl()

    def turned_nl(self):
        return self.step.nl_of(self.rig.board.encoder() * 3200 // 4096)

    def extra_nl(self):
        ordered_nl = self.fixed_nl or ml(self.ml_h) * (self.rig.now_ms - self.from_ms) // HOUR_MS
        return self.turned_nl() - self.from_nl - ordered_nl

    def run(self, most_ms):
        """Poll twice a second until an alarm stops the motor; return the most that ran beyond the order, in nL."""
        extra_nl = 0
        for _ in range(most_ms // 500):
            self.rig.poll()
            self.rig.board.now_us += 400000
            extra_nl = max(extra_nl, self.extra_nl())
            if self.rig.state == "alarm":
                break
        return extra_nl


FAULTS = ("steps doubled", "runs twice", "rate not lowered", "kvo at the dose's rate", "end by volume", "end by time")


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("size_ml", SIZES)
@pytest.mark.parametrize("ml_h", RATES_ML_H)
def test_a_broken_and_blind_first_channel_is_stopped_within_the_published_volume(monkeypatch, fault, size_ml, ml_h):
    broken = Broken(monkeypatch, fault, size_ml, ml_h)
    extra_nl = broken.run(LIMIT_H * HOUR_MS)
    rig = broken.rig
    published = detection(f"BD {size_ml} mL", ml_h).guard_ul
    print(f"{fault}, BD {size_ml} mL at {ml_h} mL/h: {extra_nl / 1000:.1f} uL, published {published:.1f}")
    assert [e["what"] for e in rig.seen("alarm") if e["what"] not in ("end", "near_end")] == ["guard"]
    assert rig.seen("alarm", "guard")[0]["value"] == CAUSE_TURNED
    assert published / 3 < extra_nl / 1000 < published
    standing = rig.board.encoder()
    rig.run(5000)
    assert rig.board.encoder() == standing
    assert rig.refusal("acknowledge") == "restart_needed"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("watch", WATCHES)
def test_with_any_single_watch_blind_a_broken_first_channel_is_stopped_as_soon(monkeypatch, fault, watch):
    broken = Broken(monkeypatch, fault, 20, 50.0, (watch,))
    extra_nl = broken.run(HOUR_MS)
    assert broken.rig.state == "alarm"
    assert extra_nl / 1000 < detection("BD 20 mL", 50.0).guard_ul


@pytest.mark.parametrize("size_ml", SIZES)
@pytest.mark.parametrize("ml_h", RATES_ML_H)
def test_steps_that_nobody_laid_are_told_by_their_count_long_before_the_guard(monkeypatch, size_ml, ml_h):
    """Once a second, so with all watches blind but this: the steps of two seconds and of two chunks, at the most."""
    broken = Broken(monkeypatch, "runs twice", size_ml, ml_h, [watch for watch in WATCHES if watch != "count"])
    extra_nl = broken.run(LIMIT_H * HOUR_MS)
    assert broken.rig.alarms == ["system_fault"]
    assert extra_nl <= ml(ml_h) * 4000 // HOUR_MS + 2 * broken.step.nl_of(1)
    assert extra_nl < 1000 * detection(f"BD {size_ml} mL", ml_h).guard_ul / 3


@pytest.mark.parametrize("size_ml", SIZES)
def test_a_first_channel_that_does_not_halt_gives_no_more_than_it_laid_and_the_guard_allows(monkeypatch, size_ml):
    broken = Broken(monkeypatch, "no halt", size_ml, 200)
    extra_nl = broken.run(60000)
    assert extra_nl <= ml(200) * 1.8 / 3600
    assert 0 < extra_nl / 1000 < detection(f"BD {size_ml} mL", 200).guard_ul


@pytest.mark.parametrize("size_ml", SIZES)
@pytest.mark.parametrize("ml_h", RATES_ML_H)
def test_a_first_channel_that_lays_nothing_is_told_within_the_published_volume(monkeypatch, size_ml, ml_h):
    """A silent stop: no step is due, none is made, and every watch is content."""
    broken = Broken(monkeypatch, "none", size_ml, ml_h)
    delivery = broken.rig.delivery
    broken.rig.run(2000)
    delivery.due_steps = lambda now_ms: delivery.steps_given(delivery.dose)
    delivery.lay = lambda now_ms: now_ms + 100
    broken.begin_anew()
    broken.run(LIMIT_H * HOUR_MS)
    assert broken.rig.alarms == ["guard"]
    assert broken.rig.seen("alarm", "guard")[0]["value"] == CAUSE_STILL
    assert 0 < -broken.extra_nl() / 1000 < detection(f"BD {size_ml} mL", ml_h).still_ul + ml_h * 2 / 3.6


def test_a_screw_that_stands_is_told_by_the_guard_when_stall_and_flow_are_blind(monkeypatch):
    broken = Broken(monkeypatch, "none", 60, 5.0)
    broken.rig.run(2000)
    broken.rig.board.turns = (0, 1)
    broken.begin_anew()
    broken.run(LIMIT_H * HOUR_MS)
    assert broken.rig.seen("alarm", "guard")[0]["value"] == CAUSE_STILL
    assert -broken.extra_nl() / 1000 < detection("BD 60 mL", 5.0).still_ul


def step_back(board, steps):
    if board.room():
        board.move(-steps, 1000, board.now_us & ((1 << 30) - 1))


@pytest.mark.parametrize(("has", "cause"), [(("force",), CAUSE_BACK), (("force", "encoder"), CAUSE_STILL)])
def test_a_motor_that_steps_back_while_it_is_to_infuse_is_stopped_after_an_eighth_of_a_turn(has, cause):
    board = TestBoard(has=has)
    guard = Guard(board)
    guard.take(order(rate(5, 20)))
    guard.arm(0)
    guard.phase(0, 0)
    for second in range(1, 60):
        step_back(board, 50)
        board.now_us += 1000000
        found = guard.look(second * 1000)
        if found:
            break
    assert found == cause
    assert 350 < board.steps_reverse() <= 450
    assert board.halts == 1


def test_a_motor_that_steps_back_without_end_while_the_pump_is_paused_is_stopped():
    """No continuous reverse delivery [GIP 1.8]: at most what threshold, friction and backlash need, and a margin."""
    rig = Rig()
    rig.start(order(rate(50, 20), occlusion_mmhg=300))
    rig.run(60000)
    rig.ok("pause")
    before = rig.board.steps_reverse()
    for _ in range(3600):
        if rig.alarms:
            break
        step_back(rig.board, 100)
        rig.poll()
    assert rig.alarms == ["guard"]
    assert rig.seen("alarm", "guard")[0]["value"] == CAUSE_BACK
    most = rig.delivery.step.steps_in((300 + 2 * 68) * 4000) + 160 + 400
    assert most * 0.95 < rig.board.steps_reverse() - before < most + 1300
    standing = rig.board.steps()
    rig.run(5000)
    assert rig.board.steps() == standing


@pytest.mark.parametrize("times", [1, 3])
def test_a_phase_that_is_begun_more_often_than_ordered_is_given_no_more_tokens(times):
    """The first channel tells the truth about what it begins, and begins it once too often."""
    board = TestBoard()
    guard = Guard(board)
    phases = [rate(100, 0, 60000)] + ([repeat(0, times)] if times > 1 else [])
    guard.take(order(*phases))
    guard.arm(0)
    minute_nl = ml(100) // 60
    cause = now_ms = 0
    for _ in range(3 * times):
        guard.phase(0, now_ms)
        for _ in range(60):
            now_ms += 1000
            board._turned += step_of(60).steps_in(minute_nl) * 1000 // 60
            cause = cause or guard.look(now_ms)
        if cause:
            break
    assert cause == CAUSE_TURNED
    assert times * 60000 < now_ms <= (times + 1) * 60000


def test_the_guard_hears_of_a_bolus_beside_a_phase_by_volume_and_of_its_end():
    """Bug: the bolus that outlasts such a phase let its basal go on for the guard, and the screw seemed to stand."""
    board = TestBoard()
    guard = Guard(board)
    guard.take(order(bolus(1, 10), rate(20, 0.1)))
    guard.arm(0)
    guard.phase(0, 0)
    guard.phase(1, 0)
    for second in range(1, 361):
        ml_h = 10 + (20 if second <= 18 else 0)
        board._turned += step_of(60).steps_in(ml(ml_h)) * 1000 // 3600
        assert guard.look(second * 1000) == 0
    causes = []
    for second in range(361, 600):
        board._turned += step_of(60).steps_in(ml(10)) * 1000 // 3600
        causes.append(guard.look(second * 1000))
    assert CAUSE_TURNED in causes
    assert causes.index(CAUSE_TURNED) * ml(10) / 3600 < detection("BD 60 mL", 50.0).guard_ul * 1000


def test_drawing_back_as_far_as_an_occlusion_needs_is_no_fault():
    """The threshold and twice the friction, at the compliance of syringe and tubing, and the backlash."""
    rig = Rig()
    rig.start(order(rate(50, 20), occlusion_mmhg=300))
    rig.run(60000)
    rig.ok("pause")
    steps = rig.delivery.step.steps_in((300 + 2 * 67) * 4000) + 160
    while rig.board.steps_reverse() < steps:
        step_back(rig.board, 50)
        rig.poll()
    rig.run(3000)
    assert rig.alarms == []
    rig.resume()
    rig.run(60000)
    assert rig.alarms == []
