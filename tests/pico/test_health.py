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
        self.collections = 0
        self.asked = 0

    def module(self):
        return types.SimpleNamespace(collect=self.collect, mem_free=self.mem_free)

    def mem_free(self):
        self.asked += 1
        return HEAP - self.live

    def collect(self):
        self.clock.us += 9000
        self.collections += 1


def measured():
    clock = Clock()
    heap = Heap(clock)
    health = fresh("health", {"time": clock.module(), "gc": heap.module()})
    return health, health.Health(), heap


def test_before_anything_was_measured_all_is_zero():
    assert measured()[1].numbers() == (0,) * len(HEALTH)


def test_polls_and_collections_are_reported_apart():
    module, health, heap = measured()
    for us in (700, 800, 2100):
        health.polled(us)
    for heap.live in (55000, 60000, 50000):
        for _ in range(module.MEASURE_AFTER):
            health.collect()
    assert dict(zip(HEALTH, health.numbers(), strict=True)) == {
        "poll_us_mean": 1200,
        "poll_us_max": 2100,
        "collect_us_mean": 9000,
        "collect_us_max": 9000,
        "free_bytes": HEAP - 50000,
        "least_free_bytes": HEAP - 60000,
    }


def test_it_is_collected_once_in_ten_polls_and_sooner_after_much_work():
    module, health, heap = measured()
    for poll in range(100):
        assert heap.collections == poll // module.POLLS
        health.polled(700)
        health.tidy()
    for _ in range(10):
        health.polled(module.WORK_US)
        health.tidy()
    assert heap.collections == 10 + 10


def test_to_ask_how_much_is_free_is_dear_and_done_now_and_then():
    module, health, heap = measured()
    for _ in range(3 * module.MEASURE_AFTER):
        health.collect()
    assert heap.asked == 3


def test_who_asks_again_after_a_collection_is_told_what_is_free_now():
    """Bug: for a minute a pump that infused told what had been free when it started."""
    _, health, heap = measured()
    health.collect()
    health.numbers()
    heap.live += 20000
    health.collect()
    assert health.numbers()[-2:] == (HEAP - 70000, HEAP - 70000)


def test_a_year_of_polls_keeps_the_sums_small_and_the_mean_recent():
    module, health, _ = measured()
    for _ in range(3 * module.MEAN_OF):
        health.polled(900)
    for _ in range(3 * module.MEAN_OF):
        health.polled(1100)
        assert health._poll_us < 1 << 30
    assert 1050 < health.numbers()[0] <= 1100
