"""One flow: what it has given at any millisecond, exactly."""

from fractions import Fraction

from picoinfuse_firmware.stream import Stream


def given(stream, at_ms):
    return Fraction(*stream.value(at_ms))


def test_an_item_by_volume_gives_exactly_that_and_ends_in_the_millisecond_it_is_reached():
    stream = Stream()
    stream.begin(10, 7, 3, 100)
    assert (stream.end_ms, stream.by_volume) == (53, True)  # 100 / (7/3) = 42.86
    assert given(stream, 52) == Fraction(7, 3) * 42
    assert given(stream, 53) == given(stream, 5000) == 100


def test_an_item_by_time_gives_what_flows_in_it():
    stream = Stream()
    stream.begin(10, 7, 3, -1, 30)
    assert (stream.end_ms, stream.by_volume) == (30, False)
    assert given(stream, 30) == given(stream, 99) == Fraction(140, 3)
    stream.rest(30)
    assert stream.end_ms == -1
    assert given(stream, 99) == Fraction(140, 3)


def test_of_volume_and_time_the_first_one_ends_it():
    stream = Stream()
    stream.begin(0, 1, 1, 100, 50)
    assert (stream.end_ms, stream.by_volume) == (50, False)
    stream.begin(50, 1, 1, 100, 150)
    assert (stream.end_ms, stream.by_volume) == (150, True)


def test_another_rate_moves_the_end_and_not_the_volume():
    stream = Stream()
    stream.begin(0, 7, 3, 100)
    stream.change(21, 1, 11)
    assert given(stream, 21) == 49
    assert stream.end_ms == 21 + 51 * 11
    assert given(stream, stream.end_ms) == 100


def test_a_held_flow_stands_still_and_its_time_too():
    stream = Stream()
    stream.begin(0, 5, 1, -1, 100)
    stream.hold(40)
    assert stream.end_ms == -1
    assert stream.left_ms(70) == stream.left_ms(5000) == 60
    assert Fraction(*stream.total_of_item()) == 500
    assert given(stream, 1000) == 200
    stream.go(1000)
    assert (stream.end_ms, stream.left_ms(1010)) == (1060, 50)
    assert given(stream, 1060) == 500


def test_what_a_held_flow_still_needs_follows_from_its_volume():
    stream = Stream()
    stream.begin(0, 5, 1, 500)
    stream.hold(40)
    assert stream.left_ms(99) == 60
    assert Fraction(*stream.total_of_item()) == 500
    stream.begin(100, 5, 1, 500, 1000)
    stream.hold(150)
    assert stream.left_ms(200) == 50
    both = Stream()
    both.begin(0, 5, 1, 500, 60)
    both.hold(40)
    assert both.left_ms(50) == 20
    assert Fraction(*both.total_of_item()) == 300
    resting = Stream()
    resting.hold(10)
    assert resting.left_ms(20) == 0


def test_a_flow_can_be_taken_back():
    stream = Stream()
    stream.begin(0, 5, 1, 500)
    state = stream.state()
    stream.change(10, 50, 1)
    stream.begin(90, 1, 1)
    stream.restore(state)
    assert stream.state() == state
    assert (stream.end_ms, given(stream, 100)) == (100, 500)


def test_ended_items_leave_no_fraction_behind():
    stream = Stream()
    at_ms = 0
    for i in range(200):
        stream.begin(at_ms, 1000003 + i, 999983 - i, 1000)
        at_ms = stream.end_ms
        stream.rest(at_ms)
    assert stream.value(at_ms) == (200000, 1)
