"""Pump: the verbs of a person, against the real firmware on the bench."""

import itertools

import pytest

from picoinfuse import Notebook, Phase, Program, Pump, PumpAlarm, Refused
from picoinfuse.errors import BadInput
from picoinfuse_sim import Bench

SLOW = Program.continuous("10 mL/h", "5 mL")


def test_load_confirm_and_start_are_steps_of_their_own(bench):
    pump = bench.pump
    staged = pump.load(SLOW)
    assert staged.check == SLOW.check
    assert (staged.volume_nl, staged.duration_ms) == (5_000_000, 1_800_000)
    assert pump.status().state == "staged"
    with pytest.raises(Refused, match="loaded and not confirmed; there is no confirmed program to start"):
        pump.start()
    pump.confirm()
    assert pump.status().state == "ready"
    pump.start()
    assert pump.status().state == "infusing"


def test_confirm_without_a_load_is_a_mistake_of_the_caller(bench):
    with pytest.raises(BadInput, match="nothing was loaded"):
        bench.pump.confirm()


def test_waiting_ends_with_the_program_and_telemetry_comes_every_second(bench):
    rows, events = [], []
    pump = bench.pump
    pump.start(Program.continuous("120 mL/h", "1 mL"))
    status = pump.wait(on_telemetry=rows.append, on_event=events.append)
    assert status.state == "complete"
    assert 999_000 < status.delivered_nl <= 1_000_000
    assert 29 <= len(rows) <= 31
    assert all(b.at_ms - a.at_ms == 1000 for a, b in itertools.pairwise(rows))
    assert [e.what for e in events if e.kind == "state"][-1] == "complete"


def test_a_dose_is_complete_while_the_vein_is_kept_open_without_end(bench):
    bench.pump.start(Program([Phase.rate("60 mL/h", volume="1 mL"), Phase.kvo("3 mL/h")]))
    status = bench.pump.wait()
    assert status.state == "kvo"
    assert 999_000 < status.delivered_nl <= 1_000_000
    bench.advance("10 min")
    assert bench.pump.status().state == "kvo"  # the pump goes on with it


def test_what_is_called_back_may_ask_the_pump_for_something(bench):
    pump, told = bench.pump, []

    def look(row):
        told.append((row.at_ms, pump.status().at_ms))

    pump.start(Program.continuous("120 mL/h", "1 mL"))
    assert pump.wait(on_telemetry=look, on_event=lambda event: pump.status()).state == "complete"
    assert len(told) > 25
    assert 0 <= told[0][1] - told[0][0] <= 1000  # behind the events of the start, each of which asks too
    assert all(0 <= now - at <= 300 for at, now in told[1:])


def test_a_clamped_line_ends_waiting_with_the_alarm_and_its_time(bench):
    bench.pump.start(Program.continuous("50 mL/h", "10 mL"))
    bench.at("10 s", bench.line.clamp)
    with pytest.raises(PumpAlarm, match=r"occlusion at .* Look for a closed clamp") as caught:
        bench.pump.wait()
    assert caught.value.name == "occlusion"
    assert 10 < caught.value.at_s < 120
    stopped = bench.board.steps_forward()
    bench.advance("1 min")
    assert bench.board.steps_forward() == stopped


def test_an_alarm_is_acknowledged_when_its_cause_is_gone(bench):
    pump = bench.pump
    pump.start(Program.continuous("50 mL/h", "10 mL"))
    bench.at("10 s", bench.line.clamp)
    with pytest.raises(PumpAlarm):
        pump.wait()
    with pytest.raises(Refused, match="drawing the plunger back"):
        pump.acknowledge()
    bench.line.release()
    bench.advance("1 min")
    pump.acknowledge()
    pump.resume()
    assert pump.wait().state == "complete"


def test_pause_resume_and_stop(bench):
    pump = bench.pump
    pump.start(SLOW)
    bench.advance("1 min")
    pump.pause()
    assert pump.status().state == "paused"
    pump.resume()
    assert pump.status().state == "infusing"
    pump.stop()
    assert pump.status().state == "idle"


