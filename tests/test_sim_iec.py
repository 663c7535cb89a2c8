"""Start-up and trumpet curve against flows whose errors are known in closed form, and against brute force."""

import json
from itertools import pairwise
from math import cos, inf, nan, pi, sin

import numpy as np
import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.iec import WINDOWS_MIN, trumpet

TWO_HOURS = np.arange(241) * 30.0
RATE = 5.0  # mL/h
FIRST_S, LAST_S = 3600.0, 7200.0  # of the analysis hour


def even(times=TWO_HOURS, rate=RATE):
    return np.asarray(times) / 3600 * rate


def brute_force(times_s, volume_ml, rate, start_min=60):
    """Sums over single flows of half minutes, as the standard writes it: nothing is shared with the code under test."""
    times_s, volume_ml = list(map(float, times_s)), list(map(float, volume_ml))

    def volume_at(t):
        for i in range(len(times_s) - 1):
            if times_s[i] <= t <= times_s[i + 1]:
                part = (t - times_s[i]) / (times_s[i + 1] - times_s[i])
                return volume_ml[i] + part * (volume_ml[i + 1] - volume_ml[i])
        raise AssertionError(t)

    grid = [volume_at(times_s[0] + 60 * start_min + 30 * i) for i in range(121)]
    errors = [100 * ((b - a) * 120 - rate) / rate for a, b in pairwise(grid)]
    highest, lowest = [], []
    for window in WINDOWS_MIN:
        n = 2 * window
        means = [sum(errors[j : j + n]) / n for j in range(120 - n + 1)]
        highest.append(max(means))
        lowest.append(min(means))
    return sum(errors) / 120, highest, lowest


def test_the_windows_are_those_of_the_standard():
    assert WINDOWS_MIN == (1, 2, 5, 11, 19, 31)
    assert trumpet(TWO_HOURS, even(), RATE).windows_min == WINDOWS_MIN


@pytest.mark.parametrize("error", [0.0, 1.7, -3.0])
def test_an_even_flow_has_the_same_error_in_every_window(error):
    result = trumpet(TWO_HOURS, even(rate=RATE * (1 + error / 100)), RATE)
    assert result.mean_error == pytest.approx(error, abs=1e-9)
    assert result.ep_max == pytest.approx([error] * 6, abs=1e-8)
    assert result.ep_min == pytest.approx([error] * 6, abs=1e-8)
    assert result.startup_s == 0
    assert result.flow_ml_h == pytest.approx(RATE * (1 + error / 100))
    assert result.notes == []


@pytest.mark.parametrize("period_min", [4, 7, 20, 60])
@pytest.mark.parametrize("depth", [0.02, 0.3])
def test_a_sinusoidal_flow_has_its_analytic_errors(period_min, depth):
    """The mean of 1 + a sin(wt) over a window P is 1 + a sinc sin(w middle), sinc = sin(wP/2)/(wP/2)."""
    w = 2 * pi / (period_min * 60)

    def delivered(t):
        return RATE / 3600 * (t + depth / w * (1 - cos(w * t)))

    result = trumpet(TWO_HOURS, [delivered(t) for t in TWO_HOURS], RATE)
    for window, highest, lowest in zip(WINDOWS_MIN, result.ep_max, result.ep_min, strict=True):
        half_s = window * 30
        shrunk = sin(w * half_s) / (w * half_s)
        middles = np.arange(FIRST_S + half_s, LAST_S - half_s + 1, 30)
        means = 100 * depth * shrunk * np.sin(w * middles)
        assert highest == pytest.approx(means.max(), abs=1e-8)
        assert lowest == pytest.approx(means.min(), abs=1e-8)
    hour = depth / (w * 3600) * (cos(w * FIRST_S) - cos(w * LAST_S))
    assert result.mean_error == pytest.approx(100 * hour, abs=1e-9)


def test_a_window_as_long_as_the_period_of_a_wave_sees_nothing_of_it():
    w = 2 * pi / (11 * 60)
    volume = [RATE / 3600 * (t + 0.5 / w * (1 - cos(w * t))) for t in TWO_HOURS]
    result = trumpet(TWO_HOURS, volume, RATE)
    at = WINDOWS_MIN.index(11)
    assert result.ep_max[at] == pytest.approx(0, abs=1e-8)
    assert result.ep_max[0] > 45


