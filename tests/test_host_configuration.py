"""The configuration as a file for people and as the pump's file: both ways, and a message for whatever is wrong."""

import itertools
import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from picoinfuse import board_files, configuration
from picoinfuse.configuration_fields import DEFAULTS, MEANINGS, RANGES, SECTION_OF, allowed, is_switch
from picoinfuse.errors import BadInput
from picoinfuse_firmware import settings
from picoinfuse_firmware.pico import configuration as on_pico

GOOD = configuration.toml(configuration.defaults())


def test_every_field_of_the_firmware_has_a_section_and_a_meaning_once():
    assert set(MEANINGS) == set(settings.NAMES)
    assert len(SECTION_OF) == len(settings.NAMES)
    assert all(is_switch(name) == (RANGES[name] == (0, 1)) for name in settings.NAMES)


def test_the_file_for_people_says_everything_and_comes_back():
    assert configuration.parse(GOOD, "x.toml") == configuration.defaults()
    for name in settings.NAMES:
        line = next(line for line in GOOD.splitlines() if line.startswith(f"{name} = "))
        assert "  # " in line
    assert "has_force = false" in GOOD
    assert "[um] travel of the plunger" in GOOD


def value_of(row):
    name, _, least, most = row
    if name in settings.DATES:
        dates = st.dates(min_value=date(2020, 1, 1), max_value=date(2099, 1, 1))
        return dates.map(configuration.date_number)
    return st.integers(least, most).filter(lambda value: name != "force_counts_per_n" or value)


@given(st.tuples(*(value_of(row) for row in settings.FIELDS)))
def test_whatever_the_pump_takes_goes_both_ways(numbers):
    values = dict(zip(settings.NAMES, numbers, strict=True))
    if settings.rule(values):
        with pytest.raises(BadInput, match=settings.rule(values).partition(".")[2]):
            configuration.parse(configuration.toml(values), "x")
        return
    assert configuration.parse(configuration.toml(values), "x") == values
    data = configuration.sealed(values)
    assert configuration.of_pump(data) == (values, "")
    config, problem = on_pico.parsed(data)
    assert problem == ""
    assert vars(config) == values


def with_line(old, new):
    assert GOOD.count(old) == 1
    return GOOD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            with_line("pitch_um = 2000 ", "pitch_um = 199 "),
            "x.toml, line 8: pitch_um = 199: is outside; write 200 to 20000",
        ),
        (with_line("pitch_um = 2000 ", "pitch_um = 2000.0 "), "pitch_um = 2000.0: is not a whole number; write 200 to"),
        (with_line("pitch_um = 2000 ", "pitch_um = '2 mm' "), "pitch_um = '2 mm': is not a whole number"),
        (with_line("pitch_um = 2000 ", "pitch_um = true "), "pitch_um = true: is not a whole number"),
        (with_line("has_keys = false", "has_keys = 2"), "has_keys = 2: is outside; write true or false"),
        (
            with_line("has_keys = false", "has_keys = 'no'"),
            "has_keys = 'no': is not a whole number; write true or false",
        ),
        (with_line("has_keys = false", "has_key = false"), "has_key = False: there is no such field; [sensors] has"),
        (with_line("[battery]", "[akku]"), "[akku]: there is no such section; the sections are [drive], [sensors]"),
        (with_line("[battery]", "[[battery]]"), "battery: there is no such section"),
        (with_line("pitch_um = 2000 ", "#"), "x.toml: pitch_um: is missing under [drive]; add e.g. pitch_um = 2000"),
        (
            with_line("has_keys = false", "pitch_um = 2000"),
            "pitch_um = 2000: belongs under [drive], and stands under [sens",
        ),
        ("pitch_um = 2000\n" + GOOD, "pitch_um: there is no such section; it belongs under [drive]"),
        (with_line("volume_calibrated = 0", "volume_calibrated = 20261301"), "write a date such as 2026-01-31, or 0"),
        (
            with_line("volume_calibrated = 0", "volume_calibrated = 1999-01-31"),
            "volume_calibrated = 1999-01-31: is outside",
        ),
        (with_line("force_counts_per_n = 10949", "force_counts_per_n = 0    "), "write -1000000 to 1000000, not 0"),
        (
            with_line("battery_empty_mv = 6600", "battery_empty_mv = 7200"),
            "line 44: battery_empty_mv = 7200: must be below b",
        ),
        (
            with_line("has_force = false", "has_force = true "),
            "force_calibrated = 0: is missing while has_force is true",
        ),
        ("[drive\n", "is no valid TOML"),
        (GOOD + GOOD, "is no valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_line_field_value_and_what_is_allowed(text, words):
    with pytest.raises(BadInput) as refused:
        configuration.parse(text, "x.toml")
    assert words.casefold() in str(refused.value).casefold()
    assert "\n" not in str(refused.value)


def test_several_mistakes_are_all_told_a_line_for_each():
    text = GOOD.replace("pitch_um = 2000 ", "pitch_um = 1 ").replace("travel_um = 140000", "travel_um = 9")
    with pytest.raises(BadInput) as refused:
        configuration.parse(text, "x")
    assert [line.split(":")[1].strip() for line in str(refused.value).splitlines()] == ["pitch_um = 1", "travel_um = 9"]


def test_a_date_may_be_written_as_one_or_as_a_number():
    text = with_line("volume_calibrated = 0", "volume_calibrated = 2026-01-31")
    assert configuration.parse(text, "x")["volume_calibrated"] == 20260131
    assert configuration.parse(text.replace("2026-01-31", "20260131", 1), "x")["volume_calibrated"] == 20260131
    assert tomllib.loads(configuration.toml({**DEFAULTS, "volume_calibrated": 20260131}))["drive"][
        "volume_calibrated"
    ].isoformat() == ("2026-01-31")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * (configuration.MAX_BYTES + 1)])
