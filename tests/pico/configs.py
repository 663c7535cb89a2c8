"""Configurations for the tests of pico/: every field that its files read, and which sensors are fitted."""

from types import SimpleNamespace

from picoinfuse_firmware.board import BARREL_GAUGE, SENSORS
from picoinfuse_firmware.config import Config

ALL = tuple(name for name in SENSORS if name != BARREL_GAUGE)


def config(*has, **fields):
    """Return a configuration with these sensors; a Config of the firmware has the same names."""
    usual = {
        "force_min_mn": -50000,
        "force_max_mn": 196000,
        "force_zero_counts": 0,
        "force_counts_per_n": 10949,
        "battery_divider_milli": 4000,
        "has_display": 0,
        "force_noise_mn": 0,  # the numbers of a test do not tremble
    }
    return SimpleNamespace(has=lambda: tuple(has), **{**vars(Config()), **usual, **fields})