def test_a_new_rate_and_a_bolus_are_proposed_compared_and_applied(bench):
    pump = bench.pump
    pump.start(Program.continuous("10 mL/h", duration="10 min"))
    bench.advance("5 min")
    rate_id = pump.rate("20 mL/h")
    bolus_id = pump.bolus("1 mL", rate="100 mL/h")
    status = pump.wait()
    ordered_nl = 10_000_000 * 5 // 60 + 20_000_000 * 5 // 60 + 1_000_000
    assert abs(status.delivered_nl - ordered_nl) < 20_000  # the change comes with the look-ahead
    assert pump.outcome(rate_id).what == "done"
    assert pump.outcome(bolus_id).what == "done"
    assert pump.outcome("00000000").text.endswith("nothing was delivered for it")


def test_a_dose_may_be_given_as_drug(bench):
    bench.pump.start(Program.continuous("6 mL/h", duration="10 min"))
    bench.advance("1 min")
    bench.pump.rate("2 mU/min", concentration="10 mU/mL")
    bench.advance("5 s")
    assert bench.pump.status().rate_nl_h == 12_000_000


def test_priming_needs_the_word_that_nobody_is_connected(bench):
    pump = bench.pump
    pump.load(SLOW)
    pump.confirm()
    with pytest.raises(Refused, match="not connected to a patient"):
        pump.prime("1 mL", "100 mL/h")
    pump.prime("1 mL", "100 mL/h", not_connected=True)
    bench.advance("1 min")
    status = pump.status()
    assert status.state == "ready"
    assert 999_000 < status.prime_nl <= 1_000_000
    assert status.delivered_nl == 0


def test_a_mute_is_at_most_two_minutes(bench):
    with pytest.raises(Refused, match="audio pause of 3 min is above 2 min"):
        bench.pump.mute("3 min")
    bench.pump.mute("2 min")
    assert bench.pump.status().muted_ms > 0


def test_a_refill_needs_to_know_how_much(bench):
    with pytest.raises(BadInput, match="filled: is missing"):
        Pump(bench.port()).refill()


def test_a_second_host_sees_the_run_and_changes_nothing(bench):
    bench.pump.start(SLOW)
    bench.advance("1 min")
    other = Pump(bench.port())
    assert other.hello()["state"] == "infusing"
    assert other.wait().state == "complete"


def test_a_power_cut_is_told_as_an_alarm_and_the_notebook_is_settled(bench):
    pump = bench.pump
    pump.start(SLOW)
    bench.at("5 min", lambda: bench.power_cut(off_s=5.0))
    with pytest.raises(PumpAlarm, match="power_lost"):
        pump.wait()
    assert [outcome.what for outcome in pump.settle()] == ["power_lost"]
    assert pump.settle() == []


def test_a_host_that_died_finds_its_open_requests_again(bench, tmp_path):
    path = tmp_path / "requests.jsonl"
    Pump(bench.port(), notebook=Notebook(path)).start(SLOW)
    book = Notebook(path)
    book.note("0badcafe", "bolus", "1 mL at 100 mL/h")  # ... and it died before it was sent
    settled = Pump(bench.port(), notebook=Notebook(path)).settle()
    assert [(outcome.verb, outcome.what) for outcome in settled] == [("start", "running"), ("bolus", "unknown")]
    assert "not done" in settled[1].text


def test_the_status_in_words(bench):
    bench.pump.start(Program([Phase.rate("30 mL/h", duration="2 min"), Phase.kvo("1 mL/h", "2 min")]))
    bench.advance("3 min")
    text = bench.pump.status().text()
    assert "state      kvo, phase 2" in text
    assert "keep the vein open" in text
    assert "alarms     near end (low): Near end: the infusion will soon be complete." in text
    assert "           Have the next syringe ready." in text


def test_after_a_power_cut_the_status_says_between_which_volumes_was_given(bench):
    bench.pump.start(SLOW)
    bench.advance("2 min")
    bench.power_cut()
    bench.advance("20 s")
    bench.pump.acknowledge()
    status = bench.pump.status()
    text = status.text()
    least_ml, most_ml = (status.delivered_nl - status.uncertain_nl) / 1e6, status.delivered_nl / 1e6
    assert "state      paused" in text
    assert f"delivered  {least_ml:.3f} to {most_ml:.3f} of " in text
    assert "power was lost" in text
    assert least_ml <= bench.drive.turned_steps * 349.9e-6 <= most_ml


