"""What the options of a program, people, locks, a drug library and power cuts do to one another."""

from binascii import crc32

import pytest

import libraries
from boards import HOUR_MS, PowerFailed, Rig, TestBoard, ml, order, rate, repeat, step_of
from orders import demand, drug, hold, limit, syringes
from peoples import STAFF, file
from picoinfuse_firmware import VERSION, seal
from picoinfuse_firmware.board import HISTORY, KEYS, MOST_BYTES
from picoinfuse_firmware.companions import history_of
from picoinfuse_firmware.library import PARAMETERS, Library
from picoinfuse_firmware.messages import FINGERPRINT
from picoinfuse_firmware.options import Option
from picoinfuse_firmware.watch import codes
from test_firmware_glucose_loop import BASAL, MIN, NUMBERS, Looping, program
from wards import Ward, ward

LINES = libraries.sealed()
CHECK = Library(LINES.splitlines(keepends=True)).check
MADE_WITH = Option("library", "test-1", [CHECK])
MORPHINE = Option("drug", "morphine.ng", [1, 1])


# ---- people ------------------------------------------------------------------------------------------------------


def test_a_second_load_does_not_make_the_author_of_the_first_program_a_second_person():
    rig = ward("anna", double_check=1)
    its = order(rate(10, 5))
    answer = rig.stage(its)
    rig.login("bert")
    rig.ok("load", *order(rate(20, 5)).load_values())  # begun, and left
    rig.login("anna")
    assert rig.refusal("confirm", answer[1][0]) == "second_person"


def test_a_self_test_that_fails_makes_no_guess_cheaper_and_forgets_no_lock_level():
    rig = ward("anna", level=0)
    rig.ok("lock", 1)
    rig.logout()
    for _ in range(3):
        rig.try_code("anna", "x" * 9)
        rig.run(codes.MAX_WAIT_MS)
    flash, texts = rig.board.flash, rig.board.texts
    board = TestBoard(flash=flash, texts=texts)
    board.silent_bits = 1
    broken = Ward(board)
    broken.run(1000)
    assert "self_test" in broken.alarms
    assert broken.try_code("anna", "x" * 9)[1][0] == "code_wait"
    broken.run(codes.MAX_WAIT_MS)
    assert broken.try_code("anna", "x" * 9)[1][1] == 4
    after = broken.after_power_cut()
    after.run(1000)
    assert after.lock == 1


def test_a_login_before_the_pump_has_looked_is_no_way_around_the_wait():
    rig = ward(None)
    for _ in range(5):
        rig.try_code("anna", "x" * 9)
        rig.run(codes.MAX_WAIT_MS)
    after = Ward(TestBoard(flash=rig.board.flash, texts=rig.board.texts), greet=False)
    after.send(0, "hello", "early", VERSION, FINGERPRINT)
    after.send(1, "login", "anna", 0)
    after.poll()
    after.run(500)
    nonce = [entry[2][0] for entry in after.answers if entry[1] == "challenge"]
    after.seq = 1
    if nonce:
        assert after.ask("answer", seal.answer(b"\x00" * 32, nonce[0], "anna"))[1][0] != "wrong_code"


# ---- the history ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [987_654_321, 98_765_432_101_234])
def test_a_history_that_is_full_of_boluses_has_room_for_a_lock_level_and_a_wrong_code(amount):
    rig = ward("anna", level=0)
    rig.start(order(rate(1, 0, 4 * HOUR_MS), options=[drug("x.ng", 10**9, 1), demand(0.001)]))
    ledger = rig.controller.requests.companions[0].ledger
    for _ in range(60):
        rig.run(1000)
        ledger.begins(amount)
        ledger.over(rig.controller.requests.history.now_ms())
    ledger.put()
    rig.login("anna")
    rig.ok("lock", 2)
    rig.try_code("bert", "x" * 9)
    rig.run(2000)
    assert rig.state == "infusing"
    assert 300 < len(rig.board.flash.records[HISTORY]) <= MOST_BYTES[HISTORY]
    after = rig.after_power_cut()
    after.run(1000)
    assert after.lock == 2


