"""The same therapy, the same bytes: the whole firmware core under CPython and under the real MicroPython."""

import contextlib
import functools
import io
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from folded import STORIES, fold_into
from picoinfuse_firmware import reasons

HERE = Path(__file__).parent
FIRMWARE = HERE.parents[1] / "firmware"


@functools.cache
def on_cpython(script):
    """What CPython prints; run in this process, so that the lines it reaches are counted."""
    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setattr(sys, "path", [str(HERE), *sys.path])
        patch.setattr(sys, "argv", [script, str(FIRMWARE)])
        runpy.run_path(str(HERE / script), run_name="__main__")
    return printed.getvalue().encode()


def test_the_therapy_meets_what_it_is_there_to_meet():
    text = on_cpython("conformance.py").decode()
    assert text.splitlines()[-1] == "end"
    for wanted in ("refused no_session", "alarm occlusion", "state complete", "alarm power_lost", "check agrees True"):
        assert wanted in text, wanted


def test_the_program_with_options_meets_what_it_is_there_to_meet():
    text = on_cpython("beyond.py").decode()
    assert text.splitlines()[-1] == "end"
    for wanted in ("alarm syringe_change", "alarm power_lost", "state complete", "check agrees True"):
        assert wanted in text, wanted


def test_every_reason_to_refuse_is_really_given():
    text = "".join(on_cpython(script).decode() for script in STORIES)
    given = set(re.findall(r" refused (\w+)[ .]", text))
    assert set(reasons.REASONS) - given == set()


@pytest.mark.micropython
@pytest.mark.parametrize("folds", [False, True], ids=["source", "folded"])
@pytest.mark.parametrize("script", STORIES)
def test_micropython_prints_the_same_bytes(script, folds, micropython, tmp_path):
    if folds:  # as it is compiled for a board
        fold_into(tmp_path)
    command = [*micropython, str((tmp_path if folds else HERE) / script), str(tmp_path if folds else FIRMWARE)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert b"MemoryError" not in done.stdout + done.stderr
    assert done.returncode == 0, (done.stdout[-2000:] + done.stderr[-2000:]).decode()
    for mine, its in zip(on_cpython(script).splitlines(), done.stdout.splitlines(), strict=False):
        assert mine == its
    assert on_cpython(script) == done.stdout
