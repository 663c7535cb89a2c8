"""The command line as a person or a script meets it: words, records, JSON, exit statuses. Virtual time, in process."""

import json
import subprocess
import sys

import pytest

from cli_work import result_of
from picoinfuse.cli import main

pytestmark = pytest.mark.usefixtures("own_folder")


@pytest.fixture
def pictures():
    """Ask for this where the picture matters."""


@pytest.fixture(autouse=True)
def _no_pictures(request, monkeypatch):
    """Elsewhere an empty file stands for the picture of a run, which takes longer than the run itself."""
    if "pictures" not in request.fixturenames:
        monkeypatch.setattr("picoinfuse.plot.plot_record", lambda record, path: path.touch())


RESULT_KEYS = {
    "therapy",
    "outcome",
    "programmed_ml",
    "ordered_ml",
    "delivered_ml",
    "drawn_ml",
    "patient_ml",
    "duration_s",
    "alarms",
    "record",
}
STEP_ML = 0.00035  # one motor step of a 60 mL syringe, rounded up


# What to try first


def test_no_arguments_say_what_to_try_first(capsys):
    assert main([]) == 0
    said = capsys.readouterr().out
    assert "picoinfuse run hydration" in said
    assert "teaching only" in said


def test_help_names_every_command_also_those_of_the_simulator(capsys):
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    for command in (
        "run",
        "list",
        "show",
        "serve",
        "status",
        "stop",
        "leave",
        "install",
        "plot",
        "benchmark",
        "faults",
        "iec",
    ):
        assert f"\n  {command} " in said


def test_an_addition_that_cannot_be_loaded_takes_nothing_else_away(capsys, monkeypatch):
    class Broken:
        name = "broken"

        def load(self):
            raise ImportError("no module named nothing")

    monkeypatch.setattr("picoinfuse.cli.app.entry_points", lambda group: [Broken()])
    assert main(["list"]) == 0
    captured = capsys.readouterr()
    assert "'broken' cannot be loaded: no module named nothing" in captured.err
    assert "hydration" in captured.out


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("picoinfuse 0.")


@pytest.mark.parametrize(
    "arguments", [["dance"], ["run"], ["run", "hydration", "--volume", "3"], ["run", "hydration", "--seed", "x"]]
)
def test_a_mistyped_command_is_bad_input(arguments, capsys):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    assert captured.err.strip()


# Looking


def test_list_shows_every_shipped_therapy_and_the_syringes(capsys):
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert "hydration" in said
    assert "BD" in said


def test_show_tells_the_therapy_and_draws_it(capsys, tmp_path):
    assert main(["show", "hydration"]) == 0
    said = capsys.readouterr().out
    assert "40 mL/h" in said
    assert (tmp_path / "hydration.png").read_bytes().startswith(b"\x89PNG")


