"""People at a pump through the host: logging in, a second person, the lock, a library; on the whole simulated pump."""

import pytest

import picoinfuse as pi
from peoples import STAFF, file
from picoinfuse import BadInput, Refused
from picoinfuse.library import Library
from picoinfuse.login import log_in
from picoinfuse.options import Option
from picoinfuse.pump import Pump
from picoinfuse_firmware import people
from picoinfuse_sim import Bench
from wires import RecitingPort

PROGRAM = pi.Program.continuous(rate="60 mL/h", volume="1 mL")
ANNA = STAFF["anna"][1]


def ward(library=None, **rules):
    texts = {"access": file(**rules)}
    if library:
        texts["library"] = library
    bench = Bench(texts=texts)
    bench.advance("3 s")
    return bench


def code(name):
    return STAFF[name][1]


# ---- logging in ----------------------------------------------------------------------------------------------


def test_a_pump_with_people_gives_nothing_to_nobody():
    bench = ward()
    assert bench.pump.status().people_words() == "nobody is logged in; lock level 3: the patient may ask for a bolus"
    for verb in (lambda: bench.pump.start(PROGRAM), bench.pump.pause, bench.pump.stop, bench.pump.acknowledge):
        with pytest.raises(Refused, match="nobody is logged in, which counts as the patient") as told:
            verb()
        assert told.value.reason == "log_in"


def test_who_logs_in_runs_a_therapy_and_the_seals_fit():
    bench = ward()
    pump = bench.pump
    pump.login("anna", ANNA)
    assert pump.status().people_words().startswith("anna (nurse) is logged in; lock level 3")
    record = pump.run(PROGRAM)
    assert record.meta["result"]["outcome"] == "complete"
    by = [entry.what for entry in pump.log() if entry.kind == "by"]
    assert by == ["anna.login", "anna.stage", "anna.confirm", "anna.start"]


def test_a_change_that_is_refused_is_told_as_what_was_asked_for():
    """It began with "phases:", as if the program that runs were wrong."""
    bench = Bench(seed=1)
    bench.pump.start(pi.Program.continuous(rate="5 mL/h", duration="10 h"))
    bench.advance("5 s")
    with pytest.raises(Refused, match=r"^rate = '7 mL/h': .* mL are ordered"):
        bench.pump.rate("7 mL/h")
    with pytest.raises(Refused, match=r"^rate = '7000 mL/h': the rate 7000 mL/h is above"):
        bench.pump.rate("7000 mL/h")
    with pytest.raises(Refused, match=r"^bolus = '59 mL' at '60 mL/h': "):
        bench.pump.bolus("59 mL", "60 mL/h")


def test_rate_bolus_prime_and_resume_are_sealed_too():
    bench = ward()
    pump = bench.pump
    pump.login("anna", ANNA)
    pump.load(pi.Program.continuous(rate="60 mL/h", volume="20 mL"))
    pump.confirm()
    pump.prime("0.1 mL", "100 mL/h", not_connected=True)
    bench.advance("10 s")
    pump.start()
    bench.advance("5 s")
    pump.rate("30 mL/h")
    pump.bolus("0.1 mL", "100 mL/h")
    pump.pause()
    pump.resume()
    pump.stop()
    assert bench.pump.status().state == "idle"


def test_a_wrong_code_is_told_with_how_long_to_wait():
    bench = ward()
    with pytest.raises(Refused, match=r"the code is wrong \(1 in a row by now\): wait 2 s"):
        bench.pump.login("anna", "wrong-1234")
    with pytest.raises(Refused, match=r"nobody logs in under this name for another 1\.\d s"):
        bench.pump.login("anna", ANNA)
    with pytest.raises(Refused, match="nobody of that name is known to the pump"):
        bench.pump.login("mallory", ANNA)
    with pytest.raises(BadInput, match="name = 'Anna'"):
        bench.pump.login("Anna", ANNA)
    bench.advance("2 s")
    bench.pump.login("anna", ANNA)


def test_an_open_pump_says_that_nobody_can_log_in():
    pump = Bench().pump
    assert "open: nobody is known to this pump" in pump.status().text()
    for verb in (lambda: pump.login("anna", ANNA), pump.logout, lambda: pump.lock(2)):
        with pytest.raises(Refused, match="everybody may do everything") as told:
            verb()
        assert told.value.reason == "pump_open"
    pump.start(PROGRAM)


