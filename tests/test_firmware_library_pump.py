"""A pump with a drug library: what it stages, and what it does not, whoever asks."""

import pytest

import libraries
import peoples
from boards import HOUR_MS, Rig, kvo, ml, order, rate, repeat
from orders import demand, limit
from picoinfuse_firmware.library import PARAMETERS, Library
from picoinfuse_firmware.options import Option
from wards import Ward

LINES = libraries.sealed()
CHECK = Library(LINES.splitlines(keepends=True)).check
MADE_WITH = Option("library", "test-1", [CHECK])
MORPHINE = Option("drug", "morphine.ng", [1, 1])


def rig_with(text=LINES):
    return Rig(texts={"library": text})


def ordered(*phases, options=(MADE_WITH, MORPHINE)):
    return order(*phases, options=options)


def test_a_program_within_the_limits_of_its_library_is_given():
    rig = rig_with()
    rig.start(ordered(rate(1, 5)))
    rig.run(2000)
    assert rig.state == "infusing"


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        (ordered(rate(6, 5)), ["hard_limit.rate", 6000000, 5000000]),
        (ordered(rate(3, 5)), ["soft_limit.rate", 3000000, 2000000]),
        (ordered(rate(1, 5), options=(MADE_WITH,)), ["soft_limit.drug", 0, 0]),
        (ordered(rate(1, 5), options=(MORPHINE,)), ["other_library", 0, CHECK]),
        (ordered(rate(1, 5), options=()), ["other_library", 0, CHECK]),
        (ordered(rate(1, 5), options=(Option("library", "test-1", [7]), MORPHINE)), ["other_library", 7, CHECK]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "heroin.ng", [1, 1]))), ["unknown_drug", 0, 3]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "morphine.uU", [1, 1]))), ["drug_unit", 0, 0]),
        (ordered(rate(1, 5), options=(MADE_WITH, Option("drug", "morphine.ng", [1, 2]))), ["drug_concentration", 1, 2]),
    ],
)
def test_what_the_library_does_not_allow_is_never_staged(program, answer):
    rig = rig_with()
    assert rig.stage(program) == ("refused", answer)
    assert rig.state == "idle"
    assert rig.refusal("confirm", program.check()) == "not_now"


def test_a_soft_limit_is_passed_with_a_reason_which_is_part_of_the_program():
    """So the check value, the second person and the power cut have it too."""
    reason = Option("override", "pain", [PARAMETERS.index("rate")])
    program = ordered(rate(3, 5), options=(MADE_WITH, MORPHINE, reason))
    rig = rig_with()
    rig.start(program)
    assert "+override pain 0" in program.text()
    assert rig.status()["check"] == program.check()


def test_a_damaged_library_lets_nothing_pass():
    rig = rig_with(LINES[:-3])
    assert rig.stage(ordered(rate(1, 5)))[1][0] == "library_damaged"
    assert rig.stage(order(rate(1, 5)))[1][0] == "library_damaged"


def test_a_pump_without_a_library_refuses_a_program_that_was_made_with_one():
    rig = Rig()
    assert rig.stage(ordered(rate(1, 5)))[1] == ["other_library", CHECK, 0]
    rig.start(order(rate(100, 5), options=(MORPHINE,)))
    assert rig.state == "infusing"


# ---- what people change while it runs ------------------------------------------------------------------------

RATE, BOLUS, DOSE = (PARAMETERS.index(name) for name in ("rate", "bolus", "dose"))


def infusing(*more, text=LINES, cls=Rig):
    rig = cls(texts={"library": text})
    rig.start(ordered(rate(1, 50), options=(MADE_WITH, MORPHINE, *more)))
    rig.run(3000)
    return rig


def test_a_rate_above_the_hard_limit_is_refused_and_the_old_one_goes_on():
    rig = infusing()
    assert rig.ask("rate", ml(5.1), HOUR_MS) == ("refused", ["hard_limit.rate", 5100000, 5000000])
    assert rig.ask("rate", ml(2.1), HOUR_MS) == ("refused", ["soft_limit.rate", 2100000, 2000000])
    rig.run(3000)
    assert rig.status()["rate_nl_h"] == ml(1)
    rig.change("rate", ml(2), HOUR_MS)
    rig.run(3000)
    assert rig.status()["rate_nl_h"] == ml(2)