def test_show_without_a_picture_writes_nothing(tmp_path):
    assert main(["show", "hydration", "--no-picture"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_show_uses_another_syringe(capsys):
    assert main(["show", "hydration", "--syringe", "Terumo 60 mL", "--no-picture"]) == 0
    assert "Terumo 60 mL" in capsys.readouterr().out


# Running


def test_hydration_is_given_to_the_step_and_kept(capsys, tmp_path, pictures):
    assert main(["run", "hydration", "--json"]) == 0
    result = result_of(capsys)
    assert set(result) == RESULT_KEYS
    assert result["therapy"] == "hydration"
    assert result["outcome"] == "complete"
    assert result["programmed_ml"] == 40
    assert 0 <= 40 - result["delivered_ml"] < STEP_ML
    assert abs(result["patient_ml"] - 40) < 0.5  # some stays in the line that swelled
    assert abs(result["duration_s"] - 3600) < 2
    assert result["record"].endswith("hydration-1")
    names = {path.name for path in (tmp_path / "runs" / "hydration-1").iterdir()}
    assert {"telemetry.csv", "events.jsonl", "meta.json", "plot.png"} <= names


def test_standard_output_holds_the_summary_and_standard_error_the_events(small, capsys):
    assert main(["run", small]) == 0
    captured = capsys.readouterr()
    assert "delivered" in captured.out
    assert "now infusing" in captured.err
    assert "now infusing" not in captured.out


def test_with_json_standard_output_holds_nothing_else(small, capsys):
    assert main(["run", small, "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_every_run_gets_a_folder_of_its_own(small, tmp_path):
    assert main(["run", small]) == 0
    assert main(["run", small]) == 0
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"small-1", "small-2"}


def test_out_says_where(small, tmp_path):
    assert main(["run", small, "--out", "here"]) == 0
    assert (tmp_path / "here" / "telemetry.csv").exists()
    assert not (tmp_path / "runs").exists()


def test_the_same_seed_gives_the_same_bytes(small, tmp_path):
    for name in ("a", "b"):
        assert main(["run", small, "--seed", "5", "--out", name]) == 0
    for file in ("telemetry.csv", "events.jsonl"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_another_seed_gives_other_noise(small, tmp_path):
    for seed in ("5", "6"):
        assert main(["run", small, "--seed", seed, "--out", seed]) == 0
    assert (tmp_path / "5" / "telemetry.csv").read_bytes() != (tmp_path / "6" / "telemetry.csv").read_bytes()


def test_the_picture_of_a_record_can_be_drawn_again(small, tmp_path, capsys, pictures):
    assert main(["run", small, "--out", "r"]) == 0
    assert main(["plot", "r", "--out", "again.png"]) == 0
    assert (tmp_path / "again.png").read_bytes().startswith(b"\x89PNG")


def test_another_syringe_is_programmed_and_fitted(small, capsys, tmp_path):
    assert main(["run", small, "--syringe", "Terumo 60 mL", "--json"]) == 0
    result = result_of(capsys)
    assert abs(result["patient_ml"] - 1) < 0.2
    meta = json.loads((tmp_path / "runs" / "small-1" / "meta.json").read_text("utf-8"))
    assert meta["program"]["syringe"] == "Terumo 60 mL"


# Alarms, nurses, stops


def test_a_closed_clamp_ends_the_run_by_an_alarm(capsys):
    assert main(["run", "hydration", "--fault", "clamp@10min", "--json"]) == 3
    result = result_of(capsys)
    assert result["outcome"] == "alarm"
    alarm = next(alarm for alarm in result["alarms"] if alarm["code"] == "occlusion")
    assert set(alarm) == {"code", "priority", "at_s", "text"}
    assert alarm["priority"] == "high"
    assert 600 < alarm["at_s"] < 1200
    assert result["delivered_ml"] < 40


def test_a_fault_that_comes_too_late_is_told_at_the_end(small, capsys):
    assert main(["run", small, "--fault", "clamp@3h", "--json"]) == 0
    assert "clamp@3 h did not happen" in capsys.readouterr().err


def test_a_nurse_resumes_when_the_clamp_is_open_again(capsys):
    faults = ["--fault", "clamp@10min", "--fault", "release@13min"]
    assert main(["run", "hydration", *faults, "--nurse", "auto:30s", "--json"]) == 0
    result = result_of(capsys)
    assert result["outcome"] == "complete"
    assert any(alarm["code"] == "occlusion" for alarm in result["alarms"])


def test_ctrl_c_stops_the_pump_and_keeps_the_record(small, capsys, monkeypatch, tmp_path):
    from picoinfuse.cli.view import View

    def press(view, row):
        if row.delivered_nl > 100_000:
            raise KeyboardInterrupt

    monkeypatch.setattr(View, "telemetry", press)
    assert main(["run", small, "--json"]) == 5
    result = result_of(capsys)
    assert result["outcome"] == "stopped"
    assert 0.1 < result["delivered_ml"] < 0.2
    assert "idle" in (tmp_path / "runs" / "small-1" / "events.jsonl").read_text("utf-8")


@pytest.mark.parametrize("command", [["doctor", "--yes"], ["log"], ["calibrate", "steps"]])
def test_ctrl_c_in_any_command_is_told_from_a_fault_that_was_found(command, capsys, monkeypatch):
    from picoinfuse import Pump

    def press(*_, **__):
        raise KeyboardInterrupt

    for name in ("status", "log_entry", "about"):
        monkeypatch.setattr(Pump, name, press)
    assert main([*command, "--port", "sim://"]) == 5
    assert capsys.readouterr().err.endswith("picoinfuse: interrupted\n")


def test_ctrl_c_at_a_question_is_no_error_of_ours(capsys, monkeypatch):
    import typer

    def press(*_, **__):
        raise typer.Abort

    monkeypatch.setattr(typer, "prompt", press)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    assert main(["calibrate", "force", "--port", "sim://"]) == 5
    assert capsys.readouterr().err == "\npicoinfuse: interrupted\n"


def test_a_second_ctrl_c_leaves_without_the_pumps_word_and_says_so(small, capsys, monkeypatch):
    from picoinfuse import Pump
    from picoinfuse.cli.view import View

    def press(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(View, "telemetry", press)
    monkeypatch.setattr(Pump, "stop", press)
    assert main(["run", small, "--json"]) == 4
    captured = capsys.readouterr()
    assert "whether it stopped is not known" in captured.err
    assert json.loads(captured.out.splitlines()[-1])["outcome"] == "uncertain"


# No pump


@pytest.mark.parametrize("command", [["status"], ["stop"], ["install"], ["run", "hydration", "--port", "auto"]])
def test_no_pump_is_said(capsys, monkeypatch, command):
    monkeypatch.setattr("serial.tools.list_ports.comports", list)
    assert main(command) == 4
    assert "No" in capsys.readouterr().err


def test_a_port_that_is_not_there_is_said(capsys):
    assert main(["run", "hydration", "--port", "socket://127.0.0.1:1"]) == 4
    assert "socket://127.0.0.1:1" in capsys.readouterr().err


def test_status_tells_how_a_pump_stands(capsys):
    assert main(["status", "--port", "sim://"]) == 0
    assert "idle" in capsys.readouterr().out


def test_stop_stops(capsys):
    assert main(["stop", "--port", "sim://"]) in (0, 2)


def test_an_internal_error_is_a_bug_and_says_so(capsys, monkeypatch):
    def broken(name):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("picoinfuse.therapy.Therapy.read", broken)
    assert main(["run", "hydration"]) == 1
    said = capsys.readouterr().err
    assert "internal error" in said
    assert "Traceback" in said


# As a program of its own


def test_the_module_runs_as_a_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "picoinfuse"], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0
    assert done.stderr == ""
    assert "picoinfuse run hydration" in done.stdout


@pytest.mark.real
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_a_real_ctrl_c_stops_a_real_process(tmp_path):
    import signal

    # A job in the background of a shell hands down that Ctrl-C is ignored: this process is to hear it all the same.
    code = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    code += "from picoinfuse.cli import main; sys.exit(main(['run', 'hydration', '--speed', '1', '--json']))"
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    for line in process.stderr:
        if "now infusing" in line:
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 5
    assert json.loads(out.splitlines()[-1])["outcome"] == "stopped"
