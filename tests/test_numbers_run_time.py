"""`picoinfuse run hydration` from start to exit: 5 s of the processor are the goal; on the clock, ten times as long."""

import json
import os
import subprocess
import sys

import pytest

GOAL_S = 5
TOO_LONG_S = 10 * GOAL_S  # on the clock: other work on this machine is not ours


def seconds_of_children():
    """Return the processor's seconds of the processes that this one has started and waited for; 0 on Windows."""
    times = os.times()
    return times.children_user + times.children_system


@pytest.mark.real
def test_run_hydration_is_over_soon_with_its_record_and_its_picture(tmp_path):
    before_s = seconds_of_children()
    done = subprocess.run(
        [sys.executable, "-m", "picoinfuse", "run", "hydration", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=TOO_LONG_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert seconds_of_children() - before_s < GOAL_S
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["therapy"], result["outcome"], result["programmed_ml"]) == ("hydration", "complete", 40)
    assert abs(result["delivered_ml"] - 40) < 0.00035  # a motor step
    record = tmp_path / result["record"]
    assert {"telemetry.csv", "events.jsonl", "meta.json"} <= {path.name for path in record.iterdir()}
    assert [path for path in record.iterdir() if path.suffix == ".png"]