def test_a_bolus_above_a_limit_is_refused():
    rig = infusing()
    assert rig.ask("bolus", ml(5.1), ml(60), HOUR_MS) == ("refused", ["hard_limit.bolus", 5100000, 5000000])
    assert rig.ask("bolus", ml(1), ml(61), HOUR_MS) == ("refused", ["hard_limit.speed", 61000000, 60000000])
    assert rig.refusal("bolus", ml(3), ml(60), HOUR_MS) == "soft_limit.bolus"
    assert rig.refusal("bolus", ml(0.2), ml(60), HOUR_MS) == "soft_limit.bolus"
    rig.change("bolus", ml(1), ml(60), HOUR_MS)


def test_a_soft_limit_is_passed_once_with_a_reason_which_is_told():
    rig = infusing()
    rig.ok("override", "pain", [RATE])
    rig.change("rate", ml(3), HOUR_MS)
    assert [(event["what"], event["value"]) for event in rig.seen("override")] == [("pain", 1 << RATE)]
    rig.run(3000)
    assert rig.status()["rate_nl_h"] == ml(3)
    assert rig.refusal("rate", ml(4), HOUR_MS) == "soft_limit.rate"


def test_a_reason_passes_only_what_it_names_and_never_a_hard_limit():
    rig = infusing()
    rig.ok("override", "pain", [RATE])
    assert rig.refusal("bolus", ml(3), ml(60), HOUR_MS) == "soft_limit.bolus"
    assert rig.refusal("rate", ml(6), HOUR_MS) == "hard_limit.rate"
    rig.ok("override", "pain", list(range(len(PARAMETERS))))
    assert rig.refusal("rate", ml(6), HOUR_MS) == "hard_limit.rate"
    assert rig.seen("override") == []


def test_a_reason_holds_for_a_minute_also_for_what_was_proposed():
    rig = infusing()
    rig.ok("override", "pain", [RATE])
    name, proposed = rig.ask("rate", ml(3), HOUR_MS)
    assert name == "proposed"
    rig.run(60000)
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "soft_limit.rate"
    assert rig.refusal("rate", ml(3), HOUR_MS) == "soft_limit.rate"


@pytest.mark.parametrize("values", [("no.word", [0]), ("pain", []), ("pain", [99]), ("pain", [0, 0]), ("x" * 21, [0])])
def test_what_is_no_reason_is_refused(values):
    assert infusing().refusal("override", *values) == "bad_option"


def test_a_program_without_a_library_knows_no_override():
    rig = Rig()
    rig.start(order(rate(1, 5)))
    assert rig.refusal("override", "pain", [0]) == "not_ordered"


STRONG = Option("drug", "morphine.ng", [2, 1])  # 2 mg/mL


def test_boluses_one_after_the_other_end_at_the_dose_in_all():
    """50 mg are ordered; each bolus of 2 mg is within its limit, and beyond 60 mg a reason is asked for."""
    rig = Rig(texts={"library": LINES})
    rig.start(ordered(rate(0.5, 25), options=(MADE_WITH, STRONG)))
    rig.run(3000)
    for _ in range(5):
        rig.change("bolus", ml(1), ml(30), HOUR_MS)
        rig.run(150000)
    assert rig.ask("bolus", ml(1), ml(30), HOUR_MS) == ("refused", ["soft_limit.dose", 62000000, 60000000])


def test_a_patient_has_no_use_of_a_reason_that_a_person_gave():
    """A prescriber passes the soft limit of the dose for a bolus; the press of the patient does not take it."""
    boluses = demand(1, 30, 360000), limit(HOUR_MS, 10 * 10**6), limit(4 * HOUR_MS, 40 * 10**6)
    rig = Rig(texts={"library": LINES})
    rig.start(ordered(rate(0.5, 29.5), options=(MADE_WITH, STRONG, *boluses)))
    rig.run(3000)
    rig.ok("override", "pain", [DOSE])
    assert rig.refusal("demand", rig.new_id()) == "soft_limit.dose"
    rig.change("bolus", ml(0.75), ml(30), HOUR_MS)
    assert rig.seen("override")[0]["what"] == "pain"


