"""The stream: events in order and without gaps, telemetry as it comes."""

from picoinfuse.stream import MAX_REFETCHES, Stream

ROW = [1000, "infusing", 0, 40_000_000, 5, 10, 0, 6, 7, 5000, 12, 300, 0]


def event(n, kind="note", what="x"):
    return [n, n * 100, kind, what, 0]


def test_a_repeated_event_is_dropped_and_a_missing_one_noticed():
    stream = Stream()
    for n in (1, 2, 2, 1, 4, 5):
        stream.take("event", event(n))
    assert [e.n for e in stream.events] == [1, 2]
    assert stream.gap
    assert stream.refetching() == 3
    for n in (3, 4, 5):
        stream.take("event", event(n))
    assert [e.n for e in stream.events] == [1, 2, 3, 4, 5]
    assert not stream.gap


def test_events_that_the_pump_has_forgotten_are_given_up_after_some_tries():
    stream = Stream()
    stream.take("event", event(9))
    for _ in range(MAX_REFETCHES):
        assert stream.refetching() == 1
    stream.take("event", event(9))
    assert [e.n for e in stream.events] == [9]
    stream.seen = 12
    for _ in range(MAX_REFETCHES):
        stream.refetching()
    stream.give_up()
    assert not stream.gap


def test_the_infusion_begins_with_the_first_infusing_state():
    stream = Stream()
    stream.take("event", event(1, "state", "ready"))
    assert stream.started_ms is None
    stream.take("event", event(2, "state", "infusing"))
    stream.take("event", event(3, "state", "infusing"))
    assert stream.started_ms == 200
    assert stream.seconds(1200) == 1.0


def test_telemetry_tells_the_state_and_is_handed_on():
    stream, seen = Stream(), []
    stream.on_telemetry = seen.append
    stream.take("telemetry", ROW)
    assert seen == []  # not in the middle of an exchange
    stream.hand_on()
    assert stream.state == "infusing"
    assert seen[0].pressure_mmhg == 12
    assert stream.telemetry == seen
    stream.forget()
    assert stream.telemetry == []
