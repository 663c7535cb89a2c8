"""The gate: who is logged in, for how long, what is sealed, what two people do, and what nobody gets by trying."""

from random import Random

import pytest

import peoples
from boards import HOUR_MS, PowerFailed, Rig, ml, order, rate
from orders import hold
from peoples import STAFF, verifier_of
from picoinfuse_firmware import access, alarms, seal
from picoinfuse_firmware.board import KEY_BOLUS, KEY_MUTE, KEY_START, KEYS
from picoinfuse_firmware.messages import IS_REQUEST, TABLE
from picoinfuse_firmware.people import RELOCK_MS
from picoinfuse_firmware.watch import codes
from roles import CELLS, LEVELS, LOCKABLE
from wards import Ward, ward

ORDER = order(rate(60, 2))
WRONG = "wrong-1234"


# ---- a pump without people, and one with a damaged file ------------------------------------------------------


def test_a_pump_without_a_file_of_people_is_open_and_says_so():
    rig = Rig()
    assert (rig.status()["who"], rig.status()["lock"]) == ("-", -1)
    for request in (("login", "anna", 0), ("answer", "00"), ("lock", 3)):
        assert rig.refusal(*request) == "not_ordered"
    rig.start(ORDER)
    assert rig.state == "infusing"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "access_damaged"),
        (peoples.file()[:-5], "access_damaged"),
        (peoples.file().replace("nurse", "technician", 1), "access_damaged"),
        (peoples.file().replace("people 1", "people 2"), "access_format"),
        ("\x00" * 500, "access_damaged"),
    ],
)
def test_a_damaged_file_makes_a_pump_that_does_not_infuse_and_says_why(text, problem):
    rig = Rig(greet=False, texts={"access": text})
    name, values = rig.hello()
    assert name == "welcome"
    assert values[-1] == problem
    rig.run(2000)
    assert (rig.state, rig.alarms) == ("alarm", ["self_test"])
    assert rig.refusal("load", *ORDER.load_values()) == "not_now"
    assert rig.refusal("acknowledge") == "restart_needed"
    rig.ok("leave")  # whoever mends it must be able to reach the prompt


# ---- logging in ----------------------------------------------------------------------------------------------


def test_nobody_is_logged_in_until_the_right_answer_comes():
    rig = ward(None)
    assert (rig.who, rig.lock) == ("-", 3)
    rig.challenge("anna")
    assert rig.who == "-"
    rig.login("anna")
    assert rig.who == "anna.nurse"
    assert rig.told() == ["anna.login"]


@pytest.mark.parametrize("name", STAFF)
def test_each_person_logs_in_with_their_own_code_only(name):
    rig = ward(None)
    for other in STAFF:
        if other != name:
            answer = rig.try_code(name, STAFF[other][1])
            assert (answer[0], answer[1][0]) == ("refused", "wrong_code")
            rig.run(codes.MAX_WAIT_MS)
    rig.login(name)
    assert rig.who == f"{name}.{STAFF[name][0]}"


def test_the_code_and_what_stands_for_it_never_travel():
    rig = ward(None)
    wire = bytearray()
    send, listen = rig.send, rig.listen

    def heard(seq, name, *values):
        send(seq, name, *values)
        wire.extend(rig.board.incoming)

    def said():
        wire.extend(rig.board.sent)
        listen()

    rig.send, rig.listen = heard, said
    rig.login("anna")
    rig.ready(ORDER)
    rig.ok("start", rig.new_id())
    code = STAFF["anna"][1]
    for secret in (code.encode(), verifier_of("anna", code).hex().encode(), rig.key.hex().encode()):
        assert secret not in wire


def test_no_nonce_comes_twice_not_even_after_a_power_cut():
    """The board of this test has no entropy at all: number of the start and count have to do."""
    seen = set()
    rig = ward(None)
    for _ in range(5):
        for _ in range(5):
            nonce = rig.challenge("anna")[0]
            assert nonce not in seen
            seen.add(nonce)
        rig = rig.after_power_cut()


def test_a_recorded_login_is_worth_nothing():
    rig = ward(None)
    verifier = verifier_of("anna", STAFF["anna"][1])
    nonce = rig.challenge("anna")[0]
    recorded = seal.answer(verifier, nonce, "anna")
    rig.ok("answer", recorded)
    rig.logout()
    assert rig.refusal("answer", recorded) == "no_challenge"
    rig.challenge("anna")
    assert rig.refusal("answer", recorded) == "wrong_code"
    rig = rig.after_power_cut()
    rig.run(codes.FIRST_WAIT_MS)
    rig.challenge("anna")
    assert rig.refusal("answer", recorded) == "wrong_code"


