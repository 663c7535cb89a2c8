"""The firmware as `install` put it there, on the real MicroPython in real time, with the host at the other end."""

import contextlib
import os
import select

import pytest
import serial

import picoinfuse as pi
from picoinfuse_firmware import VERSION, messages, wire

pytestmark = pytest.mark.micropython

STEP_NL = 350  # of a 60 mL syringe, rounded up
PORT = "PICOINFUSE_PORT"
POLL_MS = 100
STEPS_IN_A_POLL = 16  # at 200 mL/h
CLAMP_AFTER_STEPS = 500  # 3.1 s at 200 mL/h; by then telemetry has filled a pseudo-terminal that nobody reads
WATCH_S = 5.5  # a second longer than the alarm takes


@pytest.fixture(params=["a PC", "a real Pico"])
def start(request):
    """What starts a new pump and returns its port: the toy board on a PC's MicroPython, or the Pico at PICOINFUSE_PORT.

    On the PC it is a board as `install` left it, with the toy board beside it; options are the toy board's. The Pico
    must have been installed, stand idle, and have nothing connected: its motor turns.
    """
    if request.param == "a real Pico":
        port = os.environ.get(PORT)
        if not port:
            pytest.skip(f"needs a Pico with the firmware, whose motor may turn: set {PORT} to its port")

        def idle_pico(**options):
            if options:
                pytest.skip(f"nobody is there to do this to a real Pico: {', '.join(options)}")
            with pi.connect(port) as pump:
                if pump.status().state != "idle":
                    pump.stop()
            return port

        return idle_pico
    new_vm = request.getfixturevalue("new_vm")
    folder = request.getfixturevalue("installation").folder

    def start(**options):
        vm = new_vm(like=folder)
        vm.run_pump(**options)
        return vm.port

    return start


def let_pass(seconds):
    """Wait without touching the port: that is what is being tried here."""
    select.select([], [], [], seconds)


def program(volume):
    return pi.Program.continuous(rate="200 mL/h", volume=volume, syringe="BD 60 mL", near_end="0 s")


def test_a_short_therapy_is_given_to_the_step(start):
    seen = []
    with pi.connect(start()) as pump:
        record = pump.run(program("0.1 mL"), on_event=seen.append)
        status = pump.status()
    assert record.result()["outcome"] == "complete"
    assert 0 <= 100_000 - status.delivered_nl < STEP_NL
    states = [event.what for event in seen if event.kind == "state"]
    assert states[-2:] == ["infusing", "complete"]


def test_ctrl_c_on_the_wire_stops_nothing(start):
    port = start()
    pi.connect(port).close()
    with serial.Serial(port, timeout=0) as wires:
        wires.write(b"\x03\x03\r\n\x04\r\n")
    with pi.connect(port) as pump:
        assert pump.status().state == "idle"


def blind_start(wires, order):
    """Send everything up to the start without reading one byte: every number in it is known beforehand."""
    compiled = order.compiled
    requests = [("telemetry_every", (POLL_MS,)), ("load", compiled.load_values())]
    requests += [("phase", (index, *phase.values())) for index, phase in enumerate(compiled.phases)]
    requests += [("stage", ()), ("confirm", (compiled.check(),)), ("start", ("0000abcd",))]
    wires.write(b"\n" + wire.encode(0, "hello", ("b11d", VERSION, messages.FINGERPRINT)))
    for seq, (name, values) in enumerate(requests, 1):
        wires.write(wire.encode(seq, name, values))


def alarm_of(port):
    """Return what a pump in alarm says: (milliseconds from the start to the alarm, nanolitres given)."""
    with pi.connect(port) as pump:
        pump.stream.restarted(0)  # events from the first one on, also those that nobody heard
        status = pump.status()
        pump.events()
        times = {event.what: event.at_ms for event in pump.stream.events if event.kind in ("state", "alarm")}
    assert status.alarm_names == ["occlusion"]
    assert status.state == "alarm"
    return times["occlusion"] - times["infusing"], status.delivered_nl


def test_a_host_that_never_reads_or_that_floods_changes_neither_steps_nor_alarm_time(start):
    """Three pumps side by side run into a closed clamp; one host reads, one never does, one floods."""
    ports = {host: start(clamp_after_steps=CLAMP_AFTER_STEPS) for host in ("reads", "never reads", "floods")}
    for port in ports.values():
        pi.connect(port).close()  # it has started and answers: from here on nothing is lost
    with contextlib.ExitStack() as stack:
        wires = {
            host: stack.enter_context(serial.Serial(port, timeout=0, write_timeout=0)) for host, port in ports.items()
        }
        for wire_of_one in wires.values():
            blind_start(wire_of_one, program("5 mL"))
        for _ in range(int(WATCH_S * 10)):
            let_pass(0.1)
            wires["reads"].read(4096)
            wires["floods"].write(b"$17 status*00000000\n" * 10)
    expected = alarm_of(ports["reads"])
    for host in ("never reads", "floods"):
        found = alarm_of(ports[host])
        assert abs(found[0] - expected[0]) <= 2 * POLL_MS, host
        assert abs(found[1] - expected[1]) <= 2 * STEPS_IN_A_POLL * STEP_NL, host
