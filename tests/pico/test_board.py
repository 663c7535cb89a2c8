"""The Pico's board: every verb of the seam, from the part that has it, and what idle does."""

import pytest

from pico.configs import ALL, config
from picoinfuse_firmware import board as seam
from picoinfuse_firmware.board import RESET_WATCHDOG, SENSORS
from picoinfuse_firmware.pico import pins

MOTION = ("move", "halt", "steps", "steps_forward", "steps_reverse")


class Parts:
    """A PicoBoard with stand-ins for what main.py makes."""

    def __init__(self, pico, its, **more):
        self.calls = calls = []
        self.room = 3  # runs that fit
        self.to_erase = 0  # sectors

        def part(*verbs):
            return type(
                "Part", (), {verb: lambda self, *given, verb=verb: calls.append((verb, given)) for verb in verbs}
            )()

        stepper = part(*MOTION)
        stepper.room = lambda: self.room
        store = part("save", "load", "log", "logged", "log_range", "journal_id")
        store.prepare = self.prepare
        wire = part("read", "write")
        wire.wait = pico.world.wait
        self.board = pico.board.PicoBoard(its, stepper=stepper, store=store, wire=wire, watchdog=part("feed"), **more)

    def prepare(self):
        self.calls.append(("prepare", ()))
        self.to_erase -= 1
        return self.to_erase >= 0


def answering(pico, *has):
    """Return a board whose load cell and encoder answer from power-on."""
    pico.world.parts[0x36] = {0x0B: 0x20, 0x0C: 0, 0x0D: 0}
    for gpio in (pins.END, pins.SYRINGE, pins.COVER, pins.AIR, pins.MAINS):
        pico.world.levels[gpio] = 0
    machine = pico.machine
    begin = pico.rp2.StateMachine.active

    def active(self, on):
        begin(self, on)
        if pico.world.machines.get(pico.hx711.MACHINE) is self:
            self.words.append(1000 << 1 | 1)

    pico.rp2.StateMachine.active = active
    pico.world.adc.update({pins.BATTERY: 40000, machine.ADC.CORE_TEMP: 876 << 4})
    return Parts(pico, config(*has, force_counts_per_n=1000))


def test_motion_flash_wire_and_watchdog_are_the_parts_own(pico):
    its = Parts(pico, config())
    for verb in (*MOTION, "save", "load", "log", "logged", "log_range", "journal_id", "read", "write", "feed"):
        getattr(its.board, verb)()
    assert [verb for verb, _ in its.calls] == [
        *MOTION,
        "save",
        "load",
        "log",
        "logged",
        "log_range",
        "journal_id",
        "read",
        "write",
        "feed",
    ]


def test_every_verb_of_a_fitted_sensor_answers(pico):
    board = answering(pico, *ALL).board
    assert board.has == ALL
    assert board.silent() == 0
    assert board.force_mn() == 1000
    assert board.encoder() == 0
    assert board.angle() == 0
    assert board.at_end() is False
    assert board.switches() == 0
    assert board.battery_mv() > 7000
    assert 20000 < board.temperature_mc() < 35000
    assert board.keys() == 0
    assert board.ticks_ms() == pico.world.now_ms


def test_a_sound_pico_passes_the_self_test_and_a_pulled_plug_fails_it(pico):
    from picoinfuse_firmware import selftest

    its = answering(pico, *ALL)
    assert selftest.failed(its.board) == 0
    pico.world.wait(501)
    assert selftest.failed(its.board) == selftest.SENSOR + SENSORS.index("force")


def test_a_bare_board_has_nothing_and_is_never_silent(pico):
    board = Parts(pico, config()).board
    assert (board.has, board.silent(), board.angle()) == ((), 0, None)
    with pytest.raises(NotImplementedError):
        board.force_mn()
    assert not board.shows


def test_a_sensor_that_never_answers_is_waited_for_and_then_silent(pico):
    before = pico.world.now_ms
    board = Parts(pico, config("force", "encoder")).board
    waited = (pico.world.now_ms - before) & seam.TICKS_MASK
    assert pico.board.SETTLE_MS <= waited <= pico.board.SETTLE_MS + 20
    assert board.silent() == 3


def test_an_encoder_that_is_geared_or_silent_knows_no_angle_within_a_turn_of_the_screw(pico):
    its = answering(pico, "encoder")
    its.board.config.encoder_counts_per_turn = 8192
    assert its.board.angle() is None
    its.board.config.encoder_counts_per_turn = 4096
    assert its.board.angle() == 0
    pico.world.parts.clear()
    pico.world.wait(501)
    assert its.board.angle() is None


def test_nobody_waits_for_sensors_that_answer(pico):
    before = pico.world.now_ms
    answering(pico, *ALL)
    assert (pico.world.now_ms - before) & seam.TICKS_MASK < 20


def test_why_it_started_and_why_it_must_not_infuse(pico):
    board = Parts(pico, config(), cause=RESET_WATCHDOG, problem="config_missing").board
    assert (board.reset_cause(), board.problem) == (RESET_WATCHDOG, "config_missing")
    assert (Parts(pico, config()).board.reset_cause(), Parts(pico, config()).board.problem) == (0, "")