def test_the_status_names_battery_and_the_sensors_that_are_absent():
    bench = Bench(seed=0, absent=["encoder", "keys"])
    assert bench.pump.absent() == ["encoder", "keys"]
    text = bench.pump.status().text(bench.pump.absent())
    assert "battery    8.4" in text
    assert "absent     encoder, keys: what only they can see raises no alarm" in text
    assert "alarms     none" in text
    assert "absent" not in Bench(seed=0).pump.status().text(Bench(seed=0).pump.absent())


class Lumps:
    """A port that hands on late what came early, as a busy USB does: the answer to a start comes with its events."""

    def __init__(self, port):
        self._port = port
        self.name = port.name
        self.write, self.close = port.write, port.close
        self.truth, self.patient, self.act = port.truth, port.patient, port.act

    def read(self, timeout_s):
        data = self._port.read(timeout_s)
        return data + self._port.read(0.3) if data else data


def test_a_run_shows_the_first_events_too_when_they_come_with_the_answer_to_the_start(bench):
    events = []
    bench.advance("1 s")  # it has been on for a while
    Pump(Lumps(bench.port())).run(Program.continuous("120 mL/h", "1 mL"), on_event=events.append)
    states = [event.what for event in events if event.kind == "state"]
    assert states[-2:] == ["infusing", "complete"]


def test_a_therapy_may_be_given_by_its_name(bench):
    assert bench.pump.run("hydration").result()["outcome"] == "complete"
    with pytest.raises(BadInput, match=r"'hidration'.*shipped are"):
        bench.pump.run("hidration")


def test_after_a_power_cut_the_times_of_the_run_go_on(bench):
    """Bug: the pump's clock begins anew, and its loss of power was told at -0.6 s, before the run began."""
    bench.fault("power_cut@2min")
    record = bench.pump.run(Program.continuous("40 mL/h", "10 mL"))
    result = record.result()
    assert [(alarm["code"], 119 <= alarm["at_s"] <= 121) for alarm in result["alarms"]] == [("power_lost", True)]
    assert 119 <= result["duration_s"] <= 123
    times_ms = [row.at_ms for row in record.telemetry]
    assert times_ms == sorted(times_ms)


def test_leaving_the_firmware_is_refused_while_a_program_is_loaded(bench):
    pump = bench.pump
    pump.start(SLOW)
    with pytest.raises(Refused, match="stop it first"):
        pump.leave()
    bench.advance("2 s")
    assert not bench.board.left
    pump.stop()
    pump.leave()
    bench.advance("2 s")
    assert bench.board.left


def test_the_health_of_a_simulated_pump_is_not_measured(bench):
    assert set(bench.pump.health().values()) == {0}


def test_why_a_pump_does_not_infuse_is_said_in_words(bench):
    assert bench.pump.problem() == ""
    assert "problem" not in bench.pump.status().text([], "")
    for word, said in (
        ("files_damaged", "run `picoinfuse install` once more (files damaged)"),
        ("config_missing", "run `picoinfuse install` (config missing)"),
        ("config_range.pitch_um", "cannot be used: write it anew (config range: pitch_um)"),
        ("journal_moved", "run `picoinfuse install` (journal moved)"),
        ("gremlins", "unknown to this host (gremlins)"),
    ):
        assert said in bench.pump.status().text([], word)


def test_a_simulated_pump_that_somebody_paused_and_nobody_resumes_is_not_waited_for_for_ever():
    """Bug: `run hydration --fault key_press@10min:start` never ended."""
    bench = Bench(seed=1, faults=["key_press@1min:start"])
    bench.pump.start(Program.continuous("40 mL/h", "40 mL"))
    with pytest.raises(PumpAlarm, match="paused"):
        bench.pump.wait()
    assert bench.pump.status().state == "paused"


def test_an_idle_pump_does_not_say_that_its_syringe_is_empty(bench):
    assert "syringe    nobody has told which" in bench.pump.status().text()
    bench.pump.load(SLOW)
    assert "syringe    60.000 mL left" in bench.pump.status().text()
