"""A refusal that has to do with what the pump does at the moment says what that is, and what to do."""

import re

import pytest

from picoinfuse import Program, Refused, not_now
from picoinfuse.cli import main
from picoinfuse.status import Status
from picoinfuse_firmware import states

ORDER = Program.continuous("40 mL/h", "40 mL")
STATES = sorted({state for state, _ in states.TABLE})


def status(state):
    values = dict.fromkeys(Status.__dataclass_fields__, 0)
    return Status(**{**values, "state": state, "check": "-", "alarms": (4,), "remaining_ms": 60_000})


def words(refused):
    """Run it, and return why it was refused."""
    with pytest.raises(Refused) as caught:
        refused()
    assert caught.value.reason in not_now.REASONS
    return str(caught.value)


def test_a_second_program_is_told_what_the_pump_does_and_how_to_stop_it(bench):
    """It said "the pump cannot do this in its present state (infusing)"."""
    bench.pump.start(ORDER)
    bench.advance("10 min")
    said = words(lambda: bench.pump.load(ORDER))
    assert re.fullmatch(
        r"the pump at bench is infusing: 6\.6\d\d of 40\.000 mL given, (50 min|49 min 5\d s) left; "
        r"let it end, or stop it first: picoinfuse stop --port bench",
        said,
    )


def test_a_pump_with_nothing_to_stop_says_so(bench):
    said = words(bench.pump.stop)
    assert said.startswith("the pump at bench is idle, no program is on it; there is nothing to stop. Look at it:")


def test_a_paused_program_may_go_on_or_be_stopped(bench):
    bench.pump.start(ORDER)
    bench.advance("1 min")
    bench.pump.pause()
    assert "picoinfuse resume --port bench), or stop it first" in words(lambda: bench.pump.load(ORDER))
    assert "is paused: 0.6" in words(bench.pump.pause)


def test_an_alarm_is_named(bench):
    bench.fault("cover@1min")
    bench.pump.start(ORDER)
    bench.advance("2 min")
    said = words(bench.pump.pause)
    assert "is in alarm (cover open): 0.6" in said
    assert "nothing moves that could be paused" in said


def test_leaving_for_the_prompt_says_what_is_under_way(bench):
    bench.pump.load(ORDER)
    assert "loaded and not confirmed; drop it first: picoinfuse stop" in words(bench.pump.leave)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_told_in_words(state):
    assert not_now.doing(status(state)) != state
    assert "{" not in not_now.words("load", status(state), "COM5")


@pytest.mark.parametrize("state", [state for state in STATES if (state, states.LOAD) not in states.TABLE])
def test_who_wants_to_load_is_told_what_to_do_in_every_state_that_refuses_it(state):
    said = not_now.words("load", status(state), "COM5")
    assert "picoinfuse stop --port COM5" in said or "wait" in said


def test_a_request_that_nobody_foresaw_leaves_the_pumps_own_words():
    assert not_now.words("phase", status(states.IDLE), "COM5") == ""
    assert not_now.words("dance", status(states.IDLE), "COM5") == ""


def test_on_the_command_line_it_is_one_line_and_a_fresh_simulated_pump_is_told_as_one(capsys):
    assert main(["stop", "--port", "sim://"]) == 2
    fresh, said = capsys.readouterr().err.splitlines()
    assert fresh == "sim:// is a new pump, of this command only. One that stays: picoinfuse serve"
    assert "the pump at sim:// is idle, no program is on it; there is nothing to stop" in said