@pytest.mark.parametrize("people", ["known", "known later"])
@pytest.mark.parametrize("concentration", [(10**7, 10**6), (10**15, 1)])
@pytest.mark.parametrize("amount", [987_654_321, 98_765_432_101_234])
def test_a_history_with_every_line_at_its_longest_fits_into_its_record(people, concentration, amount):
    """Bug: a record full of boluses had no place for people who came later: whatever they did was a system fault."""
    staff = STAFF | {f"nurse_{i}": ("nurse", f"nurse-{i}") for i in range(7)}
    texts = {"access": file(staff=staff, level=0, relock_ms=HOUR_MS)}
    rig = Ward(texts=texts if people == "known" else {})
    history_of(rig.controller)._before_ms = 10**12 - HOUR_MS  # it is 31 years old
    rig.controller.journal.run = 10**6
    if people == "known":
        rig.login("anna")
    rig.start(program())
    rig.run(2 * MIN)
    rig.ok("stop")
    insulin = [Option("drug", "insulin.uU", list(concentration)), demand(0.001, 60, 60000)]
    rig.start(order(rate(0.01, duration_ms=HOUR_MS), size_ml=5, options=insulin))
    doses, demands = rig.controller.requests.companions[:2]
    demands.asked = demands.given = 99998
    if people == "known":
        rig.logout()
    rig.ok("demand", rig.new_id())
    for _ in range(60):
        rig.run(1000)
        doses.ledger.begins(amount)
        doses.ledger.over(rig.controller.requests.history.now_ms())
    doses.ledger.put()
    if people == "known":
        rig.login("anna")
    rig.change("bolus", ml(4), ml(300), HOUR_MS)
    rig.run(2 * MIN)
    rig.ok("stop")
    rig.run(1000)
    rig.board.texts = texts
    rig = rig.after_power_cut()
    rig.run(1000)
    rig.login("anna")
    rig.ok("lock", 3)
    rig.logout()
    gate = rig.controller.requests.gate
    for place, name in enumerate(staff):
        gate._wrong[place] = 98
        assert rig.try_code(name, "x" * 9)[1][:2] == ["wrong_code", 99]
    rig.run(1000)
    assert (rig.controller.error, rig.lock) == (None, 3)
    assert rig.controller.requests.history.line("access")[2:] == [99] * 12
    assert len(rig.board.flash.records[HISTORY]) <= MOST_BYTES[HISTORY]


def of_another_version(text):
    body = text.encode()
    return b"%s*%08x" % (body, crc32(body) & 0xFFFFFFFF)


@pytest.mark.parametrize(
    "text",
    [
        "u 5",
        "t 5\naccess 7",
        "t 5\ndemand 4",
        "t 5\nd.%04x 1" % (crc32(b"morphine.ng") & 0xFFFF),
        "t 5\nd.1234 1,2",
        "t 5\ninsulin 3",
    ],
)
def test_a_history_of_another_version_is_a_lost_one(text):
    rig = ward(None, level=0)
    rig.board.flash.records[HISTORY] = of_another_version(text)
    rig = rig.after_power_cut()
    rig.run(2000)
    assert "system_fault" not in rig.alarms, rig.controller.error
    assert rig.lock == 3
    rig.run(codes.MAX_WAIT_MS)
    rig.login("anna")
    answer = rig.stage(order(rate(1, 5), options=[drug(), demand(), limit(HOUR_MS, 50_000_000)]))
    assert answer[1][0] == "history_lost", (answer, rig.controller.error)


# ---- insulin -------------------------------------------------------------------------------------------------------


def test_insulin_that_was_withheld_is_not_missing_for_ever_once_the_program_is_over():
    its = Looping()
    its.see(*[60] * 12)
    assert its.on_board_uu < -200_000
    its.rig.ok("stop")
    its.rig.run(8 * HOUR_MS)
    after = Looping(program(rate(0.1, duration_ms=HOUR_MS)), rig=its.rig)
    assert after.on_board_uu > -10_000


def test_a_bolus_that_a_power_cut_interrupted_is_on_board_after_a_second_cut():
    its = Looping()
    its.rig.run(MIN)
    its.rig.change("bolus", ml(0.4), ml(30), HOUR_MS)  # 4 U in 48 s
    its.rig.run(50_000)
    whole = its.rig.delivery.dose_nl() * 10
    rig = its.rig.after_power_cut()
    rig.ok("stop")
    rig.run(2000)
    rig = rig.after_power_cut()
    rig.run(2000)
    after = Looping(program(rate(0.1, duration_ms=HOUR_MS)), rig=rig)
    assert after.on_board_uu > 3_500_000, (after.on_board_uu, whole)