def test_what_is_no_such_file_is_told_by_its_name(tmp_path, content):
    path = tmp_path / "it.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=r"it\.toml: is "):
        configuration.read(path)
    with pytest.raises(BadInput, match=r"cannot be read.*config new"):
        configuration.read(tmp_path / "none.toml")


def changed(**values):
    its = json.loads(configuration.sealed(configuration.defaults()))
    its.update(values)
    return json.dumps(its).encode()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (None, "config_missing"),
        (b"", "config_damaged"),
        (b"{", "config_damaged"),
        (b"[1]", "config_damaged"),
        (b"\xff" * 90, "config_damaged"),
        (b" " * 5000, "config_damaged"),
        (b'{"format": 1, "format": 1}', "config_damaged"),
        (changed(format=3), "config_format"),
        (changed(pitch_um=8000), "config_check"),
        (changed(pitch_um=1), "config_range.pitch_um"),
        (changed(pitch_um=2000.0), "config_type.pitch_um"),
        (changed(colour=1), "config_unknown.colour"),
        (changed(has_force=1), "config_rule.force_calibrated"),
    ],
)
def test_host_and_pump_have_the_same_word_for_a_bad_file(data, word):
    values, problem = configuration.of_pump(data)
    assert problem == word
    if data is not None:
        assert on_pico.parsed(data)[1] == word or len(data) > settings.MAX_BYTES
    assert len(configuration.problem_words(word, values)) > 40
    for name, value in values.items():
        assert settings.problem_of(name, value) == ""  # so that it can be mended and written


def test_what_an_older_firmware_wrote_is_kept_for_mending():
    old = json.loads(changed(pitch_um=8000))
    del old["wire_uart"]
    values, problem = configuration.of_pump(json.dumps(old).encode())
    assert problem == "config_missing.wire_uart"
    assert values == {**configuration.defaults(), "pitch_um": 8000}
    assert "another version" in configuration.problem_words(problem)


def test_ranges_are_told_in_words():
    assert allowed("has_keys") == "true or false"
    assert allowed("pitch_um") == "200 to 20000"


# --- replacing the file on the board ---------------------------------------------------------------------------------


class Cut(Exception):  # noqa: N818
    """The power is gone."""


class Flash:
    """Stands in for `os` and `open` of a board, in a folder, and loses its power at the n-th thing that is done."""

    def __init__(self, folder, cut_at):
        self.folder, self.left = folder, cut_at

    def tick(self):
        self.left -= 1
        if self.left < 0:
            raise Cut

    def open(self, path, mode):
        self.tick()
        file = (self.folder / path).open(mode)
        write = file.write if "w" in mode else None

        class Written:
            def __enter__(its):  # noqa: N805
                return its

            def __exit__(its, *_):  # noqa: N805
                file.close()

            def read(its):  # noqa: N805
                return file.read()

            def write(its, data):  # noqa: N805
                try:
                    self.tick()
                except Cut:
                    write(data[: len(data) // 2])
                    file.close()
                    raise
                write(data)

        return Written()

    def rename(self, old, new):
        self.tick()
        (self.folder / old).replace(self.folder / new)


def run_replacing(folder, data, cut_at):
    flash = Flash(folder, cut_at)
    flash_os = type("os", (), {"rename": staticmethod(flash.rename)})
    program = board_files.replacing("picoinfuse.json", data).replace("import os\n", "")
    exec(program, {"os": flash_os, "open": flash.open, "print": lambda *_: None})


@pytest.mark.parametrize("before", [None, {"pitch_um": 1000}])
def test_a_power_cut_at_any_step_leaves_a_whole_file(tmp_path, before):
    old = None if before is None else configuration.sealed({**DEFAULTS, **before})
    new = configuration.sealed({**DEFAULTS, "pitch_um": 8000})
    for cut_at in itertools.count():
        folder = tmp_path / str(cut_at)
        folder.mkdir()
        path = folder / "picoinfuse.json"
        if old is not None:
            path.write_bytes(old)
        try:
            run_replacing(folder, new, cut_at)
        except Cut:
            assert (path.read_bytes() if path.exists() else None) in (old, new)
            run_replacing(folder, new, 1000)  # and doing it again mends everything
        else:
            break
    assert path.read_bytes() == new
    assert cut_at > 4
    kept = Path(f"{path}.old")
    assert (kept.read_bytes() if kept.exists() else None) == old
