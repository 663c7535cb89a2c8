"""Which rates the pump refuses, with the value and the limit; and that every reason it gives has words."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from boards import HOUR_MS, step_of
from picoinfuse_firmware import limits, reasons
from picoinfuse_firmware.config import Config

CONFIG = Config()
LIMIT = limits.MAX_RATE_NL_H


def test_the_highest_rate_is_what_the_drive_can_step_or_1200():
    assert limits.max_rate_nl_h(CONFIG, step_of(60)) == LIMIT
    by_drive = limits.max_rate_nl_h(CONFIG, step_of(5))
    assert by_drive == pytest.approx(2000 * 3600 * 71.39, rel=1e-3)  # steps an hour, nL a step
    assert limits.rate(by_drive, HOUR_MS, by_drive) is None
    assert limits.rate(by_drive + 1, HOUR_MS, by_drive) == ("rate_too_high", by_drive + 1, by_drive)


@pytest.mark.parametrize(
    ("nl", "ms", "expected"),
    [
        (10000, HOUR_MS, None),
        (9999, HOUR_MS, ("rate_too_low", 9999, 10000)),
        (1, HOUR_MS // 10000, None),
        (0, HOUR_MS, ("rate_too_low", 0, 10000)),
        (-5, HOUR_MS, ("rate_too_low", 0, 10000)),
        (5, 0, ("rate_too_low", 0, 10000)),
        (5, -1, ("rate_too_low", 0, 10000)),
        (10**15, 10**15 + 1, ("rate_too_low", 0, 10000)),
        (10**17, 1, ("rate_too_high", 36 * 10**22, LIMIT)),
    ],
)
def test_a_rate_is_refused_with_what_it_is_and_what_the_limit_is(nl, ms, expected):
    assert limits.rate(nl, ms, LIMIT) == expected


@pytest.mark.parametrize("name", ["requests.py", "session.py", "limits.py", "program_limits.py", "leaving.py"])
def test_every_reason_that_is_given_is_in_the_table(name):
    tree = ast.parse((Path(limits.__file__).parent / name).read_text("utf-8"))
    triples = [node.elts[0] for node in ast.walk(tree) if isinstance(node, ast.Tuple) and len(node.elts) == 3]
    given = [first.value for first in triples if isinstance(first, ast.Constant) and isinstance(first.value, str)]
    assert len(given) >= 2
    assert set(given) <= set(reasons.REASONS)


def test_the_pump_does_not_load_the_words_of_the_reasons():
    loads = "import sys, picoinfuse_firmware.controller; print('picoinfuse_firmware.reasons' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
