"""Every shipped therapy, whole, on the real firmware in virtual time: given as ordered, and no alarm but the expected.

The orders are written down here a second time, from the clinical numbers, so that a slip in a file is seen.
"""

from collections import Counter

import pytest

from picoinfuse import Therapy
from picoinfuse.rehearsal import rehearse
from picoinfuse.therapy import shipped
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

H, MIN = 3600, 60
USUAL = {"near_end": 1, "end": 1}
# name: (volume in mL, duration in seconds without the pauses for syringe changes, keep-vein-open in mL, alarms)
ORDERS = {
    "aciclovir": (10 * 10 / 5, H, 0, USUAL),  # 10 mg/kg, 10 kg, 5 mg/mL
    "ceftriaxone": (50, 40 * MIN, 3 / 6, USUAL),
    "child-at-home": (50 * 10 / 20, 45 * MIN, 0.5 / 4, USUAL),  # 50 mg/kg, 10 kg, 20 mg/mL
    "hydration": (40, H, 0, USUAL),
    "intrathecal": (12 / 5, 24 * H, 0, USUAL),  # 12 mg of 5 mg/mL at 0.1 mL/h
    "iron-sucrose": (50, 15 * MIN, 0, USUAL),
    "oxytocin": (1 * 30 / 10 + 2 * 60 / 10, 90 * MIN, 0, USUAL),  # mU/min, min, mU/mL
    "port-flush": (20, 10 * 12 + 9 * 2, 0, {"end": 1}),
    "port-lock": (500 / 100, 150, 0, {"end": 1}),  # U, U/mL
    "profile": (5 + 35 / 12 + 2 * (2 + 2.5) - 25 / 12, H, 1 / 6, USUAL),
    "sepsis-antibiotic": (80 * 10 / 20, 40 * MIN, 3 / 6, USUAL),
    "subcutaneous-biologic": (600 / 120, 5 * MIN, 0, USUAL),
}


def run_whole(name):
    """Run a therapy as `picoinfuse therapies --all` does, and look at what came of it; returns its record."""
    therapy = Therapy.read(name)
    volume_ml, duration_s, kvo_ml, expected = ORDERS[name]
    row, record = rehearse(therapy)
    step_ml = step_of(Config(), therapy.program.syringe.barrel_um).nl_of(1) / 1e6 + 1e-6
    assert row.outcome == "complete"
    assert row.programmed_ml == pytest.approx(volume_ml, abs=2e-6)  # floored to a nanolitre
    assert 0 <= row.programmed_ml - row.delivered_ml <= step_ml
    assert Counter(row.alarms) == Counter(expected)
    kvo = record.telemetry[-1].kvo_nl / 1e6 if record.telemetry else 0.0
    assert kvo <= kvo_ml + step_ml
    patient_ml = record.result()["patient_ml"]
    compliance_ml = therapy.program.occlusion_mmhg * 3.7e-3  # what a syringe and a line can hold back, at the most
    assert abs(patient_ml - row.delivered_ml - kvo_ml) < compliance_ml
    if therapy.syringes == 1:
        assert row.duration_s == pytest.approx(duration_s, abs=1.5)
    return record


@pytest.mark.parametrize("name", sorted(set(ORDERS) - {"port-flush"}))  # that one has a test of its own
def test_it_is_given_whole_as_ordered_with_the_expected_alarms_only(name):
    run_whole(name)


def test_every_shipped_therapy_has_its_order_written_down_here():
    assert sorted(ORDERS) == shipped()


def test_the_antibiotic_of_sepsis_follows_its_fluid():
    assert Therapy.read("sepsis-antibiotic").file.follows == "sepsis-fluid"


def test_a_port_is_flushed_in_pushes_with_rests():
    begun = Counter(event.what for event in run_whole("port-flush").events if event.kind == "phase")
    assert begun == {"rate": 10, "pause": 9}
