"""A target on the real firmware in virtual time, with a simulated patient behind the pump; teaching models."""

import struct
from itertools import pairwise

import pytest

import peoples
import picoinfuse as pi
from picoinfuse import tci_words
from picoinfuse.errors import BadInput, ContactLost, PortError, Refused, Uncertain
from picoinfuse.nurse import nurse
from picoinfuse.pump import Pump
from picoinfuse_firmware.config import Config
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse
from wires import Over

SCHNIDER = pi.TciModel.schnider(age_y=40, weight_kg=70, height_cm=170, sex="male")
MARSH = pi.TciModel.marsh(weight_kg=70)
PLASMA, EFFECT = 2, 3  # columns of Record.tci


class Run:
    """A finished run; `true`: what the patient had, `model`: what the host said, by seconds since the start."""

    def __init__(self, model=SCHNIDER, *, patient=None, person=None, on_telemetry=None, bench=None, **order):
        world = {"ideal": True, **(bench or {})}
        order = {"target": "4 ug/mL", "duration": "8 min", **order}
        self.tci = pi.Tci(model, **order)
        self.bench = Bench(seed=1, patient=parse(patient or model.patient), **world)
        self.record = self.bench.pump.run(self.tci, nurse=person, on_telemetry=on_telemetry)
        started = self.record.started_ms
        self.true = [((row[0] - started) / 1000, *row[1:]) for row in self.record.seen if row[0] >= started]
        self.model = [((row[0] - started) / 1000, *row[1:]) for row in self.record.tci]
        self.rates = [(row.at_ms - started, row.rate_nl_h) for row in self.record.telemetry if row.state == "infusing"]

    def effect(self, since_s, until_s=1e9):
        """The patient's effect site in these seconds."""
        return [row[2] for row in self.true if since_s <= row[0] <= until_s]

    def plasma(self):
        """The patient's plasma all the time."""
        return [row[1] for row in self.true]

    def said(self, since_s, until_s=1e9, column=EFFECT):
        """What the host's model said in these seconds."""
        return [row[column] for row in self.model if since_s <= row[0] <= until_s]


@pytest.fixture(scope="module")
def ideal():
    return Run()


@pytest.fixture(scope="module")
def real():
    """The same with everything that a real drive and plunger do."""
    return Run(bench={"ideal": False})


def test_the_effect_site_of_the_same_person_reaches_the_target_and_stays(ideal):
    assert tci_words.reached_ms(ideal.record) < 105_000
    assert max(ideal.effect(0)) < 4 * 1.02
    assert min(ideal.effect(105)) > 4 * 0.98
    assert ideal.effect(0)[-1] == pytest.approx(4, rel=0.01)


def test_the_model_is_told_what_was_delivered(ideal):
    """Both are the same equations: what differs is what is still under way in the line."""
    true = {at_s: effect for at_s, _, effect in ideal.true}
    off = [abs(row[EFFECT] - true[row[0]]) for row in ideal.model if row[0] > 180 and row[0] in true]
    assert len(off) > 290
    assert max(off) < 0.02
    told_ms = ideal.tci.rows[-1][0]
    delivered_mg = next(row.delivered_nl for row in ideal.record.telemetry if row.at_ms == told_ms) / 1e6 * 10
    assert ideal.tci.body.model.infused == pytest.approx(delivered_mg, rel=1e-9)


def test_on_a_real_drive_the_patient_is_within_a_few_percent_after_the_start(real):
    settled = real.effect(120)
    assert (min(settled), max(settled)) == pytest.approx((4, 4), rel=0.03)
    off = tci_words.performance(real.record)
    assert abs(off.mdpe) < 1.5
    assert off.mdape < 1.5


