"""The same seed gives the same telemetry.csv and events.jsonl to the byte; another seed does not."""

import contextlib

import pytest

import picoinfuse as pi
from picoinfuse.nurse import AutoNurse
from picoinfuse.record import EVENTS, META, TELEMETRY
from picoinfuse_sim import Bench

PROGRAM = pi.Program(
    [
        pi.Phase.ramp("5 mL/h", "40 mL/h", "2 min"),
        pi.Phase.bolus("0.3 mL", "30 mL/h"),
        pi.Phase.rate("40 mL/h", volume="3 mL"),
    ]
)
CASES = {
    "quiet": {},
    "jittered polls": {"jitter_ms": 250},
    "clamp and release, with a nurse": {"faults": ("clamp@2min", "release@4min")},
    "power cut": {"faults": ("power_cut@3min:20 s",)},
    "unplugged for a while": {"faults": ("unplug@1min:90 s",)},
}


def files(tmp_path, name, seed, **options):
    """Run the program and return the bytes of both files."""
    folder = tmp_path / name
    bench = Bench(seed=seed, **options)
    with contextlib.suppress(pi.ContactLost):  # of the unplugged one; its record is kept all the same
        bench.pump.run(PROGRAM, out=folder, seed=seed, nurse=AutoNurse(20_000, seed))
    assert (folder / META).exists()
    return (folder / TELEMETRY).read_bytes(), (folder / EVENTS).read_bytes()


@pytest.mark.parametrize("case", CASES)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path, case):
    once = files(tmp_path, "once", 7, **CASES[case])
    again = files(tmp_path, "again", 7, **CASES[case])
    other = files(tmp_path, "other", 8, **CASES[case])
    assert len(once[0]) > 1000
    assert len(once[1]) > 100
    assert again == once
    assert other[0] != once[0]


class Busy:
    """A nurse who titrates and gives a bolus in the third minute."""

    def __init__(self):
        self.done = False

    def attend(self, pump):
        if not self.done and pump.stream.started_ms and pump.stream.seconds(pump.stream.newest_ms) >= 170:
            self.done = True
            pump.rate("37 mL/h")
            pump.bolus("0.1 mL", rate="50 mL/h")
        return True


def test_titrations_and_boluses_on_the_way_leave_the_bytes_the_same(tmp_path):
    """The identities of requests stand in the events: a bench draws them from its seed."""
    rows = []
    for name in ("once", "again"):
        Bench(seed=9).pump.run(PROGRAM, out=tmp_path / name, seed=9, nurse=Busy())
        rows.append(((tmp_path / name / TELEMETRY).read_bytes(), (tmp_path / name / EVENTS).read_bytes()))
    assert rows[0] == rows[1]
    assert b"bolus_end" in rows[0][1]


def test_through_an_address_the_same_seed_gives_the_same_bytes_too(tmp_path):
    rows = []
    for name, seed in (("once", 3), ("again", 3), ("other", 4)):
        with pi.connect(f"sim://?seed={seed}&fault=clamp@1min") as pump:
            pump.run(PROGRAM, out=tmp_path / name, seed=seed)
        rows.append(((tmp_path / name / TELEMETRY).read_bytes(), (tmp_path / name / EVENTS).read_bytes()))
    assert rows[0] == rows[1]
    assert rows[2] != rows[0]


def test_date_and_versions_stand_in_the_third_file_alone(tmp_path):
    Bench(seed=1).pump.run(pi.Program.continuous(rate="60 mL/h", volume="0.2 mL"), out=tmp_path, seed=1)
    meta = (tmp_path / META).read_text()
    year = pi.Record.read(tmp_path).meta["date"][:4]
    assert '"versions"' in meta
    for name in (TELEMETRY, EVENTS):
        text = (tmp_path / name).read_text()
        assert f"{year}-" not in text
        assert "version" not in text
