"""The benchmark measures whole infusions and says where the time goes."""

import json

from picoinfuse_sim import benchmark, commands


def test_it_reports_what_it_measured():
    result = benchmark.run(hours=0.02, runs=1)
    assert result["polls"] == 720
    assert result["us_per_poll"] > 0
    assert result["board_share"] > 0
    assert result["realtime_ratio"] > 0 < result["realtime_ratio_wire"]
    assert "x real time" in benchmark.words(result)[1]


def test_a_long_time_is_given_from_several_syringes(monkeypatch):
    monkeypatch.setattr(benchmark, "_LONGEST_H", 0.01)
    assert benchmark._seconds(0.03, wire=False) > 0


def test_the_last_line_of_json_is_the_result(capsys):
    commands.benchmark(json=True, hours="0.1")
    assert set(json.loads(capsys.readouterr().out.splitlines()[-1])) >= {
        "realtime_ratio",
        "realtime_ratio_wire",
        "us_per_poll",
    }


def test_faults_are_listed(capsys):
    commands.faults()
    assert "clamp@TIME[:DURATION]" in capsys.readouterr().out
