"""What the Pico finds in its configuration file, and what it makes of a bad one: safe defaults, and the word for it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picoinfuse_firmware import settings
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.pico import configuration


def text_of(**values):
    """Return the text of a good file with these values beside the defaults."""
    return json.dumps(settings.sealed({**settings.defaults(), **values}))


def is_safe(config):
    return vars(config) == vars(Config()) and config.has() == ()


def test_what_stands_in_the_file_is_used(tmp_path):
    path = tmp_path / "picoinfuse.json"
    path.write_text(text_of(pitch_um=8000, has_encoder=1, has_force=1, force_calibrated=20260131), "utf-8")
    config, problem = configuration.read(str(path))
    assert problem == ""
    assert config.pitch_um == 8000
    assert config.has() == ("force", "encoder")


def test_no_file_is_told(tmp_path):
    config, problem = configuration.read(str(tmp_path / "none.json"))
    assert problem == "config_missing"
    assert is_safe(config)


def twice(text):
    return text.replace('"pitch_um": 2000', '"pitch_um": 2000, "pitch_um": 2000')


BAD = {
    "empty": ("", "config_damaged"),
    "cut off": (text_of()[:-40], "config_damaged"),
    "more behind": (text_of() + "}", "config_damaged"),
    "no json": ("pitch_um = 2000\n", "config_damaged"),
    "a list": ("[1, 2, 3]", "config_damaged"),
    "a number": ("7", "config_damaged"),
    "brackets": ("[" * 4000, "config_damaged"),
    "no utf-8": (b'{"format": 1, "\xff\xfe": 2}', "config_damaged"),
    "zeros": (b"\0" * 900, "config_damaged"),
    "erased flash": (b"\xff" * 900, "config_damaged"),
    "huge": (text_of() + " " * settings.MAX_BYTES, "config_damaged"),
    "a key twice": (twice(text_of()), "config_damaged"),
    "a text among the values": (text_of().replace("2000,", '"2000",', 1), "config_damaged"),
    "another format": (text_of().replace('"format": 1', '"format": 2'), "config_format"),
    "a float": (text_of().replace('"pitch_um": 2000', '"pitch_um": 2000.0'), "config_type.pitch_um"),
    "a bool": (text_of().replace('"draw_back": 1', '"draw_back": true'), "config_type.draw_back"),
    "nothing": (text_of().replace('"draw_back": 1', '"draw_back": null'), "config_type.draw_back"),
    "out of range": (text_of(pitch_um=199), "config_range.pitch_um"),
    "very long number": (text_of().replace("140000", "1" + "0" * 300), "config_range.travel_um"),
    "a field too few": (text_of().replace('"draw_back": 1, ', ""), "config_missing.draw_back"),
    "a field too many": (text_of().replace("{", '{"colour": 3, ', 1), "config_unknown.colour"),
    "changed by hand": (text_of().replace('"pitch_um": 2000', '"pitch_um": 8000'), "config_check"),
    "fields at odds": (text_of(battery_empty_mv=8000), "config_rule.battery_empty_mv"),
    "a cell never calibrated": (text_of(has_force=1), "config_rule.force_calibrated"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gives_a_safe_pump_and_the_word(tmp_path, name):
    content, word = BAD[name]
    path = tmp_path / "picoinfuse.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    config, problem = configuration.read(str(path))
    assert problem == word
    assert is_safe(config)


def test_a_folder_of_that_name_is_damage(tmp_path):
    (tmp_path / "picoinfuse.json").mkdir()
    config, problem = configuration.read(str(tmp_path / "picoinfuse.json"))
    assert problem == "config_damaged"
    assert is_safe(config)


@given(st.binary(max_size=300))
def test_whatever_stands_there_nothing_is_raised(data):
    config, problem = configuration.parsed(data)
    assert problem
    assert is_safe(config)


@given(st.integers(0, len(text_of()) * 8 - 1))
def test_a_flipped_bit_is_never_taken_for_another_configuration(bit):
    data = bytearray(text_of().encode())
    data[bit // 8] ^= 1 << bit % 8
    config, problem = configuration.parsed(bytes(data))
    assert is_safe(config)  # with a blank for a blank there may be no problem either: then the values are the same
    assert problem or json.loads(data) == json.loads(text_of())
