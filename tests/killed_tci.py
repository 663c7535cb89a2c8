"""What the tests of a target whose host dies share: the patient, and the bench that such a host leaves behind."""

import pytest

import picoinfuse as pi
from picoinfuse_sim import Bench
from picoinfuse_sim.patient.catalogue import parse
from wires import HostKilled

SCHNIDER = pi.TciModel.schnider(age_y=40, weight_kg=70, height_cm=170, sex="male")


def killed_at(seconds, folder=None, **order):
    """Return the Tci and the bench of a host that died so long after the start; folder: where its run was kept."""
    bench = Bench(patient=parse(SCHNIDER.patient), ideal=True)
    tci = pi.Tci(SCHNIDER, **{"target": "4 ug/mL", "duration": "15 min", **order})

    def die(row):
        if bench.pump.stream.started_ms is not None and bench.pump.stream.seconds(row.at_ms) >= seconds:
            raise HostKilled

    with pytest.raises(HostKilled):
        bench.pump.run(tci, out=folder, on_telemetry=die)
    return tci, bench
