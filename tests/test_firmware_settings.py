"""The table of the configuration, and which sets of values may be used."""

from binascii import crc32

import pytest

from picoinfuse_firmware import settings
from picoinfuse_firmware.board import SENSORS
from picoinfuse_firmware.config import Config


def whole(**values):
    """Return a sealed file with the defaults and these values."""
    return settings.sealed({**settings.defaults(), **values})


def test_the_defaults_may_be_used_and_have_no_sensor():
    assert settings.check(whole()) == ""
    assert settings.has(settings.defaults()) == ()
    assert Config().has() == ()


@pytest.mark.parametrize("row", settings.FIELDS, ids=lambda row: row[0])
def test_each_field_takes_its_whole_range_and_no_more(row):
    name, default, least, most = row
    assert least <= default <= most
    assert settings.problem_of(name, default) == ""
    for value in (least - 1, most + 1):
        assert settings.problem_of(name, value) == f"config_range.{name}"
        assert settings.check(whole(**{name: value})) == f"config_range.{name}"
    for value in (least, most):
        if name not in settings.DATES:
            assert settings.problem_of(name, value) == ""


@pytest.mark.parametrize("value", [2000.0, True, "2000", None, [2000], {}])
def test_only_a_whole_number_is_a_number(value):
    its = whole()
    its["pitch_um"] = value
    assert settings.check(its) == "config_type.pitch_um"


@pytest.mark.parametrize(
    ("value", "fits"),
    [(0, True), (20260131, True), (20261301, False), (20260132, False), (20260100, False), (20200001, False), (1, False)],
)
def test_a_date_is_a_date_or_never(value, fits):
    assert (settings.problem_of("volume_calibrated", value) == "") is fits


def test_a_cell_that_counts_nothing_is_no_cell():
    assert settings.problem_of("force_counts_per_n", 0) == "config_range.force_counts_per_n"
    assert settings.problem_of("force_counts_per_n", -10949) == ""  # wired the other way round


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"battery_empty_mv": 7200}, "battery_empty_mv"),
        ({"battery_low_mv": 6000}, "battery_empty_mv"),
        ({"temperature_min_mc": 30000, "temperature_max_mc": 30000}, "temperature_min_mc"),
        ({"has_force": 1}, "force_calibrated"),
    ],
)
def test_fields_that_contradict_each_other_are_told(values, name):
    assert settings.check(whole(**values)) == f"config_rule.{name}"


def test_a_load_cell_may_be_fitted_once_it_is_calibrated():
    assert settings.check(whole(has_force=1, force_calibrated=20260131)) == ""


def test_the_ranges_keep_the_ends_of_the_force_apart():
    rows = {row[0]: row for row in settings.FIELDS}
    assert rows["force_min_mn"][3] < rows["force_max_mn"][2]


@pytest.mark.parametrize("name", settings.NAMES)
def test_a_field_that_is_missing_is_named(name):
    its = whole()
    del its[name]
    assert settings.check(its) == f"config_missing.{name}"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("pitch_mm", "config_unknown.pitch_mm"),
        ("Pitch", "config_unknown"),  # not a word of the wire
        ("", "config_unknown"),
        ("x" * 33, "config_unknown"),
    ],
)
def test_a_field_that_is_not_known_is_named_if_that_is_a_word(name, word):
    assert settings.check({**whole(), name: 1}) == word


@pytest.mark.parametrize("of", [2, 0, "1", 1.0, True, None])
def test_another_format_is_told_before_all_else(of):
    assert settings.check({**whole(), "format": of}) == "config_format"


@pytest.mark.parametrize("what", [None, [], 7, "text", {}])
def test_what_is_no_set_of_values_is_no_format(what):
    assert settings.check(what) == "config_format"


def test_a_value_changed_by_hand_or_by_a_flipped_bit_is_found():
    assert settings.check({**whole(), "pitch_um": 8000}) == "config_check"
    for check in ("", "00000000", None, 7, whole()["check"].upper() + " "):
        assert settings.check({**whole(), "check": check}) == "config_check"
    its = whole()
    del its["check"]
    assert settings.check(its) == "config_check"


def test_the_check_value_is_that_of_a_text_that_anybody_can_make():
    """The specification: format and fields as name=value, a line each, in the order of the table; CRC-32 of it."""
    values = settings.defaults()
    text = "".join(f"{name}={value}\n" for name, value in [("format", 1), *values.items()])
    assert settings.check_value(values) == f"{crc32(text.encode()):08x}"
    turned = dict(reversed(values.items()))
    assert settings.check_value(turned) == settings.check_value(values)


def test_the_fitted_sensors_come_in_the_order_of_the_seam():
    values = {name: 1 for name in settings.NAMES}
    found = settings.has(values)
    assert found == tuple(name for name in SENSORS if name != "barrel_gauge")  # there is none for the Pico
    assert Config(has_force=1, has_keys=1).has() == ("force", "keys")


def test_every_word_fits_into_one_word_of_the_wire():
    for name in settings.NAMES:
        assert len("config_missing." + name) <= 48
        assert (name + "_").replace("_", "a").isalnum()


def test_the_config_takes_its_defaults_from_the_table_and_refuses_another_name():
    config = Config(pitch_um=8000)
    for name, default, _, _ in settings.FIELDS:
        assert getattr(config, name) == (8000 if name == "pitch_um" else default)
    with pytest.raises(ValueError, match="pitch_mm"):
        Config(pitch_mm=8)