def test_the_plunger_sticks_first_and_the_model_runs_ahead(real, ideal):
    """What the pump counts from its first step comes late: the difference is seen while it is fast, and gone later."""
    early, ideal_early = (run.said(10, 12)[0] - run.effect(10, 12)[0] for run in (real, ideal))
    assert early > ideal_early
    true = {at_s: plasma for at_s, plasma, _ in real.true}
    ahead = max(row[PLASMA] - true[row[0]] for row in real.model if row[0] < 30)
    assert 0.3 < ahead < 1.5
    assert real.said(300)[0] == pytest.approx(real.effect(300)[0], rel=0.02)


def test_another_model_than_the_person_is_the_lesson():
    """Marsh fills a plasma of 16 L; the person of Schnider has 4.3 L, and gets more than twice the target at first."""
    run = Run(MARSH, patient=SCHNIDER.patient, duration="12 min")
    assert max(run.said(0)) < 4 * 1.02
    assert max(run.effect(0)) > 2 * 4
    assert tci_words.performance(run.record).mdpe > 10
    assert "the patient against the model: +" in run.record.summary()


@pytest.mark.parametrize("model", [SCHNIDER, MARSH], ids=["schnider", "marsh"])
def test_the_target_is_raised_and_lowered(model):
    run = Run(model, target="2 ug/mL@0min,3 ug/mL@8min,1.5 ug/mL@16min", duration="26 min")
    assert run.effect(450, 480) == pytest.approx([2] * len(run.effect(450, 480)), rel=0.01)
    assert max(run.effect(0, 480)) < 2 * 1.02
    assert run.effect(930, 959) == pytest.approx([3] * len(run.effect(930, 959)), rel=0.01)
    assert max(run.effect(480, 960)) < 3 * 1.02
    assert run.effect(26 * 60 - 60)[0] == pytest.approx(1.5, rel=0.015)
    assert min(run.effect(960)) > 1.5 * 0.98
    assert {row[1] for row in run.record.tci} == {2, 3, 1.5}


def test_the_plasma_can_be_the_target():
    run = Run(site="plasma", duration="5 min")
    assert tci_words.reached_ms(run.record) < 40_000
    assert max(run.plasma()) < 4 * 1.03
    assert run.plasma()[-1] == pytest.approx(4, rel=0.01)
    assert "in the plasma" in run.record.summary()


def test_rates_are_few_and_go_through_propose_and_apply(ideal):
    events = [event for event in ideal.record.events if event.kind == "rate"]
    assert len(events) == ideal.tci.changes < 25
    notes = ideal.bench.pump.notebook.entries()
    assert {entry.state for entry in notes if entry.verb == "rate"} == {"done"}
    assert [entry.id for entry in notes if entry.verb == "rate"] == [event.what for event in events]
    assert ideal.tci.refused == []


def test_a_pulse_is_never_longer_than_it_was_decided():
    """A small target is one pulse: a second too long would overshoot by a tenth. A second too short is made good."""
    run = Run(target="0.3 ug/mL", duration="4 min")
    volumes = {row.at_ms - run.record.started_ms: row.delivered_nl for row in run.record.telemetry}
    first = run.tci.order.first_nl_h
    assert first < run.tci.order.most_nl_h
    pulse_s = max(volumes[ms] for ms in volumes if ms < 12_000) / (first / 3600)
    assert 8.9 < pulse_s < 10.05
    assert max(run.effect(0)) < 0.3 * 1.02


@pytest.mark.parametrize(
    ("order", "rate_nl_h", "plasma"),
    [
        ({"max_rate": "150 mL/h"}, 150_000_000, 15),
        ({"max_concentration": "5 ug/mL"}, 600_000_000, 5),
        ({"syringe": "BD 5 mL", "target": "1 ug/mL", "duration": "4 min"}, 514_040_157, 15),
    ],
)
def test_limits_are_never_exceeded(order, rate_nl_h, plasma):
    run = Run(bench={"syringe": order.get("syringe", "BD 60 mL")}, **order)
    assert max(rate for _, rate in run.rates) <= rate_nl_h
    assert max(run.plasma()) <= plasma
    assert min(event.value for event in run.record.events if event.kind == "rate") >= 10_000
    assert max(run.effect(0)) < run.tci.target * 1.02


