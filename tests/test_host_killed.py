"""A host killed in the middle of a bolus, at any byte, and started again: one bolus or none, and it says which."""

import pytest

from picoinfuse import Notebook, Program, Pump
from picoinfuse_sim import Bench

ORDER = Program.continuous("60 mL/h", "0.5 mL")
BOLUS_NL = 200_000
STEP_NL = 350


class KilledError(BaseException):
    """The process of the host ends here."""


class MortalPort:
    """A Port that dies after `lives` bytes went through it in one direction; half a frame may have gone."""

    def __init__(self, port, direction, lives):
        self._port, self._direction, self._lives = port, direction, lives
        self.name = port.name

    def _spend(self, data, direction):
        if direction != self._direction:
            return data
        part = data[: self._lives]
        self._lives -= len(part)
        return part

    def write(self, data):
        part = self._spend(data, "write")
        self._port.write(part)
        if len(part) < len(data) or (self._direction == "write" and self._lives == 0):
            raise KilledError

    def read(self, timeout_s):
        data = self._port.read(timeout_s)
        part = self._spend(data, "read")
        if len(part) < len(data):
            raise KilledError
        return part


def killed_after(lives, direction, folder):
    """Return (bolus outcomes told after the restart, delivered nanolitres, was it killed) of one life."""
    bench = Bench(seed=0)
    path = folder / f"{direction}-{lives}.jsonl"
    first = Pump(bench.port(), notebook=Notebook(path))
    first.start(ORDER)
    bench.advance("3 s")
    first.session.port = MortalPort(bench.port(), direction, lives)
    killed = False
    try:
        first.bolus("0.2 mL", "200 mL/h")
    except KilledError:
        killed = True
    second = Pump(bench.port(), notebook=Notebook(path))
    told = [outcome.what for outcome in second.settle() if outcome.verb == "bolus"]
    return told, second.wait().delivered_nl, killed


@pytest.mark.parametrize("direction", ["write", "read"])
def test_killed_at_every_byte_there_is_one_bolus_or_none_and_the_next_host_knows(direction, tmp_path):
    lives, ends = 0, set()
    while True:
        told, delivered_nl, killed = killed_after(lives, direction, tmp_path)
        given = told == ["running"]
        assert told in (["running"], ["unknown"], []), lives  # []: killed before the bolus was decided on
        ordered_nl = 500_000 + (BOLUS_NL if given else 0)
        assert 0 <= ordered_nl - delivered_nl <= STEP_NL, (lives, told)
        ends.add(tuple(told))
        if not killed:
            break
        lives += 1
    assert given
    assert lives > 30
    assert ends == {("running",), ("unknown",), ()} if direction == "write" else {("running",), ()}