def test_idle_waits_for_what_is_left_and_looks_at_what_must_be_looked_at_often(pico):
    its = answering(pico, "force", "encoder")
    words = pico.world.machines[pico.hx711.MACHINE].words
    words += [2000 << 1 | 1] * 3
    pico.world.parts[0x36][0x0D] = 50
    before = pico.world.now_ms
    its.board.idle(100)
    assert (pico.world.now_ms - before) & seam.TICKS_MASK == 100
    assert words == []
    assert its.board.encoder() == 50
    its.board.idle(0)


def test_the_journal_is_made_ready_one_sector_at_a_time_and_only_while_the_motor_stands(pico):
    its = Parts(pico, config())
    its.to_erase = 2
    its.room = 2
    for _ in range(200):
        its.board.idle(100)
    assert its.calls == []
    its.room = 3
    for prepared in (1, 2, 3, 3):
        its.board.idle(100)
        assert its.calls == [("prepare", ())] * prepared
    for _ in range(pico.board.TIDY_EVERY):
        its.board.idle(100)
    assert len(its.calls) == 4


def test_a_screw_that_turns_between_two_polls_is_followed_though_nobody_asks(pico):
    its = answering(pico, "encoder")
    for i in range(1, 100):
        angle = i * 600 % 4096
        pico.world.parts[0x36].update({0x0C: angle >> 8, 0x0D: angle & 255})
        its.board.idle(100)
    assert its.board.encoder() == 99 * 600


def test_a_fitted_display_is_drawn_in_idle(pico, monkeypatch):
    import sys
    import types

    pictures = []

    class SSD1306_I2C:  # noqa: N801 (the driver's own name)
        def __init__(self, *given):
            pass

        def fill(self, colour):
            pass

        def text(self, text, x, y):
            pictures.append(text)

        def show(self):
            pass

    module = types.ModuleType("ssd1306")
    module.SSD1306_I2C = SSD1306_I2C
    monkeypatch.setitem(sys.modules, "ssd1306", module)
    board = Parts(pico, config(has_display=1)).board
    assert board.shows
    assert board.show(("PAUSED",)) == ""
    assert pictures == []
    board.idle(100)
    assert pictures == ["PAUSED"]


def test_a_display_without_its_driver_says_so_when_it_is_to_show_something(pico, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ssd1306", None)
    board = Parts(pico, config(has_display=1)).board
    assert board.show(("PAUSED",)) == "display_driver_missing"
    board.idle(100)


def test_an_alarm_is_shown_by_light_and_sound(pico):
    board = Parts(pico, config()).board
    board.signal(3, True)
    assert pico.world.levels[pins.RED] == 1
    assert pico.world.pwm.duty


def test_a_whole_pump_runs_on_it_and_its_keys_work(pico):
    """The controller on this board, with the motor of the small test board behind it."""
    from boards import Rig, order, rate
    from testboard import TestBoard

    motor = TestBoard(has=())
    motor.now_us = 0
    its = answering(pico, *(name for name in ALL if name != "encoder"))
    board = its.board
    board.ticks_ms = motor.ticks_ms
    for verb in (*MOTION, "save", "load", "read", "write"):
        setattr(board, verb, getattr(motor, verb))
    for name in ("sent", "incoming", "flash"):
        setattr(board, name, getattr(motor, name))
    board.force = 0  # the rig asks for it
    rig = Rig.__new__(Rig)

    words = pico.world.machines[pico.hx711.MACHINE].words

    class Ticking(type(board)):
        """The rig sets the clock of both."""

        @property
        def now_us(self):
            return motor.now_us

        @now_us.setter
        def now_us(self, us):
            pico.world.wait((us - motor.now_us) // 1000)
            motor.now_us = us
            words.append(5001 << 1 | 1)

    board.__class__ = Ticking
    Rig.__init__(rig, board=board)
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("idle", [])
    rig.ready(order(rate(20, 5)))
    rig.run(2000)
    pico.world.levels[pins.KEY_START] = 0
    rig.run(300)
    pico.world.levels[pins.KEY_START] = 1
    rig.run(5000)
    assert (rig.state, rig.alarms) == ("infusing", [])
    assert motor.steps_forward() > 50
    pico.world.set(pins.COVER, 1)
    rig.run(1100)
    assert rig.alarms == ["cover_open"]


def test_a_text_file_lies_in_the_root_and_is_read_line_by_line_and_closed(pico, monkeypatch, tmp_path):
    """The firmware's own path, with a folder of this machine in the place of the root."""
    opened = []

    def root(path):
        opened.append((tmp_path / path.lstrip("/")).open(encoding="utf-8"))
        return opened[-1]

    monkeypatch.setattr(pico.board, "open", root, raising=False)
    its = Parts(pico, config()).board
    assert its.text("access") is None
    (tmp_path / "access.txt").write_text("one\ntwo\n", "utf-8")
    assert list(its.text("access")) == ["one\n", "two\n"]
    assert [file.closed for file in opened] == [True]


def test_chance_is_the_chips_own_and_never_the_same(pico):
    its = Parts(pico, config()).board
    assert len({bytes(its.entropy()) for _ in range(100)}) == 100
