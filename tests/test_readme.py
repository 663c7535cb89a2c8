"""What the README shows is what happens: its Python is run as it stands there."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
SNIPPETS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_readme_is_one_screen_and_says_what_it_must():
    assert len(README.splitlines()) <= 50
    for words in ("pip install . && picoinfuse run hydration", "pip install '.[test]' && pytest", "docs/hydration.png"):
        assert words in README
    assert "teaching only" in README


def test_the_bench_closes_the_clamp_runs_and_draws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(SNIPPETS[0], names)
    assert names["record"].result()["outcome"] == "alarm"
    assert any(Path().glob("*.png"))


def test_the_pump_on_the_cable_is_used_as_shown(tmp_path, monkeypatch, capsys):
    import picoinfuse as pi

    monkeypatch.chdir(tmp_path)
    connect = pi.connect
    monkeypatch.setattr(pi, "connect", lambda url="sim://": connect(url))
    exec(SNIPPETS[1], {})
    assert "complete" in capsys.readouterr().out


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_is_about_five_lines(snippet):
    assert len(snippet.splitlines()) <= 6
