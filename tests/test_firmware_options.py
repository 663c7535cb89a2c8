"""Options of a program: they travel in order and whole, are refused with a reason, and survive power cuts with it."""

import subprocess
import sys

import pytest

from boards import HOUR_MS, Rig, ml, order, ramp, rate
from orders import drug, syringes, weight
from picoinfuse_firmware import options
from picoinfuse_firmware.board import MOST_BYTES, PROGRAM
from picoinfuse_firmware.options import MAX_OPTIONS, MAX_TEXT, Option
from picoinfuse_firmware.program import of_text

ORDER = order(rate(60, 2), options=[drug(), weight(70000), syringes(2)])


def lines(program):
    return [option.text() for option in program.options]


def sent(rig, program):
    """Send a program without the stage at its end."""
    rig.ok("load", *program.load_values())
    for i, phase in enumerate(program.phases):
        rig.ok("phase", i, *phase.values())


def test_options_come_whole_and_are_confirmed_with_the_program():
    rig = Rig()
    rig.start(ORDER)
    assert lines(rig.controller.program) == [
        "+drug morphine.ng 1000000,1000000",
        "+weight - 70000",
        "+syringes - 2",
    ]
    assert rig.status()["check"] == ORDER.check()
    rig.run(70000)  # the memory is looked at once a minute
    assert rig.alarms == []


def test_a_program_is_what_its_text_says_options_included():
    again = of_text(ORDER.text())
    assert (again.text(), again.check()) == (ORDER.text(), ORDER.check())
    assert lines(again) == lines(ORDER)
    bare = Option("anything")
    assert options.of_line(bare.text()).values() == bare.values() == ["anything", "-", []]
    for text in ("+drug", "+drug x", "+drug x 1,", "+drug x one"):
        with pytest.raises((ValueError, IndexError)):
            of_text(order(rate(5, 1)).text() + "\n" + text)


def test_a_program_without_options_has_the_check_value_that_it_always_had():
    """A record that was written before there were options is still read."""
    assert order(rate(5, 1)).text().split("\n")[0].split(" ")[-1] == "1"
    assert "+" not in order(rate(5, 1)).text()
    assert order(rate(5, 1)).check() == "97f7360e"


def test_any_other_option_makes_another_check_value():
    seen = {order(rate(5, 1)).check()}
    for chosen in (
        [weight(70000)],
        [weight(70001)],
        [drug()],
        [drug("morphine.uU")],
        [drug(amount=1000001)],
        [drug(volume_nl=1000001)],
        [weight(70000), drug()],
        [drug(), weight(70000)],
    ):
        seen.add(order(rate(5, 1), options=chosen).check())
    assert len(seen) == 9


@pytest.mark.parametrize("number", [0, 1])
def test_an_option_that_is_altered_in_the_memory_is_an_alarm(number):
    rig = Rig()
    rig.start(order(rate(5, 2), options=[drug()]))
    rig.controller.program.options[0].numbers[number] += 1
    rig.run(61000)
    assert rig.alarms == ["memory"]


def test_what_was_altered_on_the_way_has_another_check_value_and_does_not_start():
    rig = Rig()
    sent(rig, ORDER)
    for i, option in enumerate([drug(amount=10000000), weight(70000), syringes(2)]):
        rig.ok("option", i, *option.values())
    name, values = rig.ask("stage")
    assert name == "staged"
    assert values[0] != ORDER.check()
    assert rig.refusal("confirm", ORDER.check()) == "bad_check"
    assert rig.refusal("start", rig.new_id()) == "not_now"


def test_options_follow_the_phases_in_order_and_all_of_them():
    rig = Rig()
    assert rig.refusal("option", 0, *drug().values()) == "not_now"
    program = order(rate(60, 1), rate(30, 1), options=[drug(), weight(70000)])
    rig.ok("load", *program.load_values())
    rig.ok("phase", 0, *program.phases[0].values())
    assert rig.ask("option", 0, *drug().values()) == ("refused", ["option_order", 0, 0])  # a phase is missing yet
    rig.ok("phase", 1, *program.phases[1].values())
    assert rig.ask("option", 1, *drug().values()) == ("refused", ["option_order", 1, 0])
    rig.ok("option", 0, *drug().values())
    assert rig.ask("option", 0, *drug().values()) == ("refused", ["option_order", 0, 1])
    assert rig.ask("stage") == ("refused", ["option_missing", 1, 2])
    rig.ok("option", 1, *weight(70000).values())
    assert rig.ask("option", 2, *weight(70000).values()) == ("refused", ["option_order", 2, 2])
    assert rig.ask("stage")[0] == "staged"
    assert rig.refusal("option", 2, *weight(70000).values()) == "not_now"


