"""How long polls and collections take, and when is collected."""

import types

from pico.stand_ins import Clock, fresh
from picoinfuse_firmware.board import HEALTH

HEAP = 200000


class Heap:
    """The module `gc`: a collection takes 9 ms and leaves `live` bytes."""

    def __init__(self, clock, live=50000):
        self.clock = clock
        self.live = live
        self.used = live
        self.collections = 0

    def module(self):
        return types.SimpleNamespace(
            collect=self.collect, mem_alloc=lambda: self.used, mem_free=lambda: HEAP - self.used
        )

    def collect(self):
        self.clock.us += 9000
        self.used = self.live
        self.collections += 1


def measured():
    clock = Clock()
    heap = Heap(clock)
    health = fresh("health", {"time": clock.module(), "gc": heap.module()})
    return health, health.Health(), heap


def test_before_anything_was_measured_all_is_zero():
    assert measured()[1].numbers() == (0,) * len(HEALTH)


def test_polls_and_collections_are_reported_apart():
    _, health, heap = measured()
    for us in (700, 800, 2100):
        health.polled(us)
    health.collect()
    heap.live = 60000
    health.collect()
    heap.live = 55000
    health.collect()
    assert dict(zip(HEALTH, health.numbers(), strict=True)) == {
        "poll_us_mean": 1200,
        "poll_us_max": 2100,
        "collect_us_mean": 9000,
        "collect_us_max": 9000,
        "free_bytes": HEAP - 55000,
        "least_free_bytes": HEAP - 60000,
    }


def test_it_is_collected_only_when_enough_has_gathered():
    module, health, heap = measured()
    health.collect()
    polls = 0
    while heap.collections < 5:
        heap.used += 600
        polls += 1
        health.tidy()
        assert heap.used < heap.live + module.GARBAGE_BYTES + 600
    assert polls == 4 * 14


def test_a_year_of_polls_keeps_the_sums_small_and_the_mean_recent():
    module, health, _ = measured()
    for _ in range(3 * module.MEAN_OF):
        health.polled(900)
    for _ in range(3 * module.MEAN_OF):
        health.polled(1100)
        assert health._poll_us < 1 << 30
    assert 1050 < health.numbers()[0] <= 1100
