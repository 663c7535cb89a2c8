"""A refusal by role says who is logged in, what was tried, who may, and how to log in."""

import pytest

import peoples
import roles
from picoinfuse import Program, Refused, not_yours
from picoinfuse_firmware import access
from picoinfuse_sim import Bench

ORDER = Program.continuous("40 mL/h", "40 mL")


def ward(**rules):
    return Bench(seed=1, texts={"access": peoples.file(**{"level": 0, **rules})})


def log_in(bench, name):
    bench.pump.login(name, peoples.STAFF[name][1])


def refused(ask, reason):
    """Run it, and return in which words it was refused."""
    with pytest.raises(Refused) as caught:
        ask()
    assert caught.value.reason == reason
    return str(caught.value)


def test_nobody_is_told_that_this_is_the_patient_who_may_and_how_to_log_in():
    """Bug: "this needs somebody who is logged in", and nothing of who."""
    said = refused(lambda: ward().pump.load(ORDER), "log_in")
    assert said.startswith(
        "load: nobody is logged in, which counts as the patient; it is for a nurse: log in by --user NAME"
    )
    assert "PICOINFUSE_CODE" in said
    assert "Pump.login" in said


def test_another_role_is_named_with_the_person_who_has_it():
    bench = ward()
    log_in(bench, "rita")
    said = refused(lambda: bench.pump.load(ORDER), "not_your_role")
    assert said.startswith("load: rita (prescriber) is logged in; it is for a nurse: log in by --user NAME")


def test_the_roles_that_may_are_all_told():
    bench = ward()
    log_in(bench, "tom")
    assert "it is for a nurse or prescriber:" in refused(bench.pump.stop, "not_your_role")
    log_in(bench, "anna")
    bench.pump.load(ORDER)
    log_in(bench, "tom")
    assert "it is for a nurse, pharmacist or prescriber:" in refused(lambda: bench.pump.confirm(ORDER), "not_your_role")


def test_a_lock_level_says_what_it_leaves_and_who_may_change_it():
    bench = ward(level=2)
    said = refused(lambda: bench.pump.refill("10 mL"), "locked")
    assert said.startswith("refill (a new syringe): nobody is logged in, which counts as the patient, and the lock ")
    assert "level 2 holds it back (the patient may start and stop); it is for a nurse: log in by --user" in said
    assert "let a nurse or prescriber set another level (picoinfuse lock LEVEL)" in said


def test_a_second_person_is_told_apart_from_who_wrote_the_program():
    bench = ward(double_check=1)
    log_in(bench, "anna")
    bench.pump.load(ORDER)
    said = refused(bench.pump.confirm, "second_person")
    assert said.startswith("confirm: anna (nurse) is logged in and wrote a part of this program, so another person")
    assert "nurse, pharmacist or prescriber. Let that one log in: --second NAME" in said


def test_the_patients_own_bolus_is_for_nobody_who_is_logged_in():
    bench = ward(level=1)
    said = refused(bench.pump.demand, "locked")
    assert said.endswith(
        "change the syringe, and ask for no bolus); let a nurse or prescriber set another level (picoinfuse lock LEVEL)"
    )
    log_in(bench, "anna")
    assert "anna (nurse) is logged in; it is for the patient alone" in refused(bench.pump.demand, "not_your_role")


@pytest.mark.parametrize("action", sorted(access.TABLE))
def test_the_roles_that_are_told_are_those_that_a_ward_would_say(action):
    (row,) = [line.split() for line in roles.SAID.strip().splitlines() if line.split()[0] == action]
    assert not_yours.roles(action) == [role for role, says in zip(access.ROLES, row[1:], strict=True) if says == "yes"]
