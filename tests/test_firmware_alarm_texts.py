"""Every alarm has its two sentences, and the pump itself never loads them."""

import subprocess
import sys

import pytest

from picoinfuse_firmware import alarm_texts, alarms


def test_there_are_texts_for_the_alarms_of_the_table_and_for_no_other():
    assert list(alarm_texts.TEXTS) == [row.code for row in alarms.TABLE]


@pytest.mark.parametrize("row", alarms.TABLE, ids=lambda row: row.name)
def test_an_alarm_says_what_it_is_and_what_to_do(row):
    for sentence in (alarm_texts.text(row), alarm_texts.action(row)):
        assert sentence
        assert sentence[0].isupper()
        assert not sentence.endswith(".")


def test_no_sentence_takes_a_draw_back_for_granted_since_a_configuration_may_have_none():
    """Bug: with draw_back = 0 the end of an infusion spoke of what was drawn back."""
    sentences = [words for row in alarms.TABLE for words in (alarm_texts.text(row), alarm_texts.action(row))]
    spoken = [words for words in sentences if "drawn back" in words or "draw" in words]
    assert spoken
    assert all("whether anything was drawn back" in words for words in spoken)


def test_the_pump_does_not_load_them():
    loads = "import sys, picoinfuse_firmware.controller; print('picoinfuse_firmware.alarm_texts' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", loads], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