# ---- supervision -----------------------------------------------------------------------------------------------------


def test_while_the_host_is_lost_no_faster_phase_begins():
    rig = Rig(TestBoard(has=()))
    rig.start(order(rate(10, 0, 90000), rate(50, 0, HOUR_MS), options=[hold(60000, 2)]))
    rig.run(70000)
    assert rig.status()["rate_nl_h"] == ml(2)
    rig.run(60000)
    assert rig.alarms == ["supervision_lost"]
    assert rig.status()["rate_nl_h"] == ml(2)


def test_a_slow_bolus_does_not_keep_the_pump_from_pausing_when_the_host_is_lost():
    rig = Rig(TestBoard(has=()))
    rig.start(order(rate(50, 0, HOUR_MS), options=[hold(60000)]))
    rig.run(50000)
    rig.change("bolus", ml(1), ml(1), HOUR_MS)  # an hour
    rig.run(65000)
    assert (rig.state, rig.alarms) == ("paused", ["supervision_lost"])


# ---- the library ---------------------------------------------------------------------------------------------------


def test_the_rate_that_it_falls_back_to_is_held_to_the_library_when_it_is_staged():
    rig = Rig(texts={"library": LINES})
    its = order(rate(1, 0, HOUR_MS), options=(MADE_WITH, MORPHINE, hold(60000, 6)))
    assert rig.stage(its)[1][0] == "hard_limit.rate"
    its = order(rate(1, 0, HOUR_MS), options=(MADE_WITH, MORPHINE, hold(60000, 3)))
    assert rig.stage(its)[1][0] == "soft_limit.rate"


def test_a_soft_limit_that_the_program_passes_for_its_fallback_is_passed_when_it_falls_back():
    rig = Rig(TestBoard(has=(), texts={"library": LINES}))
    reason = Option("override", "pain", [PARAMETERS.index("rate")])
    rig.start(order(rate(1, 0, HOUR_MS), options=(MADE_WITH, MORPHINE, reason, hold(60000, 3))))
    rig.run(65000)
    assert (rig.state, rig.status()["rate_nl_h"]) == ("infusing", ml(3))


def test_a_program_without_a_library_is_not_gone_on_with_where_there_is_one_now():
    for options in ((), (MORPHINE,)):
        rig = Rig()
        rig.start(order(rate(50, 20), options=options))
        rig.run(5000)
        rig.board.texts = {"library": LINES}
        rig = rig.after_power_cut()
        rig.run(1000)
        rig.ok("acknowledge")
        assert rig.refusal("resume", rig.new_id()) == "other_library"


def test_a_bolus_in_the_first_minute_is_on_board_after_a_power_cut():
    its = Looping()
    its.rig.run(5000)
    its.rig.change("bolus", ml(0.4), ml(40), HOUR_MS)  # 4 U in 36 s
    its.rig.run(40_000)
    after = Looping(rig=its.rig.after_power_cut(), start=False)
    after.rig.run(2000)
    assert after.on_board_uu > 3_800_000


def test_a_flash_whose_records_cannot_be_read_counts_as_the_worst():
    rig = ward("anna", level=0)
    board = TestBoard(texts=rig.board.texts)
    board.problem = "journal_damaged"
    broken = Ward(board)
    broken.run(1000)
    assert (broken.lock, "self_test" in broken.alarms) == (3, True)
    assert broken.try_code("anna", STAFF["anna"][1])[1][0] == "code_wait"


def test_insulin_that_was_suspended_comes_back_though_a_bolus_took_what_was_left_in_the_syringe():
    """Nothing was given for most of an hour, with glucose in range, and no alarm told it."""
    three_hours = [rate(0.08, duration_ms=HOUR_MS), repeat(0, 3)]
    its = Looping(program(*three_hours, filled_ml=0.27, numbers=[100, 110, 5_000, *NUMBERS[3:]]))
    its.see(60)
    its.rig.change("bolus", ml(0.1), ml(20), HOUR_MS)
    its.see(65, 75, 90, 100, 105)
    assert its.rate_nl_h == BASAL
    while not its.rig.alarms:
        its.see(104, 105)
    assert its.rig.alarms == ["empty"]
    assert abs(its.rig.delivery.dose_nl() - ml(0.27)) < 200


