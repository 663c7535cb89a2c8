"""The command line at a pump of its own process: `serve` here, `run`, `status`, `leave`, `stop` there. Really waits."""

import json
import subprocess
import sys

import pytest

from picoinfuse.cli import main

pytestmark = pytest.mark.real


@pytest.fixture
def serve(tmp_path, monkeypatch):
    """A function that starts `picoinfuse serve` with options and returns the address it says."""
    monkeypatch.chdir(tmp_path)
    processes = []

    def serve(*options):
        command = [sys.executable, "-m", "picoinfuse", "serve", *options]
        processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return processes[-1].stdout.readline().strip()

    serve.last = lambda: processes[-1]
    yield serve
    for process in processes:
        process.kill()
        process.communicate()


def test_a_therapy_goes_on_alone_after_detach_and_stops_when_told(serve, capsys):
    port = serve("--tcp", "127.0.0.1:0")
    assert port.startswith("socket://127.0.0.1:")
    assert main(["run", "hydration", "--port", port, "--detach", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["outcome"] == "started"
    assert f"picoinfuse stop --port {port}" in captured.err
    assert main(["status", "--port", port]) == 0
    assert "infusing" in capsys.readouterr().out
    assert main(["leave", "--port", port]) == 2
    assert "stop it first" in capsys.readouterr().err
    assert main(["stop", "--port", port]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Stopped")
    assert "idle" in said
    assert main(["leave", "--port", port]) == 0
    assert "MicroPython's prompt" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_therapy_runs_on_a_pump_behind_a_pseudo_terminal(serve, capsys):
    port = serve("--speed", "1000")
    assert main(["run", "hydration", "--port", port, "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["outcome"] == "complete"
    assert 0 <= 40 - result["delivered_ml"] < 0.00035
    assert result["patient_ml"] is None  # only a world in the same process knows


def test_a_pump_that_dies_is_lost_contact_and_the_record_is_kept(serve, capsys, tmp_path, monkeypatch):
    from picoinfuse.cli.view import View

    port = serve("--tcp", "127.0.0.1:0", "--speed", "20")
    monkeypatch.setattr(View, "telemetry", lambda view, row: serve.last().kill())
    assert main(["run", "hydration", "--port", port, "--out", "r", "--json"]) == 4
    captured = capsys.readouterr()
    assert json.loads(captured.out.splitlines()[-1])["outcome"] == "uncertain"
    assert "Traceback" not in captured.err
    assert (tmp_path / "r" / "meta.json").exists()


def test_after_a_power_cut_a_person_looks_and_goes_on(serve, capsys, monkeypatch):
    port = serve("--tcp", "127.0.0.1:0", "--speed", "60", "--fault", "power_cut@20s:2s")
    assert main(["resume", "--port", port]) == 2
    assert "the pump is idle, no program is on it; there is nothing to go on with" in capsys.readouterr().err
    assert main(["run", "hydration", "--port", port, "--detach"]) == 0
    said = ""
    while "power lost (high)" not in said:
        assert main(["status", "--port", port]) == 0
        said = capsys.readouterr().out
    assert "state      alarm" in said
    assert " to 0." in said  # so much to so much was given
    assert "power was lost: how much of it is not known better" in said
    assert main(["resume", "--port", port]) == 2
    assert "add --yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda question: False)
    assert main(["resume", "--port", port]) == 5
    assert "Nothing was changed" in capsys.readouterr().out
    assert main(["resume", "--port", port, "--yes"]) == 0
    assert capsys.readouterr().out.endswith("It goes on.\n")
    assert main(["status", "--port", port]) == 0
    assert "infusing" in capsys.readouterr().out