def test_an_answer_of_one_person_is_not_that_of_another():
    rig = ward(None)
    verifier = verifier_of("tom", STAFF["tom"][1])
    nonce = rig.challenge("anna")[0]
    assert rig.refusal("answer", seal.answer(verifier, nonce, "anna")) == "wrong_code"


def test_a_nonce_is_good_for_a_minute_and_for_one_answer():
    rig = ward(None)
    right = seal.answer(verifier_of("anna", STAFF["anna"][1]), rig.challenge("anna")[0], "anna")
    rig.run(60000)
    assert rig.refusal("answer", right) == "no_challenge"
    nonce = rig.challenge("anna")[0]
    assert rig.refusal("answer", "00") == "wrong_code"
    right = seal.answer(verifier_of("anna", STAFF["anna"][1]), nonce, "anna")
    assert rig.refusal("answer", right) == "no_challenge"
    assert rig.who == "-"


def test_who_is_unknown_is_told_and_no_nonce_is_given():
    rig = ward(None)
    assert rig.ask("login", "mallory", 0) == ("refused", ["unknown_person", 0, len(STAFF)])
    assert rig.refusal("answer", "00") == "no_challenge"


def test_another_session_of_a_host_is_nobody_yet():
    """A host that takes the wire over does not take the login over; a hello that is repeated is the same session."""
    rig = ward("anna")
    assert rig.hello()[0] == "welcome"
    assert rig.controller.requests.gate.person is not None
    rig.hello(nonce="another")
    assert rig.who == "-"
    assert rig.told()[-1] == "anna.logout"


def test_a_wrong_code_does_not_throw_out_who_is_logged_in():
    rig = ward("anna")
    rig.try_code("bert", WRONG)
    assert rig.who == "anna.nurse"
    rig.run(codes.FIRST_WAIT_MS)
    rig.login("bert")
    assert rig.who == "bert.nurse"
    assert rig.told() == ["anna.login", "anna.logout", "bert.login"]


# ---- the automatic relock ------------------------------------------------------------------------------------


def test_who_does_nothing_for_three_minutes_is_logged_out():
    rig = ward("anna")
    rig.run(RELOCK_MS - 1000)
    assert rig.who == "anna.nurse"
    rig.run(1000)
    assert rig.who == "-"
    assert rig.told()[-1] == "anna.relock"
    rig.key = b""
    assert rig.refusal("load", *ORDER.load_values()) == "log_in"


