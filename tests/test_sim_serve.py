"""A served pump, as a client finds it: over a real pseudo-terminal and a real socket, one client at a time."""

import queue
import signal
import socket
import subprocess
import sys
import threading

import pytest
import serial

from picoinfuse import Program, Pump, SerialPort
from picoinfuse.errors import BadInput
from picoinfuse_firmware import VERSION
from picoinfuse_firmware.messages import FINGERPRINT
from picoinfuse_firmware.wire import encode
from picoinfuse_sim import Bench
from picoinfuse_sim.links import PtyLink, TcpLink, tcp_address
from picoinfuse_sim.serve import serve

HELLO = encode(0, "hello", ["n1", VERSION, FINGERPRINT])
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")


class Served:
    """A pump served by a thread; its address is the first thing it says."""

    def __init__(self, link, speed):
        self.bench = Bench()
        self._said = queue.Queue()
        self._stop = threading.Event()
        options = {"say": self._said.put, "stop": self._stop.is_set}
        self._thread = threading.Thread(target=serve, args=(self.bench, link, speed), kwargs=options)

    def __enter__(self):
        self._thread.start()
        self.address = self._said.get(timeout=5)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join(5)
        assert not self._thread.is_alive()


def says_welcome(address):
    with serial.serial_for_url(address, timeout=5) as port:
        port.write(HELLO)
        for _ in range(20):
            if b"welcome" in port.readline():
                return True
    return False


@pytest.mark.real
@posix
def test_a_pump_behind_a_pseudo_terminal_answers_one_client_after_another():
    with Served(PtyLink(), 20.0) as pump:
        assert pump.address.startswith("/dev/")
        for _ in range(3):
            assert says_welcome(pump.address)


@pytest.mark.real
def test_a_pump_behind_tcp_answers_one_client_after_another():
    with Served(TcpLink("127.0.0.1", 0), 20.0) as pump:
        for _ in range(3):
            assert says_welcome(pump.address)


@pytest.mark.real
def test_a_second_client_is_told_that_the_pump_is_busy():
    with Served(TcpLink("127.0.0.1", 0), 20.0) as pump:
        place = tcp_address(pump.address.removeprefix("socket://"))
        with socket.create_connection(place, 5) as first, socket.create_connection(place, 5) as second:
            assert second.makefile("rb").readline().startswith(b"# busy")
            first.sendall(HELLO)
            assert b"welcome" in first.makefile("rb").readline()


@pytest.mark.real
def test_the_pump_goes_on_while_nobody_is_there():
    with Served(TcpLink("127.0.0.1", 0), 1000.0) as pump:
        reached = threading.Event()
        pump.bench.at("10 s", reached.set)
        assert reached.wait(10)


class QuickLink:
    """A client that opens and speaks just after the pump looked whether there is one."""

    address = "quick"
    looks = 0
    said = b""

    def connected(self):
        self.looks += 1
        return self.looks > 1

    def receive(self):
        return HELLO if self.looks == 1 else b""

    def send(self, data):
        self.said += data
        return len(data)

    def wait(self, timeout_s):
        pass

    def close(self):
        pass


def test_what_a_client_says_as_soon_as_it_is_there_is_not_lost():
    link, bench = QuickLink(), Bench()
    serve(bench, link, 1000.0, say=lambda line: None, stop=lambda: bench.now_ms > 5_000)
    assert b"welcome" in link.said


@pytest.mark.real
def test_a_port_that_is_taken_is_explained():
    link = TcpLink("127.0.0.1", 0)
    port = int(link.address.rpartition(":")[2])
    with pytest.raises(BadInput, match="cannot listen there"):
        TcpLink("127.0.0.1", port)
    link.close()


def test_addresses():
    assert tcp_address("0.0.0.0:7000") == ("0.0.0.0", 7000)
    assert tcp_address(":0") == tcp_address("0") == ("127.0.0.1", 0)
    for wrong in ("here", "host:", "host:70000", "host:-1", "host:http"):
        with pytest.raises(BadInput, match="HOST:PORT"):
            tcp_address(wrong)


@pytest.mark.real
@pytest.mark.parametrize("link", [PtyLink, lambda: TcpLink("127.0.0.1", 0)], ids=["pseudo-terminal", "TCP"])
def test_at_speed_max_a_therapy_takes_no_longer_than_the_machine_needs(link):
    """A network holds what a pump says in an hour: an answer behind that was taken for none."""
    if link is PtyLink and sys.platform == "win32":
        pytest.skip("there are no pseudo-terminals on Windows")
    with Served(link(), None) as served, Pump(SerialPort(served.address)) as pump:
        pump.session.ask("telemetry_every", (1000,))
        pump.start(Program.continuous("40 mL/h", "5 mL"))
        assert pump.wait().state == "complete"
        # What first presses the spring of the plunger never leaves the cannula: 0.1 mL in a 60 mL syringe.
        assert 4.85 < served.bench.truth()["patient_ml"] < 5.0
        assert pump.stream.events[-1].at_ms >= 450_000


@pytest.mark.real
@posix
def test_the_command_says_its_address_first_and_ends_with_ctrl_c():
    code = "from picoinfuse_sim.commands import serve; serve(speed='20', fault=['clamp@1h'])"
    # A job in the background of a shell hands down that Ctrl-C is ignored: this process is to hear it all the same.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); " + code
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert says_welcome(process.stdout.readline().decode().strip())
            process.send_signal(signal.SIGINT)
            assert process.wait(50) == 0
            assert b"For teaching only" in process.stderr.read()
        finally:
            process.kill()  # or leaving would wait for it for ever
