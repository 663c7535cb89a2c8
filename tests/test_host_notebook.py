"""The notebook: what is going to be sent stands on the disk before it is sent, whatever happens to the host."""

import pytest

from picoinfuse.errors import BadInput
from picoinfuse.notebook import Entry, Notebook


def test_an_entry_is_open_until_its_outcome_is_known(tmp_path):
    path = tmp_path / "requests.jsonl"
    book = Notebook(path)
    book.note("0badcafe", "bolus", "2 mL")
    assert Notebook(path).open() == [Entry("0badcafe", "bolus", "2 mL", "sent")]
    book.mark("0badcafe", "answered")
    assert Notebook(path).open() == [Entry("0badcafe", "bolus", "2 mL", "answered")]
    book.mark("0badcafe", "done")
    assert Notebook(path).open() == []
    assert Notebook(path).entries() == [Entry("0badcafe", "bolus", "2 mL", "done")]


def test_without_a_path_it_is_kept_in_memory():
    book = Notebook()
    book.note("0badcafe", "start", "")
    assert [entry.id for entry in book.open()] == ["0badcafe"]


def test_a_host_killed_while_it_writes_leaves_no_entry_or_a_whole_one(tmp_path):
    whole = tmp_path / "whole.jsonl"
    book = Notebook(whole)
    book.note("00000001", "start", "")
    book.note("00000002", "bolus", "2 mL")
    data = whole.read_bytes()
    for cut in range(len(data) + 1):
        path = tmp_path / "cut.jsonl"
        path.write_bytes(data[:cut])
        again = Notebook(path)
        assert len(again.open()) == data[:cut].count(b"\n")
        again.note("00000003", "start", "")
        assert [entry.id for entry in Notebook(path).open()][-1] == "00000003"
        assert len(Notebook(path).open()) == data[:cut].count(b"\n") + 1


def test_another_file_is_not_taken_for_a_notebook(tmp_path):
    path = tmp_path / "x"
    path.write_text("hello\nworld\nagain\n", encoding="utf-8")
    with pytest.raises(BadInput, match="line 1 is no entry"):
        Notebook(path)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_sent(tmp_path):
    with pytest.raises(BadInput, match="nothing was sent"):
        Notebook(tmp_path / "missing" / "x").note("00000001", "start", "")