def test_a_bolus_in_one_sample_stands_in_every_window_by_its_share():
    bolus_ml = 0.05
    volume = even() + bolus_ml * (TWO_HOURS >= 5400)
    result = trumpet(TWO_HOURS, volume, RATE)
    assert result.ep_max == pytest.approx([100 * bolus_ml / (RATE * window / 60) for window in WINDOWS_MIN])
    # Every window but the longest can lie beside it; each one of 31 min in an hour has to hold its middle.
    assert result.ep_min[:-1] == pytest.approx([0] * 5, abs=1e-8)
    assert result.ep_min[-1] == pytest.approx(result.ep_max[-1])
    assert result.mean_error == pytest.approx(100 * bolus_ml / RATE)


def test_a_step_of_the_flow_is_seen_whole_from_both_sides():
    flow = np.where(TWO_HOURS[:-1] < 5400, 0.9, 1.2) * RATE
    volume = np.concatenate([[0], np.cumsum(flow / 120)])
    result = trumpet(TWO_HOURS, volume, RATE)
    assert result.mean_error == pytest.approx(5)
    # Half an hour on each side; a window of 31 min reaches one minute over the step.
    assert result.ep_min == pytest.approx([-10] * 5 + [(-10 * 30 + 20 * 1) / 31])
    assert result.ep_max == pytest.approx([20] * 5 + [(20 * 30 - 10 * 1) / 31])


def test_a_sawtooth_of_slips_has_the_errors_that_counting_slips_gives():
    """All comes in one sample of ten (stick-slip): a window of n samples holds n // 10 slips, or one more."""
    slip_ml = RATE / 12
    volume = slip_ml * np.floor(TWO_HOURS / 300 + 1e-9)
    result = trumpet(TWO_HOURS, volume, RATE)
    for window, highest, lowest in zip(WINDOWS_MIN, result.ep_max, result.ep_min, strict=True):
        fewest, rest = divmod(2 * window, 10)
        assert lowest == pytest.approx(100 * (fewest * 5 / window - 1), abs=1e-8)
        assert highest == pytest.approx(100 * ((fewest + (rest > 0)) * 5 / window - 1), abs=1e-8)
    assert result.mean_error == pytest.approx(0, abs=1e-9)
    assert result.startup_s is None  # its two-minute mean never stays anywhere


