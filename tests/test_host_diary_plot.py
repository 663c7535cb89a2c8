"""The picture of a diary: it is drawn with and without dates, and what is drawn is what the diary says."""

from dataclasses import replace

import pytest

from diaries import EVERY_2_H, Home
from picoinfuse import BadInput, diary
from picoinfuse.dates import Dates
from picoinfuse.diary_plot import plot
from picoinfuse.diary_source import Source


@pytest.fixture
def drawn(monkeypatch):
    """The figures that were saved."""
    figures = []
    monkeypatch.setattr("picoinfuse.diary_plot._save", lambda figure, path: figures.append(figure))
    return figures


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("home"), EVERY_2_H)
    home.start()
    home.bench.advance("5 min")
    home.pump.bolus("0.5 mL", "100 mL/h")
    home.alone("1 h", lambda: home.bench.power_cut(3600), "70 min")
    home.pump.acknowledge()
    home.pump.resume()
    home.alone("80 min")
    home.meet()
    return home


def legend(panel):
    return [text.get_text() for text in panel.get_legend().get_texts()]


def test_ordered_and_given_doses_states_and_alarms_are_drawn(home, drawn, tmp_path):
    plot(home.diary(), tmp_path / "x.png")
    (figure,) = drawn
    doses, states, alarms = figure.axes
    assert set(legend(doses)) == {"ordered", "given", "late", "bolus of a person"}
    assert set(legend(states)) == {"infusing", "keeping the vein open", "on, then no power", "alarm", "paused"}
    assert legend(alarms) == ["until it is over", "until it is answered"]
    assert [text.get_text() for text in alarms.get_yticklabels()] == ["power lost"]
    outlines = [bar for bar in doses.patches if not bar.get_fill() or bar.get_facecolor()[3] == 0]
    given = [bar for bar in doses.patches if bar not in outlines]
    assert len(outlines) == 3
    assert [round(bar.get_height(), 3) for bar in given] == [10.0, 10.0]
    # The second one was an hour and ten minutes late, and up to ten minutes of the gap more; an axis of dates has days.
    late_h = (given[1].get_x() - outlines[1].get_x()) * 24
    assert 1.1 < late_h < 1.4
    assert (given[0].get_x() - outlines[0].get_x()) * 24 < 0.01


def test_without_dates_the_axis_is_the_pumps_own_time(home, drawn, tmp_path):
    its = home.diary().source
    bare = Source(
        [entry for entry in its.entries if entry.kind != "contact"], Dates(its.entries, []), its.programs, "p"
    )
    plot(diary.read(bare), tmp_path / "x.png")
    assert drawn[0].axes[2].get_xlabel().startswith("the pump's own time, since it was switched on (h); how long")


def test_without_a_power_cut_none_is_spoken_of_and_a_dose_that_was_stopped_ends_there(drawn, tmp_path):
    """It went on in the picture until the end of all entries, over the doses of what was given after it."""
    home = Home(tmp_path, EVERY_2_H)
    home.start()
    home.bench.advance("5 min")
    home.pump.stop()
    home.pump.start(home.order.program)
    home.bench.advance("1 h")
    home.meet()
    its = home.diary().source
    bare = Source(
        [entry for entry in its.entries if entry.kind != "contact"], Dates(its.entries, []), its.programs, "p"
    )
    plot(diary.read(bare), tmp_path / "x.png")
    doses, _, alarms = drawn[0].axes
    assert alarms.get_xlabel() == "the pump's own time, since it was switched on (h)"
    stopped = next(bar for bar in doses.patches if round(bar.get_height(), 1) == 4.2)
    assert stopped.get_width() * 60 == pytest.approx(5, rel=0.05)


def test_what_was_ordered_stands_above_the_legend_and_is_told_whole(home, tmp_path, monkeypatch):
    """A long title ran under the legend, and was cut off after 110 letters."""
    figures = []
    monkeypatch.setattr("picoinfuse.diary_plot._save", lambda figure, path: figures.append(figure))
    its = home.diary()
    name = "Piperacillin-tazobactam at home: 3.375 g over 4 hours every 8 hours, the vein kept open between, " * 2
    for course in its.courses:
        course.ordered = replace(course.ordered, title=name)
    plot(its, tmp_path / "x.png")
    panel = figures[0].axes[0]
    figures[0].canvas.draw()
    title, legend = panel._left_title.get_window_extent(), panel.get_legend().get_window_extent()
    assert not title.overlaps(legend)
    assert title.x1 <= figures[0].bbox.x1
    assert panel.get_title("left").replace("\n", " ") == name.strip()


def test_it_becomes_a_file(home, tmp_path):
    plot(home.diary(), tmp_path / "x.png")
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_nothing_to_draw_is_told(tmp_path):
    with pytest.raises(BadInput, match="there are no entries"):
        plot(diary.read(Source([], Dates([], []), {}, "p")), tmp_path / "x.png")