def test_a_repeat_of_the_request_is_answered_again_and_not_done_again():
    rig = Rig()
    sent(rig, ORDER)
    rig.ok("option", 0, *drug().values())
    rig.send(rig.seq, "option", 0, *drug().values())  # as a host does when the answer was lost
    assert rig.answer(rig.seq) == ("ok", [])
    rig.ok("option", 1, *weight(70000).values())
    rig.ok("option", 2, *syringes(2).values())
    assert rig.ask("stage")[1][0] == ORDER.check()


def test_a_number_of_options_that_no_program_holds_is_refused_at_once():
    rig = Rig()
    for number in (-1, MAX_OPTIONS + 1, 10**17):
        values = order(rate(5, 1)).load_values()[:-1]
        assert rig.ask("load", *values, number) == ("refused", ["too_many_options", number, MAX_OPTIONS])
    assert rig.refusal("phase", 0, *rate(5, 1).values()) == "not_now"


REFUSED = [
    ("unknown_option", 1, 0, [drug(), Option("dance")]),
    ("unknown_option", 0, 0, [Option("Drug", "morphine.ng", [1, 1])]),
    ("option_twice", 1, 1, [drug(), drug("heparin.uU")]),
    ("option_twice", 2, 1, [weight(70000), syringes(2), syringes(3)]),
    ("bad_option", 1, 0, [drug(), Option("weight", "kg", [70000])]),
    ("bad_option", 1, 2, [drug(), Option("weight", "-", [70000, -(10**18)])]),
    ("bad_option", 0, 1, [Option("syringes")]),
]


@pytest.mark.parametrize(("reason", "value", "limit", "chosen"), REFUSED)
def test_what_no_option_is_is_refused_with_its_number(reason, value, limit, chosen):
    rig = Rig()
    program = order(rate(60, 1), options=chosen)
    assert rig.stage(program) == ("refused", [reason, value, limit])
    assert rig.state == "idle"
    rig.start(order(rate(60, 1)))  # and the pump goes on to be one


def test_options_survive_a_power_cut_with_the_program():
    rig = Rig()
    rig.start(ORDER)
    rig.run(20000)
    rig = rig.after_power_cut()
    assert rig.alarms == ["power_lost"]
    assert lines(rig.controller.program) == lines(ORDER)
    rig.ok("acknowledge")
    rig.resume()
    rig.run_until("complete")
    assert rig.status()["check"] == ORDER.check()


def test_the_longest_program_with_the_longest_options_fits_into_its_record():
    number = 10**18 - 1
    longest = [Option("x" * 30, "y" * 30, [number] * 5)] * 20
    text = "\n".join([option.text() for option in longest])[:MAX_TEXT]
    fast = ramp(1, 1, HOUR_MS)
    fast.rate_nl = fast.to_nl = 333333333333333333  # at MAX_RATE_MS: 1200 mL/h
    fast.rate_ms = fast.to_ms = 10**15
    fast.duration_ms = 2678400000
    program = order(*[fast] * 32)
    assert len(program.text()) + 1 + len(text) + len("*deadbeef") <= MOST_BYTES[PROGRAM]


def test_options_that_take_too_much_room_are_refused(monkeypatch):
    monkeypatch.setitem(options.MOST, "drug", 99)
    chosen = [drug("a" * 24 + ".nmol", 10**15, 10**12)] * 12
    monkeypatch.setattr(options, "MAX_TEXT", 700)
    rig = Rig()
    name, values = rig.stage(order(rate(60, 1), options=chosen))
    assert (name, values[0], values[2]) == ("refused", "options_too_long", 700)


def test_a_pump_whose_program_has_no_options_does_not_load_them():
    """They would take memory that a Pico does not have to spare."""
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from boards import Rig\n"
        "import orders\n"
        "for name in [n for n in sys.modules if n.startswith('picoinfuse_firmware.')]:\n"
        "    if name.rpartition('.')[2] in ('options', 'drug', 'syringe_plan', 'change'): del sys.modules[name]\n"
        "rig = Rig(); rig.start(orders.order(orders.rate(60, 0.1))); rig.run_until('complete')\n"
        "print([n for n in sys.modules if n.rpartition('.')[2] in ('options', 'drug', 'syringe_plan', 'change')])\n"
    )
    said = subprocess.run([sys.executable, "-c", script, *sys.path], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


def test_a_host_can_ask_for_an_early_answer():
    from picoinfuse_firmware import program_limits
    from picoinfuse_firmware.config import Config

    assert program_limits.program(ORDER, Config()) is None
    assert program_limits.program(order(rate(60, 1), options=[weight(1)]), Config()) == ("weight_range", 1, 200)
    assert program_limits.program(order(rate(60, 61)), Config()) == ("volume_exceeds_syringe", ml(61), ml(60))