@pytest.mark.parametrize("seed", range(5))
def test_a_drawn_flow_has_the_errors_of_a_reckoning_by_hand(seed):
    rng = np.random.default_rng(seed)
    volume = np.concatenate([[rng.normal()], rng.normal(RATE / 120, RATE / 500, 240)]).cumsum()
    result = trumpet(TWO_HOURS, volume, RATE)
    mean, highest, lowest = brute_force(TWO_HOURS, volume, RATE)
    assert result.mean_error == pytest.approx(mean, abs=1e-8)
    assert result.ep_max == pytest.approx(highest, abs=1e-8)
    assert result.ep_min == pytest.approx(lowest, abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
def test_drawn_times_are_brought_onto_the_grid_by_straight_lines(seed):
    rng = np.random.default_rng(seed)
    times = 1e6 + np.concatenate([[0], np.sort(rng.uniform(1, 7250, 300)), [7300]])
    volume = np.cumsum(rng.uniform(0, 0.1, len(times)))
    result = trumpet(times, volume, RATE, start_min=50)
    mean, highest, lowest = brute_force(times, volume, RATE, start_min=50)
    assert result.mean_error == pytest.approx(mean, abs=1e-6)
    assert result.ep_max == pytest.approx(highest, abs=1e-6)
    assert result.ep_min == pytest.approx(lowest, abs=1e-6)


def test_it_does_not_matter_when_the_samples_were_taken():
    """A smooth flow read at even, at drawn and at dense times has the same trumpet."""
    w = 2 * pi / 1500

    def delivered(t):
        return RATE / 3600 * (t + 0.05 / w * (1 - np.cos(w * t)))

    rng = np.random.default_rng(4)
    reference = trumpet(TWO_HOURS, delivered(TWO_HOURS), RATE)
    drawn = np.unique(np.concatenate([[0, 7200], rng.uniform(0, 7200, 2000)]))
    dense = np.arange(0, 7200.5, 0.5)
    for times in (drawn, dense):
        other = trumpet(times, delivered(times), RATE)
        assert other.mean_error == pytest.approx(reference.mean_error, abs=0.02)
        assert other.ep_max == pytest.approx(reference.ep_max, abs=0.02)
        assert other.ep_min == pytest.approx(reference.ep_min, abs=0.02)


def test_neither_a_tare_nor_the_hour_of_the_day_matters():
    volume = even() + 0.01 * np.sin(TWO_HOURS / 100)
    here, there = trumpet(TWO_HOURS, volume, RATE), trumpet(TWO_HOURS + 1.7e9, volume + 250, RATE)
    assert there.mean_error == pytest.approx(here.mean_error, abs=1e-6)
    assert there.ep_max == pytest.approx(here.ep_max, abs=1e-6)
    assert there.startup_s == here.startup_s


def test_a_stretch_without_samples_is_taken_as_even_and_told():
    missing = (TWO_HOURS > 5000) & (TWO_HOURS < 5600)
    times = TWO_HOURS[~missing]
    result = trumpet(times, even(times), RATE)
    assert result.mean_error == pytest.approx(0, abs=1e-9)
    assert result.longest_gap_s == 5610 - 4980
    assert "630 s apart" in result.notes[0]
    assert "1, 2, 5 min may be too small" in result.notes[0]


def test_a_stretch_without_samples_that_hides_every_window_is_refused():
    times = TWO_HOURS[(TWO_HOURS < 4000) | (TWO_HOURS > 6000)]
    with pytest.raises(BadInput, match=r"34 min apart .* limit is the longest window, 31 min"):
        trumpet(times, even(times), RATE)


def test_a_stretch_without_samples_before_the_analysis_does_not_bear_on_it():
    times = TWO_HOURS[(TWO_HOURS < 600) | (TWO_HOURS >= 3600)]
    result = trumpet(times, even(times), RATE)
    assert result.longest_gap_s == 30
    assert result.notes == []


def test_start_up_is_over_when_no_later_mean_of_two_minutes_leaves_ten_percent():
    nothing_s = 600
    volume = np.maximum(TWO_HOURS - nothing_s, 0) / 3600 * RATE
    assert trumpet(TWO_HOURS, volume, RATE).startup_s == nothing_s
    # 15 % too much between minutes 20 and 30: the mean from 29:00 holds half of it, 7.5 %; that from 28:30 held 11 %.
    burst = 0.15 * np.clip(TWO_HOURS - 1200, 0, 600) / 3600 * RATE
    assert trumpet(TWO_HOURS, volume + burst, RATE).startup_s == 29 * 60


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_ten_percent_off_is_within_ten_percent(factor):
    assert trumpet(TWO_HOURS, even(rate=factor * RATE), RATE).startup_s == 0


@pytest.mark.parametrize("factor", [0.899, 1.101, 0.0, -1.0])
def test_a_flow_that_never_comes_within_ten_percent_has_no_start_up_time(factor):
    assert trumpet(TWO_HOURS, even(rate=factor * RATE), RATE).startup_s is None


def test_the_start_up_curve_is_the_flow_of_every_half_minute():
    tau_s = 900.0
    volume = RATE / 3600 * (TWO_HOURS + tau_s * np.expm1(-TWO_HOURS / tau_s))
    result = trumpet(TWO_HOURS, volume, RATE)
    at_s, flow = result.startup_curve
    assert len(at_s) == len(flow) == 240
    assert (at_s[0], at_s[-1]) == (15, 7185)
    assert flow == pytest.approx(RATE * -np.expm1(-at_s / tau_s), rel=1e-3, abs=3e-4)
    assert flow.sum() * 30 / 3600 == pytest.approx(volume[-1])
    # The mean of two minutes is 10 % off when exp(-t/tau) times its mean factor is 0.1.
    exact_s = tau_s * np.log(10 * tau_s / 120 * -np.expm1(-120 / tau_s))
    assert 0 <= result.startup_s - exact_s < 30


def test_the_analysis_hour_can_begin_elsewhere():
    times = np.arange(0, 4 * 3600 + 1, 30.0)
    volume = even(times) + np.where(times > 9000, (times - 9000) / 3600 * 0.5, 0)  # 10 % more from minute 150 on
    assert trumpet(times, volume, RATE).mean_error == pytest.approx(0, abs=1e-9)
    later = trumpet(times, volume, RATE, start_min=150)
    assert later.mean_error == pytest.approx(10)
    assert later.notes == ["analysed are minutes 150 to 210, not 60 to 120 as the standard asks"]
    assert trumpet(times, volume, RATE, start_min=120).mean_error == pytest.approx(5)


def test_a_syringe_that_is_soon_empty_is_analysed_over_less_and_with_fewer_windows():
    times = np.arange(0, 721, 30.0)
    result = trumpet(times, even(times), RATE, start_min=2, analysis_min=10)
    assert result.windows_min == (1, 2, 5)
    assert len(result.ep_max) == len(result.ep_min) == 3
    assert "minutes 2 to 12" in result.notes[0]


def test_it_is_ready_for_json():
    told = json.loads(json.dumps(trumpet(TWO_HOURS, 0 * TWO_HOURS, RATE).as_dict()))
    assert told["windows_min"] == [1, 2, 5, 11, 19, 31]
    assert told["ep_max"] == pytest.approx([-100] * 6)
    assert told["startup_s"] is None
    assert set(told) >= {"windows_min", "ep_max", "ep_min", "mean_error", "startup_s"}


@pytest.mark.parametrize(
    ("times", "volume", "rate", "said"),
    [
        (TWO_HOURS[:-1], even()[:-1], RATE, r"cover 119\.5 min, the analysis needs 120 min"),
        (TWO_HOURS[:10], even()[:10], RATE, r"cover 4\.5 min"),
        (TWO_HOURS[:1], even()[:1], RATE, "1 samples: at least 2"),
        ([], [], RATE, "0 samples"),
        (TWO_HOURS[::-1], even(), RATE, r"sample 2 is at 7170 s, not after the one before it at 7200 s"),
        (np.repeat(TWO_HOURS, 2), np.repeat(even(), 2), RATE, "times must rise"),
        (TWO_HOURS, even()[:-1], RATE, "241 times and 240 volumes"),
        (np.where(TWO_HOURS == 60, nan, TWO_HOURS), even(), RATE, r"times_s: sample 3 of 241 is nan"),
        (TWO_HOURS, np.where(TWO_HOURS == 90, nan, even()), RATE, r"volume_ml: sample 4 of 241 is nan"),
        (TWO_HOURS, np.where(TWO_HOURS == 90, -inf, even()), RATE, r"volume_ml: sample 4 of 241 is -inf"),
        (TWO_HOURS, np.where(TWO_HOURS == 90, 1e308, -1e308), RATE, "too much"),
        (TWO_HOURS.reshape(1, -1), even().reshape(1, -1), RATE, "2 dimensions"),
        (7.0, 3.0, RATE, "0 dimensions"),
        (["soon"] * 241, even(), RATE, "not a row of numbers"),
        (TWO_HOURS, even(), 0, "must be above 0"),
        (TWO_HOURS, even(), -5, "rate_ml_h = -5"),
        (TWO_HOURS, even(), nan, "not a finite number"),
        (TWO_HOURS, even(), "5 mL/h", "is not a number"),
        (TWO_HOURS, even(), None, "is not a number"),
    ],
)
def test_what_cannot_be_reckoned_with_is_refused_with_the_reason(times, volume, rate, said):
    with pytest.raises(ValueError, match=said) as caught:
        trumpet(times, volume, rate)
    assert isinstance(caught.value, BadInput)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"start_min": -1}, "0 min or more"),
        ({"start_min": 61}, "needs 121 min"),
        ({"start_min": inf}, "finite"),
        ({"analysis_min": 0.5}, "shortest window is 1 min"),
        ({"analysis_min": 90}, "needs 150 min"),
    ],
)
def test_an_analysis_outside_the_samples_is_refused(more, said):
    with pytest.raises(BadInput, match=said):
        trumpet(TWO_HOURS, even(), RATE, **more)


def test_the_picture_is_drawn(tmp_path):
    path = tmp_path / "new folder" / "curve.png"
    trumpet(TWO_HOURS, even(), RATE).plot(path)
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(BadInput, match="cannot be written"):
        trumpet(TWO_HOURS, even(), RATE).plot(str(path / "below a file.png"))
