"""The session: lost answers are asked for again and done once; what is no pump is told apart in words."""

import itertools
import random

import pytest

from picoinfuse import Program, Pump, session
from picoinfuse.errors import ContactLost, Refused, SilentPump, Uncertain, WrongDevice, WrongVersion
from picoinfuse.port import READ_MOST
from picoinfuse_firmware import VERSION, wire
from wires import LossyPort, RecitingPort, is_answer


def hello_fails(answer):
    port = RecitingPort(answer)
    with pytest.raises(Exception) as caught:
        Pump(port).hello()
    return port, caught.value


def test_a_silent_port_is_called_silent_after_five_sendings():
    port, error = hello_fails(lambda data: b"")
    assert isinstance(error, SilentPump)
    assert len(port.written) == 5
    assert port.timeouts == 50  # a second for each


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda data: b">>> \r\n", "MicroPython board without a running pump"),
        (lambda data: data, "only sends back"),
        (lambda data: b"OK 23.5 C\r\n", "not as a pump (it says 'OK 23.5 C')"),
    ],
)
def test_another_device_is_told_from_a_pump(answer, says):
    _, error = hello_fails(answer)
    assert isinstance(error, WrongDevice)
    assert says in str(error)


def test_a_device_that_only_talks_does_not_hold_the_host_for_ever():
    _, error = hello_fails(lambda data: b"x" * 70_000 + b"\n")
    assert isinstance(error, (WrongDevice, SilentPump))


def test_another_table_of_messages_is_another_version():
    welcome = wire.encode(0, "welcome", [VERSION, "0badcafe", 1, 0, "idle", 7, 3200, 2000, 4096, 0, "-"])
    _, error = hello_fails(lambda data: welcome)
    assert isinstance(error, WrongVersion)
    assert "picoinfuse install" in str(error)


def test_a_welcome_of_another_shape_is_another_version_too():
    from binascii import crc32

    body = b"0 welcome 9 0badcafe and more fields"
    _, error = hello_fails(lambda data: b"$%s*%08x\n" % (body, crc32(body)))
    assert isinstance(error, WrongVersion)
    assert "version 9" in str(error)


def test_a_lost_answer_is_asked_for_again_with_the_same_number(bench):
    port = LossyPort(bench.port())
    pump = Pump(port)
    pump.hello()
    losses = itertools.chain([True, True], itertools.repeat(False))
    port.lose = lambda line: is_answer(line) and next(losses)
    port.sent.clear()
    assert pump.status().state == "idle"
    assert len(port.sent) == 3
    assert len(set(port.sent)) == 1


def test_a_pump_that_stops_answering_is_a_lost_contact_even_if_it_goes_on_talking(bench):
    pump = Pump(LossyPort(bench.port()))
    pump.start(Program.continuous("100 mL/h", "10 mL"))
    pump.session.ask("telemetry_every", (100,))
    pump.port.lose = is_answer
    with pytest.raises(ContactLost, match="does not answer any more"):
        pump.status()
    pump.port.lose = lambda line: False
    assert pump.status().state == "infusing"


def test_a_delivering_request_without_an_answer_is_uncertain_and_settled_later(bench):
    pump = Pump(LossyPort(bench.port()))
    pump.start(Program.continuous("10 mL/h", "10 mL"))
    applying = False

    def lose(line):
        nonlocal applying
        applying = applying or pump.port.sent[-1].split()[1] == b"apply"
        return applying and is_answer(line)

    pump.port.lose = lose
    with pytest.raises(Uncertain, match="nobody knows here") as caught:
        pump.bolus("1 mL", "100 mL/h")
    pump.port.lose = lambda line: False
    settled = {outcome.id: outcome for outcome in pump.settle()}
    assert settled[caught.value.id].verb == "bolus"
    assert settled[caught.value.id].what == "running"
    bench.advance("2 min")
    assert [o.what for o in pump.settle() if o.verb == "bolus"] == ["done"]


def test_a_host_that_loses_every_third_answer_ends_with_the_exact_volume(bench):
    numbers = itertools.count(1)
    pump = Pump(LossyPort(bench.port(), lambda line: is_answer(line) and next(numbers) % 3 == 0))
    program = Program.continuous("200 mL/h", "3 mL")
    staged = pump.load(program)
    pump.confirm()
    pump.start()
    pump.bolus("1 mL", "100 mL/h")
    status = pump.wait()
    assert status.state == "complete"
    assert 0 <= 4_000_000 - status.delivered_nl <= staged.step_pl / 1000 + 1


def test_lost_events_are_fetched_again_and_come_in_order(bench):
    chance = random.Random(3)

    def lose(line):
        return b" event " in line and chance.random() < 0.4

    pump = Pump(LossyPort(bench.port(), lose))
    pump.start(Program.continuous("200 mL/h", "2 mL"))
    pump.wait()
    seen = [event.n for event in pump.events()]
    assert seen == list(range(seen[0], seen[0] + len(seen)))
    assert pump.stream.events[-1].n == pump.status().last_event


