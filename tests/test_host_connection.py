"""From an address to a pump: `auto` takes the one Pico that answers as a pump, and asks if there are several."""

import pytest

import picoinfuse as pi
from picoinfuse.errors import NoPump, SeveralPumps, SilentPump, WrongDevice
from picoinfuse_sim import Bench
from wires import RecitingPort


@pytest.fixture
def plugged(monkeypatch):
    """Say which ports are there: name -> a function that makes the Port behind it."""

    def plug(ports):
        monkeypatch.setattr("picoinfuse.connection.picos", lambda: sorted(ports))
        monkeypatch.setattr("picoinfuse.connection.present", lambda: sorted(ports))
        monkeypatch.setattr("picoinfuse.connection.SerialPort", lambda url: ports[url]())

    return plug


def a_pump():
    return Bench(seed=0).port()


def test_the_only_pico_is_taken(plugged):
    plugged({"/dev/ttyACM0": a_pump})
    with pi.connect() as pump:
        assert pump.status().state == "idle"


def test_no_pico_at_all_says_what_to_look_at(plugged):
    plugged({})
    with pytest.raises(NoPump, match=r"USB vendor 2E8A.*sim://"):
        pi.connect()


def test_the_only_pico_without_firmware_is_silent(plugged):
    plugged({"/dev/ttyACM0": RecitingPort})
    with pytest.raises(SilentPump, match="picoinfuse install"):
        pi.connect()


def test_of_several_picos_the_one_that_answers_as_a_pump_is_taken(plugged):
    plugged({"/dev/ttyACM0": RecitingPort, "/dev/ttyACM1": a_pump, "/dev/ttyACM2": lambda: RecitingPort(lambda d: d)})
    with pi.connect() as pump:
        assert pump.session.welcome["state"] in ("selftest", "idle")


def test_several_pumps_are_listed_and_none_is_taken(plugged):
    plugged({"/dev/ttyACM0": a_pump, "/dev/ttyACM1": a_pump})
    with pytest.raises(SeveralPumps, match="2 pumps are plugged in: /dev/ttyACM0, /dev/ttyACM1"):
        pi.connect()


def test_several_picos_and_no_pump(plugged):
    plugged({"/dev/ttyACM0": RecitingPort, "/dev/ttyACM1": RecitingPort})
    with pytest.raises(NoPump, match="none of them answers as a pump"):
        pi.connect()


@pytest.mark.real
def test_a_loop_is_no_pump():
    with pytest.raises(WrongDevice, match="only sends back"):
        pi.Pump(pi.SerialPort("loop://")).hello(tries=1)


def test_any_program_that_knows_pyserial_can_open_the_simulated_pump():
    with pi.connect("sim://?seed=3&ideal=yes") as pump:
        pump.start(pi.Program.continuous("100 mL/h", "1 mL"))
        assert pump.wait().state == "complete"
        assert pump.port.truth()["plunger_ml"] == pytest.approx(1, abs=0.001)