def test_looking_keeps_nobody_logged_in_and_doing_does():
    """A host that asks for the status every second has nobody in front of it."""
    rig = ward("anna")
    for _ in range(RELOCK_MS // 9000):
        rig.run(9000)
        rig.status()
        rig.ask("senses")
    rig.run(10000)
    assert rig.who == "-"
    rig.login("anna")
    for _ in range(3):
        rig.run(RELOCK_MS - 10000)
        rig.ok("mute", 0)
    assert rig.who == "anna.nurse"


def steered(relock_ms=60000):
    """A pump whose program a host looks after, by anna's login; half a time until relock after her last deed."""
    rig = Ward(rules={"relock_ms": relock_ms}, has=(KEYS,))
    rig.login("anna")
    rig.start(order(rate(10, 20), options=[hold(30000, 2)]))
    return rig


def by_itself(rig, for_ms, every_ms=10000):
    """What a host sends with nobody in front of it: a sign of life, or a rate."""
    for turn in range(for_ms // every_ms):
        rig.run(every_ms - 200)
        if turn % 2:
            rig.ok("stay")
        else:
            rig.change("rate", ml(10) + turn, HOUR_MS)


def test_a_host_that_steers_by_itself_keeps_nobody_logged_in_and_goes_on_steering():
    """Bug: each word of it kept its nurse logged in, so the keys at the bedside were open at lock level 3."""
    rig = steered()
    by_itself(rig, 40000)
    assert rig.who == "anna.nurse"
    by_itself(rig, 40000)
    assert rig.who == "-"
    assert rig.told().count("anna.relock") == 1
    assert press(rig, KEY_START) == "refused.locked"
    by_itself(rig, 10 * 60000)
    assert (rig.state, rig.alarms, rig.status()["rate_nl_h"] >= ml(10)) == ("infusing", [], True)
    for request in (("pause",), ("stop",), ("lock", 0), ("bolus", ml(0.1), ml(10), HOUR_MS), ("refill", ml(50))):
        assert rig.refusal(*request) in ("log_in", "locked")
    assert rig.refusal("override", "pain", [0]) == "log_in"


def test_a_host_that_says_it_lives_when_all_is_over_keeps_nobody_logged_in():
    """Bug: once the program was over, `stay` counted as a deed of whoever had logged in."""
    rig = ward("anna", relock_ms=60000)
    rig.start(order(rate(100, 0.1), options=[hold(30000, 2)]))
    rig.run_until("complete")
    for _ in range(7):
        rig.run(10000)
        rig.ask("stay")
    assert rig.who == "-"
    assert rig.refusal("stay") == "log_in"


def test_what_a_person_does_by_that_login_keeps_it():
    rig = steered()
    for _ in range(4):
        by_itself(rig, 40000)
        rig.ok("mute", 0)
    assert rig.who == "anna.nurse"
    assert press(rig, KEY_START) == "pause"


def test_a_host_that_steers_by_a_login_that_is_over_still_seals():
    rig = steered()
    by_itself(rig, 80000)
    key, rig.key = rig.key, b"\x00" * 32
    proposed = rig.ask("rate", ml(11), HOUR_MS)[1]
    rig.proposed = ("rate", ml(11), HOUR_MS)
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "bad_seal"
    rig.key = key
    rig.change("rate", ml(12), HOUR_MS)


@pytest.mark.parametrize("end", ["silent", "hello", "logout", "login", "over"])
def test_the_steering_ends_when_the_host_is_silent_or_somebody_ends_it(end):
    rig = steered()
    by_itself(rig, 80000)
    if end == "silent":
        rig.run(60000)
    elif end == "hello":
        rig.hello("another")
    elif end == "logout":
        rig.ok("login", "-", 0)
    elif end == "login":
        key = rig.key
        rig.login("tom")
        rig.key = key
    else:
        rig.login("anna")
        rig.ok("stop")
        rig.run(61000)
    assert rig.refusal("stay") == ("not_your_role" if end == "login" else "log_in")
    assert rig.refusal("rate", ml(5), HOUR_MS) == ("not_your_role" if end == "login" else "log_in")


def test_a_bolus_that_was_proposed_before_the_relock_is_not_applied_after_it():
    rig = steered()
    by_itself(rig, 50000)
    proposed = rig.ask("bolus", ml(0.1), ml(10), HOUR_MS)[1]
    rig.proposed = ("bolus", ml(0.1), ml(10), HOUR_MS)
    for _ in range(7):
        rig.run(10000)
        rig.ok("stay")
    assert rig.who == "-"
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "log_in"


def test_a_request_that_is_refused_keeps_nobody_logged_in():
    rig = ward("anna")
    for _ in range(20):
        rig.run(RELOCK_MS // 20)
        rig.ask("pause")
    assert rig.who == "-"


def test_the_time_until_relock_is_the_files():
    rig = ward("anna", relock_ms=10000)
    rig.run(10000)
    assert rig.who == "-"


def test_the_infusion_goes_on_when_its_nurse_is_logged_out():
    rig = ward("anna")
    rig.start(order(rate(10, 5)))
    rig.run(RELOCK_MS + 10000)
    assert (rig.who, rig.state) == ("-", "infusing")


# ---- wrong codes ---------------------------------------------------------------------------------------------


def test_each_wrong_code_makes_the_next_try_wait_longer_and_the_third_alarms():
    rig = ward(None)
    for count in range(1, 6):
        assert rig.try_code("anna", WRONG) == ("refused", ["wrong_code", count, codes.wait_ms(count)])
        assert ("wrong_code" in rig.alarms) == (count >= codes.TELL_AT)
        answer, (reason, told, wait_ms) = rig.try_code("anna", STAFF["anna"][1])
        assert (answer, reason, told) == ("refused", "code_wait", count)
        assert 0 < wait_ms <= codes.wait_ms(count)
        rig.run(codes.wait_ms(count))
    rig.login("anna")
    assert rig.try_code("bert", WRONG)[1][1] == 1  # a right code of hers is none of his


def test_a_right_code_begins_the_count_anew():
    rig = ward(None)
    rig.try_code("anna", WRONG)
    rig.run(codes.MAX_WAIT_MS)
    rig.login("anna")
    assert rig.try_code("anna", WRONG)[1][1:] == [1, codes.FIRST_WAIT_MS]


def test_ones_own_code_does_not_reset_the_count_of_another():
    rig = ward(None)
    for count in range(1, 4):
        assert rig.try_code("anna", WRONG)[1][1] == count
        rig.run(codes.wait_ms(count))
        rig.login("tom")


def test_wrong_codes_stop_no_infusion_and_a_nurse_acknowledges_them():
    rig = ward("anna")
    rig.start(order(rate(10, 5)))
    for count in range(1, 4):
        rig.try_code("bert", WRONG)
        rig.run(codes.wait_ms(count))
    assert rig.state == "infusing"
    assert rig.alarms == ["wrong_code"]
    assert rig.seen("alarm", "wrong_code")[0]["value"] == 3
    rig.ok("acknowledge")
    assert rig.alarms == []
    rig.try_code("bert", WRONG)
    assert rig.alarms == ["wrong_code"]
    assert not alarms.BY_CODE[alarms.WRONG_CODE].stops


# ---- power cuts ----------------------------------------------------------------------------------------------


def test_a_lock_level_is_not_forgotten_in_a_power_cut():
    """A pump that comes back open after somebody pulled its plug would be no lock."""
    rig = ward("anna", level=0)
    rig.ok("lock", 3)
    rig = rig.after_power_cut()
    rig.run(2000)
    assert (rig.who, rig.lock) == ("-", 3)
    assert rig.refusal("refill", ml(50)) == "locked"
    rig.login("rita")
    rig.ok("lock", 1)
    assert rig.after_power_cut().lock == 1


def test_nothing_is_open_before_the_pump_has_looked_what_was_locked():
    rig = ward("anna", level=0)
    rig.ok("lock", 3)
    after = Ward(flash=rig.board.flash, texts=rig.board.texts, greet=False, has=(KEYS,))
    assert after.controller.requests.gate.level == 3
    after.hello()
    assert after.refusal("refill", ml(50)) == "locked"


def test_nobody_is_logged_in_after_a_power_cut_and_no_key_is_good():
    rig = ward("anna")
    rig.start(order(rate(10, 5)))
    rig.run(2000)
    key = rig.key
    rig = rig.after_power_cut()
    rig.run(2000)
    assert (rig.who, rig.state) == ("-", "alarm")
    rig.key = key
    assert rig.refusal("acknowledge") == "log_in"
    assert rig.refusal("resume", "000000aa") == "log_in"
    rig.login("anna")
    rig.ok("acknowledge")
    rig.resume()
    assert rig.state == "infusing"


def test_switching_off_and_on_makes_no_guess_cheaper():
    """Each try costs its wait, and a power cut lets it begin anew: it never helps to pull the plug."""
    rig = ward(None)
    for count in range(1, 8):
        assert rig.try_code("anna", WRONG)[1] == ["wrong_code", count, codes.wait_ms(count)]
        rig = rig.after_power_cut()
        rig.run(1000)
        answer, (reason, told, wait_ms) = rig.try_code("anna", STAFF["anna"][1])
        assert (answer, reason, told) == ("refused", "code_wait", count)
        assert wait_ms > codes.wait_ms(count) - 1500
        assert ("wrong_code" in rig.alarms) == (count >= codes.TELL_AT)
        rig.run(codes.wait_ms(count))
    rig.login("anna")
    assert rig.after_power_cut().try_code("anna", WRONG)[1][1] == 1


def test_power_that_fails_while_the_count_is_written_leaves_the_wrong_code_unanswered_or_counted():
    """Whoever cuts the power at that very moment has not heard whether the code was right."""
    for late in (False, True):
        rig = ward(None)
        nonce, _, _ = rig.challenge("anna")
        flash = rig.board.flash
        flash.dies_at, flash.late = flash.saves + 1, late
        rig.send(rig.seq + 1, "answer", seal.answer(b"\x00" * 32, nonce, "anna"))
        with pytest.raises(PowerFailed):
            rig.run(500)
        assert b"wrong_code" not in bytes(rig.board.sent)
        flash.dies_at = 0
        after = rig.after_power_cut()
        if late:
            after.run(codes.FIRST_WAIT_MS)
        assert after.try_code("anna", WRONG)[1][1] == (2 if late else 1)


def test_a_damaged_history_counts_as_the_worst():
    rig = ward("anna", level=0)
    rig.ok("lock", 2)
    rig.board.flash.records["history"] = b"t 5\naccess 1,0*00000000"
    rig = rig.after_power_cut()
    rig.run(1000)
    assert rig.lock == 3
    assert "wrong_code" in rig.alarms
    assert rig.try_code("anna", STAFF["anna"][1])[1][0] == "code_wait"
    rig.run(codes.wait_ms(codes.TELL_AT))
    rig.login("anna")


def test_another_file_of_people_begins_anew_with_its_own_level():
    """Else `access rules --level` would change nothing on a pump whose lock somebody has set."""
    rig = ward("anna", level=0)
    rig.ok("lock", 2)
    rig.try_code("bert", WRONG)
    rig.board.texts["access"] = peoples.file(level=1, relock_ms=60000)
    rig = rig.after_power_cut()
    assert rig.lock == 1
    assert rig.try_code("bert", WRONG)[1][1] == 1
    rig.login("anna")
    rig.ok("lock", 3)
    assert rig.after_power_cut().lock == 3


def test_a_pump_whose_people_changed_nothing_has_no_history_record():
    rig = ward("anna")
    rig.start(order(rate(10, 5)))
    assert "history" not in rig.board.flash.records


def test_a_file_that_was_exchanged_under_a_running_pump_lets_nobody_in():
    rig = ward(None)
    rig.board.texts["access"] = peoples.file(staff={"eve": ("nurse", "eve-12345")})
    assert rig.refusal("login", "eve", 0) == "people_changed"
    del rig.board.texts["access"]
    assert rig.refusal("login", "anna", 0) == "people_changed"


# ---- seals ---------------------------------------------------------------------------------------------------


def test_a_program_that_was_altered_on_the_way_is_not_confirmed():
    """Even one with the same check value: the seal is over the whole text."""
    rig = ward("anna")
    rig.stage(order(rate(61, 2)))
    rig.sent = ORDER  # what anna believes she sent
    check = order(rate(61, 2)).check()
    assert rig.refusal("confirm", check) == "bad_seal"
    rig.sent = order(rate(61, 2))
    rig.ok("confirm", check)


def test_what_is_not_sealed_or_sealed_with_another_key_is_refused():
    rig = ward("anna")
    rig.stage(ORDER)
    key = rig.key
    for wrong in (b"", b"\x00" * 32, seal.key(verifier_of("bert", STAFF["bert"][1]), "00" * 16, "anna")):
        rig.key = wrong
        assert rig.refusal("confirm", ORDER.check()) == "bad_seal"
    rig.key = key
    rig.ok("confirm", ORDER.check())
    rig.key = b""
    assert rig.refusal("start", rig.new_id()) == "bad_seal"
    assert rig.state == "ready"


def test_a_confirm_that_was_recorded_is_worth_nothing_later():
    rig = ward("anna")
    rig.stage(ORDER)
    recorded = f"{ORDER.check()}.{rig.seal_of('confirm', [ORDER.check()])}"
    rig.ok("confirm", ORDER.check())
    rig.ok("stop")
    rig.stage(ORDER)
    key, rig.key = rig.key, b""
    assert rig.refusal("confirm", recorded) == "bad_seal"  # the same login, another number
    rig.key = key
    rig.ok("stop")
    rig.hello(nonce="again")  # numbers begin again at 1
    rig.login("anna")
    rig.stage(ORDER)
    rig.key = b""
    while rig.seq < 20:
        assert rig.refusal("confirm", recorded) == "bad_seal"  # another login


def test_every_request_that_can_deliver_is_sealed_with_all_that_it_says():
    rig = ward("anna")
    rig.ready(ORDER)
    values = [rig.new_id(), ml(0.5), ml(600), HOUR_MS, 1]
    its = rig.seal_of("prime", values)
    key, rig.key = rig.key, b""
    for changed in ([ml(5), ml(600), HOUR_MS, 1], [ml(0.5), ml(6000), HOUR_MS, 1]):
        assert rig.refusal("prime", f"{values[0]}.{its}", *changed) == "bad_seal"
    rig.key = key
    rig.ok("prime", *values)
    rig.run_until("ready")
    rig.ok("start", rig.new_id())
    rig.ok("pause")
    rig.key = b""
    assert rig.refusal("resume", rig.new_id()) == "bad_seal"
    rig.key = key
    rig.resume()


def test_a_change_of_rate_that_was_altered_on_the_way_is_not_applied():
    """Anna asks for 30 mL/h; the pump heard 300 and the answer was made to say 30 again."""
    rig = ward("anna")
    rig.start(ORDER)
    rig.run(2000)
    _, proposed = rig.ask("rate", ml(300), HOUR_MS)
    rig.proposed = ("rate", ml(30), HOUR_MS)
    assert rig.refusal("apply", rig.new_id(), proposed[0]) == "bad_seal"
    rig.proposed = ("rate", ml(300), HOUR_MS)
    rig.ok("apply", rig.new_id(), proposed[0])


def test_a_lost_answer_is_repaired_by_the_same_sealed_request():
    """A repeat inside the session is answered again and not done again, as ever."""
    rig = ward("anna")
    rig.ready(ORDER)
    identity = rig.new_id()
    word = f"{identity}.{rig.seal_of('start', [identity])}"
    rig.ok("start", identity)
    rig.send(rig.seq, "start", word)
    assert rig.answer(rig.seq) == ("ok", [])
    assert len(rig.seen("state", "infusing")) == 1


# ---- a second person -----------------------------------------------------------------------------------------


def test_with_a_double_check_another_person_confirms():
    rig = ward("anna", double_check=1)
    rig.stage(ORDER)
    assert rig.refusal("confirm", ORDER.check()) == "second_person"
    rig.logout()
    rig.login("anna")  # the same person, another login
    assert rig.refusal("confirm", ORDER.check()) == "second_person"
    for name in ("bert", "hugo", "rita"):
        rig.login(name)
        rig.ok("confirm", ORDER.check())
        rig.login("anna")
        rig.ok("start", rig.new_id())
        rig.ok("stop")
        rig.stage(ORDER)


def test_who_wrote_a_part_of_the_program_is_no_second_person():
    """Anna writes it, bert only says `stage`: neither of them confirms it."""
    rig = ward("anna", double_check=1)
    rig.sent = ORDER
    rig.ok("load", *ORDER.load_values())
    rig.ok("phase", 0, *ORDER.phases[0].values())
    rig.login("bert")
    assert rig.ask("stage")[0] == "staged"
    assert rig.refusal("confirm", ORDER.check()) == "second_person"
    rig.login("anna")
    assert rig.refusal("confirm", ORDER.check()) == "second_person"
    rig.login("hugo")
    rig.ok("confirm", ORDER.check())


def test_the_second_person_confirms_what_that_person_was_shown():
    rig = ward("anna", double_check=1)
    rig.stage(ORDER)
    rig.login("bert")
    rig.sent = order(rate(6, 2))
    assert rig.refusal("confirm", ORDER.check()) == "bad_seal"


def test_without_a_double_check_one_nurse_is_enough():
    rig = ward("anna")
    rig.start(ORDER)
    assert rig.state == "infusing"


# ---- the log -------------------------------------------------------------------------------------------------


def test_every_action_is_told_with_who_and_what():
    rig = Ward()
    assert rig.challenge("anna", 1790000000)
    rig.login("anna")
    rig.start(ORDER)
    rig.run(2000)
    rig.change("rate", ml(30), HOUR_MS)
    rig.ok("pause")
    rig.resume()
    rig.ok("stop")
    rig.login("rita")
    rig.ok("lock", 2)
    by = [event["what"].split(".")[1] for event in rig.seen("by") if event["what"].startswith("anna")]
    assert by == ["login", "stage", "confirm", "start", "apply", "pause", "resume", "stop", "logout"]
    assert rig.seen("by", "rita.lock")[0]["value"] == 2
    kept = [bytes(entry).decode() for entry in rig.board.flash.entries]
    assert any(" by anna.confirm 0" in entry for entry in kept)
    assert max(len(entry) for entry in kept) <= 52


def test_the_hosts_time_is_in_the_log_and_decides_nothing():
    rig = Ward()
    verifier = verifier_of("anna", STAFF["anna"][1])
    nonce = rig.challenge("anna", 1790000000)[0]
    rig.ok("answer", seal.answer(verifier, nonce, "anna"))
    assert rig.seen("by", "anna.login")[0]["value"] == 1790000000
    rig.run(RELOCK_MS // 2)
    # Another host says that it is years later: nobody is logged out for that, nobody waits less.
    rig.try_code("bert", WRONG)
    assert rig.ask("login", "bert", 2**40)[1][0] == "code_wait"
    assert rig.who == "anna.nurse"


def test_each_bolus_is_told_with_who_gave_it_however_often_that_one_steers():
    """Bug: within ten minutes of a change of rate by the same person, a bolus stood in the log without a name."""
    rig = ward("anna", relock_ms=3600000)
    rig.start(order(rate(10, 20)))
    rig.run(2000)
    rig.change("rate", ml(11), HOUR_MS)
    for number in (2, 3):
        rig.run(20000)
        rig.change("bolus", ml(0.1), ml(100), HOUR_MS)
        assert rig.told().count("anna.apply") == number


def test_who_steers_the_rate_all_day_does_not_fill_the_log():
    rig = ward("anna", relock_ms=3600000)
    rig.start(order(rate(10, 20)))
    rig.run(2000)
    for turn in range(60):
        rig.change("rate", ml(10) + turn, HOUR_MS)
        rig.run(10000)
    assert len(rig.seen("rate")) == 60
    assert rig.told().count("anna.apply") == 2


def test_who_is_refused_again_and_again_does_not_fill_the_log():
    rig = ward(None)
    for _ in range(100):
        rig.ask("start", rig.new_id())
        rig.ask("stop")
    assert len(rig.told("denied")) <= 1 + rig.now_ms // 60000
    assert rig.told("denied")[0] == "-.start"


# ---- the keys ------------------------------------------------------------------------------------------------


def press(rig, key):
    """Press a key and return what came of it."""
    rig.run(1500)
    rig.board.pressed = key
    rig.run(300)
    rig.board.pressed = 0
    rig.run(300)
    return rig.seen("key")[-1]["what"]


@pytest.mark.parametrize("level", range(4))
def test_the_keys_do_for_the_patient_what_the_lock_level_leaves(level):
    rig = Ward(has=(KEYS,), rules={"level": level})
    rig.login("anna")
    rig.start(order(rate(10, 5)))
    rig.logout()
    assert press(rig, KEY_MUTE) == "mute"
    assert press(rig, KEY_BOLUS).endswith("locked") == ("key_bolus" not in LEVELS[level])
    assert press(rig, KEY_START) == ("pause" if "key_start" in LEVELS[level] else "refused.locked")
    assert rig.state == ("paused" if "key_start" in LEVELS[level] else "infusing")
    if level == 3:
        assert rig.seen("key", "refused.locked")[0]["value"] == 3


def test_who_is_logged_in_opens_the_keys_and_the_relock_closes_them():
    rig = Ward(has=(KEYS,))
    rig.login("anna")
    rig.start(order(rate(10, 5)))
    assert press(rig, KEY_START) == "pause"
    assert press(rig, KEY_START) == "resume"
    rig.run(RELOCK_MS)
    assert press(rig, KEY_START) == "refused.locked"
    assert rig.state == "infusing"


def test_keys_of_a_pump_without_people_are_as_ever():
    rig = Rig(has=(KEYS,))
    rig.start(order(rate(10, 5)))
    assert press(rig, KEY_START) == "pause"


# ---- whatever comes ------------------------------------------------------------------------------------------

WILD = {
    "i": [0, -1, 1, 10**17, -(10**16)],
    "w": ["-", ".", "a.b.c", "0" * 80, "anna"],
    "l": [[], [0], [-(10**17)] * 9, [1, 2, 3], [10**18]],
}


@pytest.mark.parametrize("name", [None, "anna", "tom"])
def test_no_request_however_wild_raises_moves_the_motor_or_lets_somebody_in(name):
    rig = ward(name)
    who = rig.who
    for i in range(5):
        for request in IS_REQUEST:
            if request in ("hello", "leave"):
                continue
            rig.ask(request, *[WILD[kind][i] for kind in TABLE[request][1]])
            assert rig.controller.error is None, request
    assert rig.who in (who, "-")
    assert rig.board.steps_forward() == 0


# ---- every cell of the table, through the wire ----------------------------------------------------------------

OF_ROLE = {role: next((name for name in STAFF if STAFF[name][0] == role), None) for role in access.ROLES}
NOT_ALLOWED = (access.LOG_IN, access.LOCKED, access.NOT_YOUR_ROLE)
WORDS = {"kind": "rate", "what": "-"}


def values_of(request):
    """Return fields that are well formed; whether they make sense is another question."""
    names, kinds = TABLE[request]
    empty = {"i": 0, "l": [], "w": "00000000"}
    return [WORDS.get(name, empty[kind]) for name, kind in zip(names, kinds, strict=True)]


@pytest.mark.parametrize("level", range(4))
@pytest.mark.parametrize("role", access.ROLES)
def test_the_wire_gives_each_role_at_each_level_exactly_what_the_table_says(role, level):
    """One pump for each role and level; every request of the wire is asked of it, the one that ends the login last."""
    rig = ward(OF_ROLE[role], level=level)
    asked = sorted(IS_REQUEST, key=lambda request: (request == "leave", request in ("login", "answer"), request))
    for request in asked:
        if request == "hello":
            continue
        may = CELLS[request, role]
        if role == access.PATIENT and request in LOCKABLE:
            may = request in LEVELS[level]
        if request == "lock":
            answer, said = rig.ask("lock", level)
        elif request == "login":
            answer, said = rig.ask("login", "tom", 0)
        else:
            answer, said = rig.ask(request, *values_of(request))
        refused = answer == "refused" and said[0] in NOT_ALLOWED
        assert refused != may, (request, answer, said)
    assert rig.controller.state == "idle"
    assert rig.board.steps_forward() == 0


@pytest.mark.parametrize("role", access.ROLES)
def test_the_keys_are_everybodys_where_nothing_is_locked(role):
    rig = Ward(has=(KEYS,), rules={"level": 0})
    if OF_ROLE[role]:
        rig.login(OF_ROLE[role])
    for key in (KEY_START, KEY_BOLUS, KEY_MUTE):
        assert not press(rig, key).endswith(("locked", "log_in", "not_your_role"))


# ---- whatever comes --------------------------------------------------------------------------------------------


class Times:
    """Who may have what by the clock alone: when the login did something last, and when a host steered by it last."""

    def __init__(self, rig, relock_ms):
        self.rig = rig
        self.within_ms = relock_ms + 1200  # the pump looks once a second
        self.deed_ms = self.steered_ms = -(10**9)

    def begins(self):
        self.deed_ms, self.steered_ms = self.rig.now_ms, -(10**9)

    def ends(self):
        self.deed_ms = self.steered_ms = -(10**9)

    def took(self, answer, steers=False):
        """The pump has answered what needs a person; what it took is judged."""
        if answer[0] == "refused":
            return False
        now_ms = self.rig.now_ms
        logged_in = now_ms - self.deed_ms < self.within_ms
        looked_after = self.rig.controller.journal.under_way and bool(self.rig.controller.program.options)
        if steers:
            assert logged_in or (looked_after and now_ms - self.steered_ms < self.within_ms)
        else:
            assert logged_in
        if looked_after and steers:
            self.steered_ms = now_ms
        else:
            self.deed_ms = now_ms
        return True


def do(draw, rig, times):
    """Do one thing that a host with an old key, a person or the patient may do."""
    words = "alone alone stay rate rate bolus bolus pause resume stop start login logout hello key lock wait wait"
    what = draw.choice(words.split())
    if what == "wait":
        rig.run(draw.choice((1000, 9000, 20000, 59000, 70000)))
    elif what == "alone" and rig.controller.journal.under_way:  # a host, for longer than the relock takes
        for _ in range(8):
            rig.run(10000)
            times.took(rig.ask("stay"), True)
    elif what == "stay" and rig.controller.journal.under_way:
        times.took(rig.ask("stay"), True)
    elif what in ("rate", "bolus"):
        rig.proposed = (what, *((ml(20), HOUR_MS) if what == "rate" else (ml(0.05), ml(100), HOUR_MS)))
        answer = rig.ask(*rig.proposed)
        if times.took(answer, what == "rate"):
            rig.run(draw.choice((0, 1000, 30000)))
            times.took(rig.ask("apply", rig.new_id(), answer[1][0]), what == "rate")
    elif what in ("pause", "stop"):
        times.took(rig.ask(what))
    elif what == "resume":
        times.took(rig.ask(what, rig.new_id()))
    elif what == "lock":
        times.took(rig.ask(what, 3))
    elif what == "start" and times.took(rig.ask("load", *ORDER.load_values())):
        its = order(rate(draw.choice((10, 60)), draw.choice((0.2, 20))), options=draw.choice(([], [hold(30000, 2)])))
        answer, values = rig.stage(its)
        rig.ok("confirm", values[0])
        rig.ok("start", rig.new_id())
        times.deed_ms = rig.now_ms
    elif what == "login" and draw.random() < 0.6:
        rig.login(draw.choice(("anna", "bert")))
        times.begins()
    elif what == "logout" and draw.random() < 0.2:
        rig.ok("login", "-", 0)
        times.ends()
    elif what == "hello" and draw.random() < 0.2:
        rig.hello("n%d" % rig.now_ms)
        times.ends()
    elif what == "key" and press(rig, KEY_START) in ("pause", "resume"):
        assert rig.now_ms - times.deed_ms < times.within_ms + 4000


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_a_login_is_worth_nothing_after_its_time(seed):
    draw = Random(seed)
    rig = Ward(rules={"relock_ms": 60000}, has=(KEYS,))
    times = Times(rig, 60000)
    for _ in range(120):
        do(draw, rig, times)
        if rig.now_ms - times.deed_ms > times.within_ms:
            assert rig.who == "-"
    assert rig.controller.error is None
    rig.run(times.within_ms)
    assert (rig.who, rig.refusal("pause")) == ("-", "log_in")