def test_with_a_syringe_that_will_not_last_less_than_the_set_rate_stays_less():
    its = Looping(program(filled_ml=1.95))
    its.see(60)
    its.rig.change("bolus", ml(0.1), ml(20), HOUR_MS)
    rates = []
    for mg_dl in (65, 75, 90, 100, 105, 105, 105, 105, 105, 105):
        its.see(mg_dl)
        rates.append((its.rate_nl_h, its.loop._loop.rate_nl_h(its.rig.now_ms, BASAL)))
    assert all(flows == min(wanted, BASAL) for flows, wanted in rates)
    assert any(0 < flows < BASAL for flows, _ in rates)


def test_a_bolus_while_insulin_is_suspended_leaves_the_hard_dose_the_set_rate_it_needs():
    text = libraries.file("drug insulin.uU conc=10000000/1000000 rate=-,-,-,3000000 dose=-,-,-,20000000")
    made_with = Option("library", "test-1", [Library(text.splitlines(keepends=True)).check])
    its = program(numbers=[100, 110, 5_000, *NUMBERS[3:]])  # 19.2 U a day, of the 20 U that the library allows
    its.options.append(made_with)
    looping = Looping(its, rig=Rig(texts={"library": text}))
    looping.see(60)
    assert looping.rate_nl_h == 0
    assert looping.rig.refusal("bolus", ml(0.1), ml(20), HOUR_MS) == "hard_limit.dose"
    looping.rig.change("bolus", ml(0.078), ml(20), HOUR_MS)
    looping.see(65, 75, 90, 100, 105)
    assert looping.rate_nl_h == BASAL


# ---- power cuts ----------------------------------------------------------------------------------------------------


ALL_LINES = libraries.file("drug morphine.ng conc=1/1 rate=-,-,-,60000000 bolus=-,-,-,600000 dose=-,-,-,15000000")
ALL = order(
    rate(40, 0, 60000),
    rate(30, 0, 60000),
    rate(20, 0, HOUR_MS // 10),
    size_ml=5,
    filled_ml=0.9,
    options=[
        Option("library", "test-1", [Library(ALL_LINES.splitlines(keepends=True)).check]),
        drug(amount=1, volume_nl=1),
        limit(HOUR_MS, ml(60)),
        demand(0.1, 200, 600000),
        hold(30000, 10),
        syringes(3),
    ],
)


def a_story(rig):
    """A patient's bolus, a nurse's, another rate, a host that is lost, an empty syringe and the next one, the end."""
    rig.login("anna")
    rig.ok("lock", 3)
    rig.start(ALL)
    rig.run(3000)
    rig.logout()
    rig.ok("demand", rig.new_id())
    rig.run(5000)
    rig.login("anna")
    rig.change("bolus", ml(0.05), ml(100), HOUR_MS)
    rig.run(4000)
    rig.change("rate", ml(35), HOUR_MS)
    rig.run(33000)
    rig.run_until("alarm")
    rig.login("anna")
    rig.ok("refill", ml(5))
    rig.ok("acknowledge")
    rig.resume()
    rig.run(20000)
    rig.ok("stop")
    rig.run(1000)


@pytest.mark.parametrize("late", [False, True])
def test_power_that_fails_at_any_write_of_a_story_with_all_options_lengthens_no_dose_and_shortens_no_lockout(late):
    dies_at = 1  # the first is that of the start of the pump
    while True:
        dies_at += 1
        rig = Ward(has=(KEYS,), texts={"access": file(level=3), "library": ALL_LINES})
        flash = rig.board.flash
        flash.dies_at, flash.late = dies_at, late
        try:
            a_story(rig)
        except PowerFailed:
            flash.dies_at = 0
        else:
            break
        turned = rig.board.steps()
        after = rig.after_power_cut(has=(KEYS,))
        after.ids += 500
        after.run(1500)
        assert (after.controller.error, after.lock) == (None, 3)
        assert "system_fault" not in after.alarms
        if not after.controller.journal.under_way:
            assert after.controller.journal.reserved_nl >= step_of(5).nl_of(turned) - 100
            continue
        assert after.dose_steps >= turned
        after.login("anna")
        after.ok("acknowledge")
        after.resume()
        after.logout()
        after.run(2500)
        if after.state == "infusing" and rig.seen("demand", "given"):
            assert after.refusal("demand", after.new_id()) == "locked_out"
    assert dies_at > 30