def test_the_time_of_the_host_goes_into_the_log():
    bench = ward()
    log_in(bench.pump.session, "anna", ANNA, clock=lambda: 1790000000.9)
    logins = [event for event in bench.pump.events() if event.what == "anna.login"]
    assert [event.value for event in logins] == [1790000000]


def test_a_pump_that_asks_for_a_cheap_hash_gets_no_answer():
    """It might be no pump: what it got could be guessed against at once."""
    from picoinfuse_firmware import messages, wire

    def answer(data):
        said = b""
        for line in data.split(b"\n"):
            frame = wire.decode(line)
            if frame is None:
                continue
            if frame[1] == "hello":
                values = (1, messages.FINGERPRINT, 1, 0, "idle", 0, 3200, 2000, 4096, 0, "-")
                said += wire.encode(frame[0], "welcome", values)
            elif frame[1] == "login":
                said += wire.encode(frame[0], "challenge", ("00" * 16, "00" * 16, people.MIN_ROUNDS - 1))
            else:
                said += wire.encode(frame[0], "ok", ())
        return said

    port = RecitingPort(answer)
    with pytest.raises(pi.PicoInfuseError, match="wants the code hashed 999 times"):
        Pump(port).login("anna", ANNA)
    assert not any(b" answer " in data for data in port.written)


# ---- who is asked for ----------------------------------------------------------------------------------------


def test_whoever_the_pump_wants_is_asked_for_and_the_request_sent_once_more():
    bench = ward()
    pump = bench.pump
    asked = []

    def asks(its, reason):
        asked.append(reason)
        its.login("anna", ANNA)
        return True

    pump.asks = asks
    pump.start(PROGRAM)
    assert asked == ["log_in"]
    bench.advance("4 min")
    assert pump.status().who == "-"
    pump.stop()
    assert asked == ["log_in", "log_in"]


def test_a_second_person_confirms_and_the_first_one_starts():
    bench = ward(double_check=1)
    pump = bench.pump
    pump.login("anna", ANNA)
    pump.load(PROGRAM)
    with pytest.raises(Refused, match="so another person has to confirm it"):
        pump.confirm()
    pump.login("hugo", code("hugo"))
    pump.confirm()
    with pytest.raises(Refused, match=r"start: hugo \(pharmacist\) is logged in; it is for a nurse"):
        pump.start()
    pump.login("anna", ANNA)
    pump.start()
    assert bench.pump.status().state == "infusing"


def test_a_second_person_confirms_on_another_host_what_that_person_knows():
    bench = ward(double_check=1)
    bench.pump.login("anna", ANNA)
    bench.pump.load(PROGRAM)
    other = Pump(bench.port())
    other.login("bert", code("bert"))
    with pytest.raises(BadInput, match="nothing was loaded by this host"):
        other.confirm()
    with pytest.raises(Refused, match="another program is loaded on the pump") as told:
        other.confirm(pi.Program.continuous(rate="6 mL/h", volume="1 mL"))
    assert told.value.reason == "bad_check"
    other.confirm(PROGRAM)
    other.start()
    assert other.status().state == "infusing"


def test_the_lock_level_is_set_by_a_nurse_and_told():
    bench = ward()
    with pytest.raises(Refused, match="it is for a nurse or prescriber"):
        bench.pump.lock(1)
    bench.pump.login("anna", ANNA)
    bench.pump.lock(1)
    bench.pump.logout()
    assert "lock level 1: the patient may start and stop, change the syringe" in bench.pump.status().text()
    bench.power_cut(60)
    bench.advance("65 s")
    assert bench.pump.status().lock == 1


def test_nobody_who_alters_a_program_on_the_way_gets_it_confirmed():
    """Another program in place of anna's, of the same length and with answers that she expects."""
    bench = ward()
    pump = bench.pump
    pump.login("anna", ANNA)
    other = pi.Program.continuous(rate="600 mL/h", volume="1 mL")
    pump.load(other)
    pump.program = PROGRAM  # what anna believes
    bench.pump._staged = None
    with pytest.raises(Refused) as told:
        pump._ask("confirm", (other.check,), PROGRAM.compiled.text())
    assert told.value.reason == "bad_seal"
    assert bench.pump.status().state == "staged"


# ---- the drug library ----------------------------------------------------------------------------------------