def test_an_occlusion_is_made_good_within_the_limits():
    """The clamp closes for two minutes; the nurse comes after the draw-back. Nothing is caught up beyond the limits."""
    run = Run(bench={"faults": ["clamp@4min:2min"]}, person=nurse("auto:3min", 1), duration="15 min")
    alarms = [alarm["code"] for alarm in run.record.alarms()]
    assert "occlusion" in alarms
    assert "restarts" not in alarms
    resumed_s = max((e.at_ms - run.record.started_ms) / 1000 for e in run.record.events if e.what == "infusing")
    assert min(run.effect(240, resumed_s)) < 3
    assert max(rate for _, rate in run.rates) <= 600_000_000
    assert max(run.plasma()) <= 15
    assert max(run.effect(resumed_s)) < 4 * 1.03
    settled = run.effect(resumed_s + 180)
    assert (min(settled), max(settled)) == pytest.approx((4, 4), rel=0.03)


def test_what_is_drawn_back_is_taken_out_of_the_model_again():
    run = Run(bench={"faults": ["clamp@4min:2min"]}, person=nurse("auto:3min", 1), duration="8 min")
    drawn_s = next((e.at_ms - run.record.started_ms) / 1000 for e in run.record.events if e.kind == "drawback")
    blind = run.said(drawn_s - 5, drawn_s - 3)[0] - run.effect(drawn_s - 5, drawn_s - 3)[0]
    known = run.said(drawn_s + 3, drawn_s + 5)[0] - run.effect(drawn_s + 3, drawn_s + 5)[0]
    assert blind > 0.3
    assert abs(known) < 0.15


def test_a_pause_is_a_persons_word_and_stays():
    """The host neither resumes nor hurries afterwards: the model fell as the patient did."""
    tci, bench = (
        pi.Tci(SCHNIDER, target="4 ug/mL", duration="10 min"),
        Bench(patient=parse(SCHNIDER.patient), ideal=True),
    )
    seconds = []

    def person(row):
        at_s = bench.pump.stream.seconds(row.at_ms)
        if 200 <= at_s < 201:
            bench.pump.pause()
        if 320 <= at_s < 321:
            bench.pump.resume()
        if row.state == "paused":
            seconds.append((at_s, row.delivered_nl, tci.body.effect))

    record = bench.pump.run(tci, on_telemetry=person)
    assert len({nl for _, nl, _ in seconds}) <= 2  # a step may be on its way
    assert len(seconds) > 115
    assert seconds[-1][2] < 3
    assert record.meta["result"]["outcome"] == "complete"
    true = [row[2] for row in record.seen if row[0] - record.started_ms > 500_000]
    assert (min(true), max(true)) == pytest.approx((4, 4), rel=0.02)


def test_a_script_changes_the_target_while_it_runs():
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True)
    tci = pi.Tci(SCHNIDER, target="4 ug/mL@0min,6 ug/mL@9min", duration="10 min")

    def script(row):
        if 240 <= bench.pump.stream.seconds(row.at_ms) < 241:
            tci.set_target("2 ug/mL")

    record = bench.pump.run(tci, on_telemetry=script)
    assert record.tci[-1][1] == 2
    assert record.seen[-1][2] == pytest.approx(2, rel=0.02)
    with pytest.raises(BadInput, match="the pump is complete with the program"):
        tci.set_target("3 ug/mL")


# When contact is lost


class Cable(Over):
    """A Port that can be pulled: what is written and read is lost then."""

    def __init__(self, bench):
        super().__init__(bench.port(), "cable")
        self.pulled = False
        self.pull_at = b"\0"  # pulled when a request with this word was sent
        self.bench = bench

    def write(self, data):
        if not self.pulled:
            self._port.write(data)
        self.pulled = self.pulled or self.pull_at in data

    def read(self, timeout_s):
        if not self.pulled:
            return self._port.read(timeout_s)
        self._port.read(timeout_s)
        return b""