def test_the_reason_of_a_program_is_told_when_it_is_staged_and_is_of_no_use_for_a_change():
    reason = Option("override", "opioid_tolerant", [RATE, BOLUS])
    rig = infusing(reason)
    assert [(e["what"], e["value"]) for e in rig.seen("override")] == [("opioid_tolerant", (1 << RATE) + (1 << BOLUS))]
    assert rig.refusal("rate", ml(3), HOUR_MS) == "soft_limit.rate"


def test_what_a_program_passes_holds_for_the_boluses_that_it_lets_the_patient_ask_for():
    boluses = demand(1, 30, 360000), limit(HOUR_MS, 10 * 10**6), limit(4 * HOUR_MS, 40 * 10**6)
    for passed in ((), (Option("override", "tolerant", [DOSE]),)):
        rig = Rig(texts={"library": LINES})
        rig.start(ordered(rate(0.5, 29.5), options=(MADE_WITH, STRONG, *boluses, *passed)))
        rig.run(3000)
        name, said = rig.ask("demand", rig.new_id())
        assert (name, said[:1]) == (("ok", []) if passed else ("refused", ["soft_limit.dose"]))


# ---- the vein kept open ------------------------------------------------------------------------------------------

MOST_1_MG = libraries.file(f"drug morphine.ng conc={10**6}/{10**6} dose=-,-,-,{10**6}")
SOFT_TOO = libraries.file(f"drug morphine.ng conc={10**6}/{10**6} dose=-,-,{700_000},{10**6}")
PER_KG = libraries.file(f"drug morphine.ng conc={10**6}/{10**6} dose_kg=-,-,-,{10**5} dose=-,-,-,{10**9}")
TEN_KG = Option("weight", "-", [10_000])


def keeping_open(*phases, text=MOST_1_MG, more=()):
    """A pump whose library allows 1 mg, which is 1 mL, and its program."""
    made_with = Option("library", "test-1", [Library(text.splitlines(keepends=True)).check])
    return Rig(texts={"library": text}), order(*phases, options=(made_with, MORPHINE, *more))


@pytest.mark.parametrize("kvo_ml_h", [0.1, 5, 40])
@pytest.mark.parametrize(("text", "more"), [(MOST_1_MG, ()), (PER_KG, (TEN_KG,))], ids=["dose", "dose_kg"])
def test_an_endless_keep_vein_open_ends_below_the_hard_dose_with_an_alarm(kvo_ml_h, text, more):
    """Bug: only its rate was judged, so it went on for as long as the syringe lasted."""
    dose_ml = 1 - kvo_ml_h / 60 - 0.002
    rig, its = keeping_open(rate(300, dose_ml), kvo(kvo_ml_h), text=text, more=more)
    rig.start(its)
    rig.run_until("kvo")
    rig.ok("acknowledge")
    assert rig.alarms == []
    rig.run_until("complete")
    rig.run(60000)
    given_nl = rig.delivery.dose_nl() + rig.delivery.kvo_nl()
    assert given_nl <= rig.delivery.step.nl_of(rig.board.steps()) <= ml(1)
    assert given_nl > ml(1) - ml(kvo_ml_h) * 3 // 3600 - 2000
    assert rig.alarms == ["end"]
    assert [event["value"] for event in rig.seen("note", "hard_dose")] == [given_nl]
    rig.ok("acknowledge")
    rig.ok("stop")


def test_an_endless_keep_vein_open_that_has_no_room_below_the_hard_dose_is_refused():
    rig, its = keeping_open(rate(60, 0.9), kvo(12))
    assert rig.stage(its) == ("refused", ["hard_limit.dose", 1_100_000, 1_000_000])
    rig, its = keeping_open(rate(60, 0.9), kvo(6))
    assert rig.stage(its)[0] == "staged"


def test_what_keeps_the_vein_open_between_doses_counts_for_the_hard_dose_and_for_no_soft_one():
    phases = [rate(60, 0.2), kvo(1.2, 300_000), repeat(0, 3)]  # three times 0.2 mL and 0.1 mL
    rig, its = keeping_open(*phases, rate(60, 0.1), text=SOFT_TOO)
    assert rig.stage(its)[0] == "staged"
    rig, its = keeping_open(*phases, rate(60, 0.101))
    assert rig.stage(its) == ("refused", ["hard_limit.dose", 1_001_000, 1_000_000])