TEACHING = Library.read()


def morphine(rate="1 mL/h", volume="5 mL", *more):
    options = [Option.drug("morphine", "1 mg/mL"), Option.weight("70 kg"), *more]
    return pi.Program.continuous(rate=rate, volume=volume, options=options)


def with_library(text=TEACHING.text):
    bench = Bench(texts={"library": text})
    bench.advance("3 s")
    return bench


def test_a_program_is_made_with_the_library_of_the_pump_by_itself():
    bench = with_library()
    bench.pump.start(morphine())
    assert bench.pump.status().check == bench.pump.program.check != morphine().check
    assert [option.kind for option in bench.pump.program.options] == ["drug", "weight", "library"]


def test_a_therapy_file_tells_the_library_its_drug():
    bench = with_library()
    bench.pump.start("ceftriaxone")
    kinds = {option.kind: option.compiled.what for option in bench.pump.program.options}
    assert kinds == {"drug": "ceftriaxone.ng", "library": TEACHING.version}
    with pytest.raises(Refused, match="does not say which drug"):
        with_library().pump.start("hydration")
    with_library().pump.start("hydration", override="fluid")


def test_what_the_library_refuses_is_told_in_the_units_of_people():
    bench = with_library()
    with pytest.raises(Refused, match=r"rate 6 mg/h is above the hard limit 5 mg/h of the drug library"):
        bench.pump.load(morphine("6 mL/h"))
    with pytest.raises(Refused, match=r"rate 2 mg/h is above the soft limit 1 mg/h .* give a reason"):
        bench.pump.load(morphine("2 mL/h"))
    with pytest.raises(Refused, match=r"the program does not say which drug it gives"):
        bench.pump.load(PROGRAM)
    no_weight = pi.Program.continuous(rate="1 mL/h", volume="5 mL", options=[Option.drug("morphine", "1 mg/mL")])
    with pytest.raises(Refused, match=r"say what the patient weighs"):
        bench.pump.load(no_weight)


def test_a_reason_passes_soft_limits_and_is_in_the_log():
    bench = with_library()
    bench.pump.start(morphine("2 mL/h"), override="tolerant")
    assert [entry.what for entry in bench.pump.log() if entry.kind == "override"] == ["tolerant"]
    with pytest.raises(BadInput, match=r"override = 'two words'"):
        with_library().pump.load(morphine("2 mL/h"), override="two words")
    bench.advance("5 s")
    with pytest.raises(Refused, match=r"rate 3 mg/h is above the soft limit 1 mg/h"):
        bench.pump.rate("3 mL/h")
    bench.pump.rate("3 mL/h", override="pain")
    with pytest.raises(Refused, match=r"one bolus 3 mg is above the soft limit 2 mg"):
        bench.pump.bolus("3 mL", "60 mL/h")
    bench.pump.bolus("3 mL", "60 mL/h", override="pain")
    with pytest.raises(Refused, match=r"rate 6 mg/h is above the hard limit 5 mg/h"):
        bench.pump.rate("6 mL/h", override="pain")
    assert [entry.what for entry in bench.pump.log() if entry.kind == "override"] == ["tolerant", "pain", "pain"]


def test_a_library_that_is_not_known_here_is_told_by_its_check_value(tmp_path, monkeypatch):
    ward = (
        'version = "ward-3"\npharmacist = "Hugo"\n[drugs.morphine]\nconcentrations = ["1 mg/mL"]\nsource = "s"\n'
        'rate = { hard_max = "5 mg/h" }\n'
    )
    path = tmp_path / "ward.toml"
    path.write_text(ward, "utf-8")
    bench = with_library(Library.parse(ward).text)
    with pytest.raises(BadInput, match=r"library = 'teaching': has the check value .*PICOINFUSE_LIBRARY"):
        bench.pump.load(morphine())
    bench.pump.load(morphine(), library=path)
    monkeypatch.setenv("PICOINFUSE_LIBRARY", str(path))
    bench.pump.load(morphine())


def test_the_record_has_the_program_as_it_was_given():
    bench = with_library()
    record = bench.pump.run(morphine("1 mL/h", "0.01 mL"))
    assert record.meta["program"]["check"] == bench.pump.program.check
    assert ["library", TEACHING.version, [TEACHING.check]] in record.meta["program"]["options"]
