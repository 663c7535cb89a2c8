"""A host killed before and after every byte of a bolus exchange: the next finds one bolus or none, and says which."""

import contextlib

import pytest

import picoinfuse as pi
from measure import step_nl
from picoinfuse.notebook import Notebook
from picoinfuse.pump import Pump
from picoinfuse_sim import Bench
from wires import CutWire, HostKilled

ORDER_NL, BOLUS_NL = 300_000, 50_000
STEP_NL = step_nl("BD 5 mL")


def infusing(notebook):
    """A pump that a first host has started, and that host's notebook."""
    bench = Bench(seed=1, syringe="BD 5 mL", ideal=True)
    first = Pump(bench.port(), notebook=notebook)
    first.start(pi.Program.continuous(rate="60 mL/h", volume="0.3 mL", syringe="BD 5 mL"))
    return bench


def killed(bench, notebook, **cut):
    """Let a second host, connected and greeted, ask for a bolus over a wire that kills it; return the wire."""
    port = CutWire(bench)
    host = Pump(port, notebook=notebook)
    host.hello()
    port.cut_after(**cut)
    with contextlib.suppress(HostKilled):
        host.bolus("0.05 mL", rate="120 mL/h")
    return port


def exchange_lengths():
    """Return how many bytes a host writes and reads for one bolus when nobody kills it."""
    notebook = Notebook()
    port = killed(infusing(notebook), notebook)
    return port.written, port.read_bytes


WRITTEN, READ = exchange_lengths()
CUTS = [{"written": n} for n in range(WRITTEN + 1)] + [{"read": n} for n in range(READ + 1)]


def assert_steps(bench, boluses):
    assert bench.board.steps() == (ORDER_NL + boluses * BOLUS_NL) // STEP_NL
    assert abs(bench.truth()["plunger_ml"] * 1e6 - float(bench.board.steps() * STEP_NL)) < 1


def test_the_exchange_is_as_long_as_two_requests_and_two_answers():
    assert WRITTEN > 60
    assert READ > 60
    assert len(CUTS) > 150


def test_after_every_byte_the_next_host_finds_one_bolus_or_none_and_says_which():
    found = []
    for cut in CUTS:
        notebook = Notebook()  # stands for the file on the disk: it outlives the host
        bench = infusing(notebook)
        killed(bench, notebook, **cut)
        bench.advance("0.7 s")

        host = Pump(bench.port(), notebook=notebook)
        said = [outcome for outcome in host.settle() if outcome.verb == "bolus"]
        given = [outcome.what for outcome in said] in (["running"], ["done"])
        if not given:
            assert [outcome.what for outcome in said] in ([], ["unknown"]), cut
        status = host.wait()
        events = [e for e in host.events() if e.kind == "bolus"]
        assert len(events) <= int(given)
        assert status.ordered_nl == ORDER_NL + given * BOLUS_NL, cut
        assert_steps(bench, int(given))
        if given:
            assert host.outcome(said[0].id).what == "done"
        found.append(given)
    # Before the last byte of `apply` there is none; from it on there is one, whatever of the answer was read.
    none, one = found[: WRITTEN + 1], found[WRITTEN + 1 :]
    assert none.count(True) in (1, 2)  # its line end may come from the next host
    assert none[-1]
    assert one[0] is False
    assert one[-1] is True


def test_a_host_that_asks_again_after_it_found_none_has_given_exactly_one():
    for cut in CUTS[::3]:
        notebook = Notebook()
        bench = infusing(notebook)
        killed(bench, notebook, **cut)

        host = Pump(bench.port(), notebook=notebook)
        if [outcome.what for outcome in host.settle() if outcome.verb == "bolus"] in ([], ["unknown"]):
            host.bolus("0.05 mL", rate="120 mL/h")
        assert host.wait().ordered_nl == ORDER_NL + BOLUS_NL
        assert_steps(bench, 1)


@pytest.mark.parametrize("cut", [{"written": 40}, {"written": WRITTEN - 1}, {"read": READ - 1}])
def test_the_notebook_on_the_disk_tells_a_new_process_the_same(tmp_path, cut):
    path = tmp_path / "requests.jsonl"
    bench = infusing(Notebook(path))
    killed(bench, Notebook(path), **cut)

    host = Pump(bench.port(), notebook=Notebook(path))
    said = {outcome.what for outcome in host.settle() if outcome.verb == "bolus"}
    given = bool(said & {"running", "done"})
    assert host.wait().ordered_nl == ORDER_NL + given * BOLUS_NL
    assert_steps(bench, int(given))