def test_no_change_of_a_person_takes_the_room_that_the_vein_needs():
    rig, its = keeping_open(rate(6, 0.5), kvo(6))
    rig.start(its)
    rig.run(3000)
    assert rig.refusal("bolus", ml(0.45), ml(60), HOUR_MS) == "hard_limit.dose"
    rig.change("bolus", ml(0.4), ml(60), HOUR_MS)
    rig.run_until("kvo")
    rig.run_until("complete")
    assert rig.delivery.step.nl_of(rig.board.steps()) <= ml(1)


def test_after_a_power_cut_the_vein_is_kept_open_no_further_either():
    rig, its = keeping_open(rate(300, 0.7), kvo(5))
    rig.start(its)
    rig.run_until("kvo")
    rig.run(3000)
    for _ in range(5):  # what is reserved counts as given, each time
        steps = rig.board.steps()
        rig = rig.after_power_cut(has=())
        rig.run(1100)
        assert rig.delivery.dose_nl() + rig.delivery.kvo_nl() >= rig.delivery.step.nl_of(steps)
        rig.ok("acknowledge")
        answer = rig.ask("resume", rig.new_id())
        if answer[0] == "refused":
            break
        rig.run(5000)
    assert answer[1][0] == "hard_limit.dose"
    assert answer[1][2] == 1_000_000
    rig.ok("stop")


def test_without_a_hard_dose_the_vein_is_kept_open_until_somebody_stops_it():
    rig = rig_with(libraries.file(f"drug morphine.ng conc={10**6}/{10**6} dose=-,-,{10**6},-"))
    its = keeping_open(rate(300, 0.1), kvo(100), text=rig.board.texts["library"])[1]
    rig.start(its)
    rig.run_until("kvo")
    rig.run(120_000)
    assert rig.delivery.kvo_nl() > ml(3)
    assert rig.state == "kvo"


# ---- power cuts, and a library that was exchanged ------------------------------------------------------------


def test_the_limits_hold_after_a_power_cut():
    rig = infusing().after_power_cut()
    rig.run(2000)
    rig.ok("acknowledge")
    rig.resume()
    rig.run(3000)
    assert rig.refusal("rate", ml(5.1), HOUR_MS) == "hard_limit.rate"
    rig.ok("override", "pain", [RATE])
    rig.change("rate", ml(3), HOUR_MS)


@pytest.mark.parametrize("text", [libraries.file(version="test-2"), LINES[:-4], None])
def test_a_program_is_not_gone_on_with_when_its_library_was_exchanged(text):
    rig = infusing()
    if text is None:
        del rig.board.texts["library"]
    else:
        rig.board.texts["library"] = text
    rig = rig.after_power_cut()
    rig.run(2000)
    rig.ok("acknowledge")
    assert rig.refusal("resume", rig.new_id()) in ("other_library", "library_damaged")
    rig.ok("stop")


def test_who_passes_a_limit_is_told_beside_it():
    rig = Ward(texts={"access": peoples.file(), "library": LINES})
    rig.login("anna")
    rig.start(ordered(rate(1, 50)))
    rig.run(3000)
    rig.login("rita")
    rig.ok("override", "pain", [RATE])
    rig.change("rate", ml(3), HOUR_MS)
    told = [(event["kind"], event["what"]) for event in rig.events if event["kind"] in ("by", "override", "rate")]
    assert [what for kind, what in told[-4:] if kind != "rate"] == ["rita.override", "pain", "rita.apply"]


def test_the_reason_of_one_person_is_none_of_the_next():
    rig = Ward(texts={"access": peoples.file(), "library": LINES})
    rig.login("anna")
    rig.start(ordered(rate(1, 50)))
    rig.run(3000)
    rig.ok("override", "pain", [RATE])
    rig.login("rita")
    assert rig.refusal("rate", ml(3), HOUR_MS) == "soft_limit.rate"


def test_the_reason_is_sealed_by_who_gave_it():
    rig = Ward(texts={"access": peoples.file(), "library": LINES})
    rig.login("anna")
    rig.start(ordered(rate(1, 50)))
    rig.run(3000)
    rig.key = b""
    assert rig.refusal("override", "pain", [RATE]) == "bad_seal"
    rig.logout()
    assert rig.refusal("override", "pain", [RATE]) == "log_in"
