"""Pictures: they are made, have a size, and say what they are for. How they look was looked at by people."""

import struct
from pathlib import Path

import pytest

from picoinfuse import Program, Record, Therapy, plot
from picoinfuse.errors import BadInput
from picoinfuse.plot import MAX_LANES, _figure, _mark_alarms, _mean_rate, _time_unit, plot_record, plot_therapy
from picoinfuse.stream import Event
from picoinfuse.therapy import shipped
from picoinfuse_firmware import alarms
from picoinfuse_sim import Bench


def size(path: Path) -> tuple[int, int]:
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG")
    return struct.unpack(">II", data[16:24])


@pytest.mark.parametrize("name", shipped())
def test_every_therapy_has_a_picture(name, tmp_path):
    plot_therapy(Therapy.read(name), tmp_path / "x.png")
    assert size(tmp_path / "x.png") == (1100, 748)


def test_the_picture_of_a_long_therapy_tells_drug_syringes_and_battery(tmp_path, monkeypatch):
    figures = []
    monkeypatch.setattr(plot, "_save", lambda figure, path: figures.append(figure))
    plot_therapy(Therapy.read("methylprednisolone"), tmp_path / "x.png")
    plot_therapy(Therapy.read("hydration"), tmp_path / "x.png")
    long, short = ([[text.get_text() for text in axis.get_legend().texts] for axis in one.axes] for one in figures)
    assert long[1:] == [
        ["dose so far", "syringe change"],
        ["a full battery, without mains", "the pump warns", "the pump stops"],
    ]
    (drug,) = figures[0].axes[1].child_axes
    figures[0].canvas.draw()
    assert (drug.get_ylabel(), drug.get_ylim()[1]) == ("drug (g)", pytest.approx(1.12 * 3))
    assert short[1:] == [["dose so far"], ["a full battery, without mains"]]
    assert figures[1].axes[1].child_axes == []


@pytest.mark.parametrize("faults", [[], ["clamp@20s"]])
def test_a_record_has_a_picture_with_and_without_alarms(faults, tmp_path):
    record = Bench(seed=0, faults=faults).pump.run(Program.continuous("100 mL/h", "2 mL"))
    record.plot(tmp_path / "deep" / "x.png")
    assert size(tmp_path / "deep" / "x.png") == (1100, 836)


def test_a_record_without_telemetry_is_told(tmp_path):
    with pytest.raises(BadInput, match="holds no telemetry"):
        plot_record(Record(meta={"result": {}}), tmp_path / "x.png")


def test_a_picture_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(BadInput, match="picture = "):
        plot_therapy(Therapy.read("hydration"), tmp_path / "x.nonsense")
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(BadInput, match="cannot be written"):
        plot_therapy(Therapy.read("hydration"), tmp_path / "file" / "x.png")


def test_the_time_axis_has_the_unit_that_fits():
    assert [_time_unit(s)[0] for s in (60, 3600, 86_400)] == ["s", "min", "h"]


def test_no_mean_of_the_rate_spans_a_jump():
    times = [float(t) for t in range(41)]
    ordered = [36.0 if t < 20 else 0.0 for t in range(41)]
    volumes = [min(t, 20) * 0.01 for t in range(41)]
    _, rates = _mean_rate(times, volumes, ordered, 15.0)
    assert {round(rate, 6) for rate in rates} == {36.0, 0.0}


def test_a_bolus_of_a_minute_is_seen_in_a_picture_of_half_a_day():
    """Windows of 12 min took it for too short for a mean, and its volume was nowhere in the picture."""
    times = [float(t) for t in range(7200)]
    ordered = [60.0 if 3000 <= t < 3060 else 0.0 for t in times]
    volumes = [max(0.0, min(t - 3000, 60)) / 60 for t in times]
    at, rates = _mean_rate(times, volumes, ordered, 720.0)
    assert max(rates) == pytest.approx(60, rel=0.05)
    given = sum((at[i + 1] - at[i]) * rates[i] / 3600 for i in range(0, len(at), 2))
    assert given == pytest.approx(1, rel=0.05)


def test_the_names_of_alarms_do_not_touch_each_other_and_stay_in_the_picture():
    """Every alarm there is, close together, at both ends and in the middle of the picture."""
    for first_s, apart_s in ((0, 60), (1500, 1), (3000, 20), (0, 120)):
        rows = [row for row in alarms.TABLE if row.code != alarms.END]
        events = [Event(n, (first_s + n * apart_s) * 1000, "alarm", str(row.name), 0) for n, row in enumerate(rows)]
        record = Record(events=events, meta={"started_ms": 0})
        figure, axes = _figure((1, 1, 1), (10, 7.6), "a title", "under it")
        axes[0].set_xlim(0, 3600)
        lanes = _mark_alarms(record, axes, 1.0)
        assert lanes <= MAX_LANES
        figure.canvas.draw()
        boxes = [text.get_window_extent() for text in axes[0].texts]
        assert len(boxes) >= MAX_LANES
        whole = figure.bbox
        for i, box in enumerate(boxes):
            assert whole.x0 <= box.x0
            assert box.x1 <= whole.x1
            for other in boxes[:i]:
                assert not box.overlaps(other), (axes[0].texts[i].get_text(), first_s, apart_s)


def test_the_early_warning_is_shaded_until_it_is_over():
    from picoinfuse.plot import _spans

    events = [
        Event(1, 10_000, "alarm", "pressure_rising", 0),
        Event(2, 12_000, "alarm", "occlusion", 0),
        Event(3, 15_000, "alarm_end", "pressure_rising", 0),
        Event(4, 20_000, "alarm", "pressure_rising", 0),
    ]
    record = Record(events=events, meta={"started_ms": 5_000})
    assert _spans(record, "pressure_rising", 60.0) == [(5.0, 10.0), (15.0, 60.0)]