def lost_at(seconds, word=None):
    """Run a target until the cable is pulled so long after the start; return Tci, bench and the error."""
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True)
    cable = Cable(bench)
    pump = Pump(cable)
    tci = pi.Tci(SCHNIDER, target="4 ug/mL", duration="15 min")

    def pull(row):
        if pump.stream.started_ms is not None and pump.stream.seconds(row.at_ms) >= seconds:
            cable.pulled = word is None
            cable.pull_at = word or b"\0"

    with pytest.raises(ContactLost) as caught:
        pump.run(tci, on_telemetry=pull)
    return tci, bench, caught.value


def test_without_contact_no_target_is_taken():
    tci, _, error = lost_at(200)
    assert error.record.meta["result"]["outcome"] == "uncertain"
    assert error.record.tci
    with pytest.raises(PortError):
        tci.set_target("3 ug/mL")
    assert tci.target == 4


def test_connected_again_the_model_is_brought_to_what_was_delivered():
    tci, bench, _ = lost_at(200)
    bench.advance("1 min")
    true = bench.truth()
    again = Pump(bench.port())
    tci.attach(again)
    assert tci.body.effect == pytest.approx(true["effect_ug_ml"], rel=0.05)  # it came not evenly
    assert tci.body.model.infused == pytest.approx(again.status().delivered_nl / 1e5, abs=0.1)
    tci.set_target("3 ug/mL")
    assert again.status().state == "paused"  # not heard for half a minute, it fell back
    again.resume()
    again.wait(on_telemetry=tci.telemetry, on_event=tci.event)
    assert bench.truth()["effect_ug_ml"] == pytest.approx(3, rel=0.02)


def test_a_rate_of_which_nobody_knows_whether_it_was_taken_stops_the_targets():
    tci, bench, error = lost_at(40, b" apply ")
    assert isinstance(error, Uncertain)
    tci._pump.session.port.pulled = False
    tci._pump.session.port.pull_at = b"\0"
    with pytest.raises(Uncertain):
        tci.set_target("3 ug/mL")
    tci.attach(tci._pump)
    tci.set_target("3 ug/mL")
    tci._pump.wait(on_telemetry=tci.telemetry, on_event=tci.event)
    assert bench.truth()["effect_ug_ml"] == pytest.approx(3, rel=0.02)


def test_after_a_power_cut_a_person_resumes_and_the_target_is_reached_again():
    run = Run(bench={"faults": ["power_cut@3min:3 s"]}, person=nurse("resume:20 s", 1), duration="10 min")
    assert run.record.meta["result"]["outcome"] == "complete"
    assert max(run.effect(0)) < 4 * 1.03
    assert run.effect(0)[-1] == pytest.approx(4, rel=0.03)


def test_only_its_own_program_can_be_gone_on_with():
    tci, bench = pi.Tci(SCHNIDER, target="4 ug/mL", duration="5 min"), Bench()
    with pytest.raises(BadInput, match="was never begun with a pump"):
        tci.attach(bench.pump)
    lost, other, _ = lost_at(30)
    pump = Pump(other.port())
    pump.stop()
    pump.start(pi.Program.continuous("5 mL/h", "1 mL"))
    with pytest.raises(BadInput, match="not under way with this one"):
        lost.attach(pump)
    with pytest.raises(BadInput, match="was begun already, and its model is not empty"):
        bench.pump.run(lost)