def test_a_request_interrupted_by_the_keyboard_does_not_confuse_the_next_one(bench):
    pump = bench.pump
    pump.hello()
    read = pump.port.read

    def interrupted(timeout_s):
        pump.port.read = read
        raise KeyboardInterrupt

    pump.port.read = interrupted
    with pytest.raises(KeyboardInterrupt):
        pump.status()
    assert pump.status().state == "idle"


def test_a_refusal_is_told_in_human_units(bench):
    with pytest.raises(Refused) as caught:
        bench.pump.load(Program.continuous("2000 mL/h", "10 mL"))
    assert str(caught.value).startswith("phase 1 rate = '2000 mL/h': the rate 2000 mL/h is above 1200 mL/h")
    assert (caught.value.value, caught.value.limit) == (2_000_000_000, 1_200_000_000)


def test_a_refusal_tells_the_state_in_which_the_pump_is_now(bench):
    """Once it told the state of the last event that had come."""
    pump = Pump(LossyPort(bench.port(), lambda line: b" event " in line or b" telemetry " in line))
    pump.start(Program.continuous("5 mL/h", "5 mL"))
    bench.fault("cover@0s")
    bench.advance("1 min")
    with pytest.raises(
        Refused, match=r"the pump at .* is in alarm \(cover open\): 0\.0\d+ of 5\.000 mL given; nothing moves"
    ):
        pump.pause()
    assert pump.status().state == "alarm"


def test_a_refusal_leaves_the_state_out_if_the_pump_does_not_tell_it(bench):
    pump = Pump(LossyPort(bench.port()))
    pump.hello()
    pump.port.lose = lambda line: is_answer(line) and b" refused " not in line
    with pytest.raises(Refused, match=r"present state$"):
        pump.resume()
    pump.port.lose = lambda line: False
    assert pump.status().state == "idle"


def test_every_refusal_can_be_told():
    from picoinfuse.status import explain
    from picoinfuse_firmware.reasons import REASONS

    for reason in REASONS:
        text = explain(reason, 3, 4)
        assert "{" not in text
        assert len(text) > 20
    assert "nonsense" in explain("nonsense", 3, 4)


class BackloggedPort(LossyPort):
    """A Port that holds what a pump says, as a network does, and gives at most READ_MOST bytes of it at once."""

    waiting = b""

    def hold(self):
        """Take what the pump has said."""
        self.waiting += super().read(0)

    def read(self, timeout_s):
        self.waiting = self.waiting or super().read(timeout_s)
        data, self.waiting = self.waiting[:READ_MOST], self.waiting[READ_MOST:]
        return data


def backlogged(bench):
    """A pump that infuses, and which the host has not listened to for five minutes."""
    pump = Pump(BackloggedPort(bench.port()))
    pump.start(Program.continuous("100 mL/h", "20 mL"))
    pump.session.ask("telemetry_every", (100,))
    for _ in range(300):
        bench.run_until(bench.now_ms + 1000)
        pump.port.hold()
    pump.port.sent.clear()
    return pump


def test_an_answer_behind_old_telemetry_is_waited_for_and_asked_for_once(bench):
    pump = backlogged(bench)
    before_ms = pump.stream.newest_ms
    assert pump.status().state == "infusing"
    assert len(pump.port.sent) == 1
    assert pump.stream.newest_ms - before_ms > 290_000


def test_old_telemetry_without_end_is_not_waited_for(bench, monkeypatch):
    monkeypatch.setattr(session, "MAX_WAITING", 2 * READ_MOST)
    pump = backlogged(bench)
    pump.port.lose = is_answer
    with pytest.raises(ContactLost, match="does not answer any more"):
        pump.status()


def test_an_alarm_that_would_come_at_once_is_told_in_its_own_words():
    """It was "alarm syringe_unknown would come at once: mend its cause first", and nobody knew what that is."""
    from picoinfuse.status import explain
    from picoinfuse_firmware import alarm_texts, alarms

    text = explain("would_alarm", alarms.SYRINGE_UNKNOWN, 0)
    row = alarms.BY_CODE[alarms.SYRINGE_UNKNOWN]
    assert alarm_texts.text(row) in text
    assert alarm_texts.action(row) in text


def test_a_limit_that_no_waiting_helps_says_so():
    from picoinfuse.status import explain

    assert explain("limit_reached", -1, 50_000).endswith("a bolus of 0.05 mL cannot be given under it")
    assert explain("limit_reached", 90_000, 50_000) == (
        "a dose limit is reached: a bolus of 0.05 mL may be given in 1 min 30 s"
    )


class StampFirstPort(LossyPort):
    """A Port before whose answers the pump says something, the first thing since a minute ago."""

    said = b""

    def write(self, data):
        super().write(data)
        self.said = wire.encode(0, "telemetry", [60_000, "idle", *[0] * 11])

    def read(self, timeout_s):
        said, self.said = self.said, b""
        return said or super().read(timeout_s)


def test_the_first_stamp_since_long_ago_is_no_time_that_passed_without_an_answer(bench):
    """Bug: an event that a refusal brings ended the wait for why it was refused, and the words did not say who may."""
    pump = Pump(StampFirstPort(bench.port()))
    pump.hello()
    pump.port.sent.clear()
    assert pump.status().state == "idle"
    assert len(pump.port.sent) == 1
