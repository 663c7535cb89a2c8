"""Ports: what pyserial and the system complain about, in words that help."""

import errno
import os
import types

import pytest
import serial

from picoinfuse.errors import BadInput, ContactLost, NoPermission, NoPump, PortBusy
from picoinfuse.port import SerialPort


def test_bytes_go_and_come_through_a_pyserial_url():
    port = SerialPort("loop://")
    assert port.read(0) == b""
    port.write(b"hello")
    assert port.read(1.0) == b"hello"
    assert port.truth() is None
    assert port.act("change_syringe") is False
    port.close()


def test_a_port_that_is_not_there_names_those_that_are(monkeypatch):
    monkeypatch.setattr("picoinfuse.port.present", lambda: ["/dev/ttyS7"])
    with pytest.raises(NoPump, match=r"no port /dev/ttyNONE\. Present: /dev/ttyS7"):
        SerialPort("/dev/ttyNONE")


def test_nobody_at_an_address():
    with pytest.raises(NoPump, match=r"No pump at socket://127\.0\.0\.1:1"):
        SerialPort("socket://127.0.0.1:1")


def test_an_unknown_kind_of_address():
    with pytest.raises(BadInput, match="'pigeon://loft': this kind of address is not known"):
        SerialPort("pigeon://loft")


def opening_fails(monkeypatch, error):
    def fail(url, **options):
        raise error

    monkeypatch.setattr(serial, "serial_for_url", fail)
    with pytest.raises(Exception) as caught:
        SerialPort("/dev/ttyACM0")
    return caught.value


@pytest.mark.skipif(os.name == "nt", reason="Windows has no dialout group")
def test_no_permission_gives_the_dialout_hint(monkeypatch):
    error = opening_fails(monkeypatch, serial.SerialException(errno.EACCES, "could not open port"))
    assert isinstance(error, NoPermission)
    assert "usermod -a -G dialout" in str(error)


@pytest.mark.parametrize(
    "error",
    [
        serial.SerialException(errno.EBUSY, "could not open port"),
        serial.SerialException("Could not exclusively lock port /dev/ttyACM0: [Errno 11]"),
    ],
)
def test_a_busy_port_says_who_may_hold_it(monkeypatch, error):
    error = opening_fails(monkeypatch, error)
    assert isinstance(error, PortBusy)
    assert "in use by another program" in str(error)


def test_an_error_of_our_own_passes_through(monkeypatch):
    assert isinstance(opening_fails(monkeypatch, BadInput("unknown fault")), BadInput)


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_two_programs_cannot_hold_one_port():
    master, slave = os.openpty()
    try:
        first = SerialPort(os.ttyname(slave))
        with pytest.raises(PortBusy):
            SerialPort(os.ttyname(slave))
        first.close()
        SerialPort(os.ttyname(slave)).close()
    finally:
        os.close(master)
        os.close(slave)


def test_a_cable_pulled_out_is_a_lost_contact():
    port = SerialPort("loop://")

    def broken(*args):
        raise serial.SerialException("device reports readiness to read but returned no data")

    port._serial = types.SimpleNamespace(read=broken, write=broken, close=broken, timeout=0)
    with pytest.raises(ContactLost, match="What was started on the pump goes on"):
        port.read(0.1)
    with pytest.raises(ContactLost, match="plug the cable in again"):
        port.write(b"x")
    port.close()


@pytest.mark.real
def test_a_socket_whose_other_end_is_gone_is_given_back():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port = SerialPort(f"socket://127.0.0.1:{server.getsockname()[1]}")
        other, _ = server.accept()
        its = port._serial._socket
        other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        other.close()  # with a reset, as of a process that dies
        with pytest.raises(ContactLost):
            port.read(5)
        port.close()
        assert its.fileno() == -1