def test_on_a_pump_that_knows_people_the_host_goes_on_steering_when_the_login_it_began_with_is_over():
    """Whoever started it is logged out, and each word of the host is still taken, also while no rate is changed."""
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True, texts={"access": peoples.file(relock_ms=60_000)})
    with pytest.raises(Refused, match="nobody is logged in"):
        bench.pump.run(pi.Tci(SCHNIDER, target="1 ug/mL", duration="10 min"))
    bench.pump.login("anna", peoples.STAFF["anna"][1])
    record = bench.pump.run(pi.Tci(SCHNIDER, target="1 ug/mL", duration="10 min"))
    times = [event.at_ms for event in record.events if event.kind == "rate"]
    assert max(b - a for a, b in pairwise(times)) > 90_000
    assert record.seen[-1][2] == pytest.approx(1, rel=0.01)
    assert [event.what for event in record.events if event.kind == "by"].count("anna.relock") == 1
    assert "supervision_lost" not in [alarm["code"] for alarm in record.alarms()]


def test_a_pump_that_cannot_go_so_fast_says_so():
    slow = Config()
    slow.min_interval_us *= 10
    bench = Bench(config=slow, patient=parse(SCHNIDER.patient))
    with pytest.raises(Refused, match=r"is above .* mL/h, the most that drive and syringe allow"):
        bench.pump.run(pi.Tci(SCHNIDER, target="4 ug/mL", duration="5 min"))


# What is kept


def test_the_record_has_target_model_and_patient_and_is_read_again(real, tmp_path):
    real.record.save(tmp_path)
    lines = (tmp_path / "tci.csv").read_text("utf-8").splitlines()
    assert lines[0] == "at_ms,target_ug_ml,model_plasma_ug_ml,model_effect_ug_ml"
    assert len(lines) == len(real.record.tci) + 1
    again = pi.Record.read(tmp_path)
    assert again.tci == [tuple(pytest.approx(value, rel=1e-8) for value in row) for row in real.record.tci]
    words = again.summary()
    assert words.replace(str(tmp_path), "") == real.record.summary().replace(str(tmp_path), "")
    assert "(teaching model): reached within 2 % after 1 min" in words
    assert "at most     60.0000 mL" in words
    assert again.meta["tci"]["for"] == "teaching model"


def test_a_damaged_table_is_told(real, tmp_path):
    real.record.save(tmp_path)
    path = tmp_path / "tci.csv"
    path.write_text(path.read_text("utf-8").replace("target", "goal"), "utf-8")
    with pytest.raises(BadInput, match=r"tci.csv line 1 is not the header at_ms,target_ug_ml"):
        pi.Record.read(tmp_path)


def test_the_picture_has_target_model_and_patient_in_one_panel(real, tmp_path, monkeypatch):
    real.record.plot(tmp_path / "x.png")
    assert struct.unpack(">II", (tmp_path / "x.png").read_bytes()[16:24])[0] == 1100
    figures = []
    monkeypatch.setattr("picoinfuse.plot._save", lambda figure, path: figures.append(figure))
    real.record.plot(tmp_path / "x.png")
    panel = figures[0].axes[1]
    labels = [line.get_label() for line in panel.lines if not line.get_label().startswith("_")]
    assert labels == [
        "target",
        "plasma, model",
        "effect site, model",
        "propofol in the plasma",
        "at the effect site",
    ]
    assert panel.get_ylabel() == "ug/mL"
    assert panel.get_title(loc="left").startswith("teaching model: propofol-schnider: 40 y, 70 kg")


def test_without_a_patient_the_model_alone_is_drawn_and_nothing_is_compared():
    bench = Bench(ideal=True)
    record = bench.pump.run(pi.Tci(SCHNIDER, target="2 ug/mL", duration="2 min"))
    assert record.seen == []
    assert tci_words.performance(record) is None
    assert "patient against" not in record.summary()


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        Run(duration="1 min", bench={"ideal": False}).record.save(tmp_path / name)
    assert (tmp_path / "a" / "tci.csv").read_bytes() == (tmp_path / "b" / "tci.csv").read_bytes()
