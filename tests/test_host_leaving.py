"""A pump at work is not taken from its work; an idle one is asked to leave, also one of another version."""

import pytest

import peoples
from picoinfuse import Program, Pump, acting, leaving
from picoinfuse.errors import InstallFailed, Refused
from picoinfuse_firmware import wire
from picoinfuse_sim import Bench


class Kept:
    """A port of a bench that `close` does not close, so that it can be opened again."""

    def __init__(self, bench):
        self._port = bench.port()
        self.name = "COM5"

    def __getattr__(self, name):
        return getattr(self._port, name)

    def close(self):
        pass


@pytest.fixture
def bench(monkeypatch):
    bench = Bench(seed=0)
    port = Kept(bench)
    monkeypatch.setattr(leaving, "SerialPort", lambda name: port)
    return bench


def pump_of(bench):
    return Pump(Kept(bench))


def started(bench):
    pump = pump_of(bench)
    pump.start(Program.continuous(rate="50 mL/h", volume="1 mL"))
    bench.advance("10 s")
    return pump


def test_an_idle_pump_may_go(bench):
    bench.advance("3 s")
    assert leaving.running("COM5") == "idle"


def test_a_pump_at_work_is_refused_with_its_state_and_its_volume(bench):
    started(bench)
    with pytest.raises(Refused, match=r"at work: infusing, 0\.1\d\d of 1\.000 mL given.*picoinfuse stop --port COM5"):
        leaving.running("COM5")


def test_a_pause_is_work_too(bench):
    started(bench).pause()
    with pytest.raises(Refused, match="at work: paused"):
        leaving.running("COM5")


def test_an_alarm_in_the_midst_of_a_program_is_work_too(bench):
    started(bench)
    bench.line.clamp()
    bench.advance("5 min")
    with pytest.raises(Refused, match="at work: alarm"):
        leaving.running("COM5")


def test_a_loaded_program_is_dropped_by_a_person_and_not_by_us(bench):
    bench.advance("3 s")
    pump_of(bench).load(Program.continuous(rate="50 mL/h", volume="1 mL"))
    with pytest.raises(Refused, match="a program is loaded"):
        leaving.running("COM5")


def test_nothing_that_answers_as_a_pump_is_no_pump(monkeypatch):
    class Silent:
        name = "COM5"

        def write(self, data):
            pass

        def read(self, timeout_s):
            return b""

        def close(self):
            pass

    monkeypatch.setattr(leaving, "SerialPort", lambda name: Silent())
    assert leaving.running("COM5") is None


class OtherVersion:
    """Welcomes in the words of another version and takes `leave`, or not."""

    name = "COM5"

    def __init__(self, answer):
        self.answer = answer
        self.sent = b""

    def write(self, data):
        self.sent += data

    def read(self, timeout_s):
        if b" leave*" in self.sent:
            data, self.sent = self.answer, b""
            return data
        return b""

    def close(self):
        pass


def test_another_version_is_asked_by_the_one_request_that_all_have_in_common(monkeypatch):
    port = OtherVersion(b"$0 welcome 9 deadbeef 1*00000000\n" + wire.encode(1, "ok", ()))
    monkeypatch.setattr(leaving, "SerialPort", lambda name: port)
    leaving._ask_to_leave("COM5")


@pytest.mark.parametrize("answer", [b"", wire.encode(1, "refused", ("wrong_version", 0, 0))])
def test_another_version_that_does_not_leave_is_said_with_the_way_back(monkeypatch, answer):
    monkeypatch.setattr(leaving, "SerialPort", lambda name: OtherVersion(answer))
    with pytest.raises(InstallFailed, match="Hold the mute key"):
        leaving._ask_to_leave("COM5")


def test_a_pump_that_does_not_speak_our_version_leaves_all_the_same(bench):
    bench.advance("3 s")
    leaving._ask_to_leave("COM5")
    bench.advance("2 s")
    assert bench.board.left


def test_a_pump_at_work_that_does_not_speak_our_version_stays(bench):
    started(bench)
    with pytest.raises(InstallFailed, match="refused"):
        leaving._ask_to_leave("COM5")
    bench.advance("2 s")
    assert not bench.board.left


# ---- a pump that knows people -----------------------------------------------------------------------------------


@pytest.fixture
def ward(monkeypatch):
    """A pump with people at COM5, and a technician at the terminal who has typed the right code, or another."""
    its = Bench(texts={"access": peoples.file()})
    its.advance("3 s")
    monkeypatch.setattr(leaving, "SerialPort", lambda name: Kept(its))
    return its


def typed(monkeypatch, name, code=None):
    def asks(pump, reason):
        pump.login(name, code or peoples.STAFF[name][1])
        return True

    monkeypatch.setattr(acting, "at_terminal", asks)


def test_a_technician_brings_another_version_out_of_the_way(ward, monkeypatch):
    typed(monkeypatch, "tom")
    leaving._ask_to_leave("COM5")
    ward.advance("2 s")
    assert ward.board.left


def test_nobody_else_does(ward, monkeypatch):
    with pytest.raises(InstallFailed, match="refused log_in"):
        leaving._ask_to_leave("COM5")
    typed(monkeypatch, "anna")
    with pytest.raises(InstallFailed, match="refused not_your_role"):
        leaving._ask_to_leave("COM5")
    typed(monkeypatch, "tom", "wrong-1234")
    with pytest.raises(Refused, match="the code is wrong"):
        leaving._ask_to_leave("COM5")
    ward.advance("2 s")
    assert not ward.board.left
