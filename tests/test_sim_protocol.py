"""sim:// as any pyserial program sees it: a fresh pump at each opening, and time that passes by reading."""

import pytest
import serial

import picoinfuse  # noqa: F401  (makes sim:// known)
from picoinfuse.errors import BadInput
from picoinfuse_firmware import VERSION
from picoinfuse_firmware.messages import FINGERPRINT
from picoinfuse_firmware.wire import encode


def hello():
    return encode(0, "hello", ["n1", VERSION, FINGERPRINT])


@pytest.fixture
def port():
    with serial.serial_for_url("sim://?seed=1", timeout=1) as opened:
        yield opened


def test_a_pump_answers(port):
    port.write(hello())
    assert b" welcome " in port.read(1000)


def test_read_waits_for_the_time_out_in_virtual_time(port):
    port.timeout = 3600
    port.reset_input_buffer()
    port.read(1_000_000)
    assert port.truth()["now_s"] == pytest.approx(3600, abs=1)


def test_a_script_that_only_looks_does_not_hang(port):
    port.write(hello())
    got = b""
    for _ in range(100):
        if port.in_waiting:
            got += port.read(port.in_waiting)
    assert b" welcome " in got


def test_a_script_that_only_reads_without_waiting_does_not_hang_either(port):
    port.timeout = 0
    port.write(hello())
    got = b""
    for _ in range(100):
        got += port.read(100)
    assert b"welcome" in got


def test_each_opening_is_a_fresh_pump():
    texts = []
    for _ in range(2):
        with serial.serial_for_url("sim://", timeout=1) as opened:
            opened.write(hello())
            texts.append(opened.read(1000))
    assert texts[0] == texts[1]


def test_hands_reach_into_the_world(port):
    assert port.act("clamp")
    assert port.bench.line.clamped
    assert not port.act("dance")


def test_the_query_is_the_world():
    address = "sim://?seed=3&syringe=BD%2020%20mL&filled=12%20mL&fault=clamp@10min&fault=release@20min"
    with serial.serial_for_url(address) as opened:
        assert opened.bench.syringe.kind.name == "BD 20 mL"
        assert opened.bench.syringe.filled_nl == 12e6


def test_a_closed_port_says_so():
    opened = serial.serial_for_url("sim://", do_not_open=True)
    with pytest.raises(serial.PortNotOpenError):
        opened.read()
    opened.open()
    with pytest.raises(serial.SerialException, match="already open"):
        opened.open()
    opened.close()
    with pytest.raises(serial.PortNotOpenError):
        opened.write(b"x")
    opened.port = None
    with pytest.raises(serial.SerialException, match="address"):
        opened.open()


def test_the_rest_of_pyserial_finds_what_it_expects(port):
    port.write(hello())
    assert port.out_waiting > 0
    port.reset_output_buffer()
    assert port.out_waiting == 0
    port.flush()
    port.dtr = port.rts = True
    port.baudrate = 9600
    assert (port.cts, port.dsr, port.cd, port.ri) == (True, True, True, False)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sim://?sed=1", "sed = '1': unknown key; the known ones are: seed, syringe"),
        ("sim://?seed=one", "seed = 'one'"),
        ("sim://?seed=-1", "seed = '-1'"),
        ("sim://?seed=1&seed=2", "seed is given twice"),
        ("sim://?seed", "pairs key=value"),
        ("sim://?speed=0", "speed = '0'"),
        ("sim://?speed=fast", "speed = 'fast'"),
        ("sim://?speed=inf", "speed = 'inf'"),
        ("sim://?syringe=Acme", "unknown syringe"),
        ("sim://?filled=70 mL", "holds 0 to 60 mL"),
        ("sim://?filled=7 h", "filled = '7 h'"),
        ("sim://?fault=gremlin@1min", "unknown fault 'gremlin'"),
        ("sim://elsewhere", "write sim://"),
        ("sim:///dev", "write sim://"),
    ],
)
def test_an_address_that_cannot_be_read_is_explained(address, message):
    with pytest.raises(BadInput) as caught:
        serial.serial_for_url(address)
    assert message in str(caught.value)


@pytest.mark.real
def test_with_a_speed_time_is_real():
    with serial.serial_for_url("sim://?speed=100", timeout=20) as opened:
        opened.write(hello())
        assert b" welcome " in opened.read(200)
        port_time = opened.truth()["now_s"]
        opened.read(1_000_000)
        assert opened.truth()["now_s"] == pytest.approx(port_time + 20, rel=0.5)
        opened.timeout = 0
        opened.read(100)
        assert opened.in_waiting == 0
