"""A balance's table is read as spreadsheets write it, or refused with the line and the reason."""

import pytest

from picoinfuse.errors import BadInput
from picoinfuse_sim.iec.balance import WATER_G_ML, density_of, read


@pytest.fixture
def table(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "balance.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


@pytest.mark.parametrize(
    "text",
    [
        "time_s,volume_ml\n0,0\n30,0.04\n",
        "Time (s), Volume (mL)\r\n0, 0\r\n30, 0.04\r\n",
        "\ufefftime_s;volume_ml\n0;0,0\n30;0,04\n",
        "# a balance wrote this\n\nt\tV [mL]\n0\t0\n30\t4e-2\n\n",
        "remark,volume_ul,time_min\nbegin,0,0\n,40,0.5\n",
        "0,0\n30,0.04\n",
        f"seconds,mass_g\n0,0\n30,{0.04 * WATER_G_ML}\n",
        f"time_h;mass (mg)\n0;0\n{1 / 120};{40 * WATER_G_ML}\n",
        "time_s,volume_ml,mass_g\n0,0,9\n30,0.04,99\n",
    ],
)
def test_names_signs_marks_and_units_of_columns_may_differ(table, text):
    times, volumes = read(table(text))
    assert times == pytest.approx([0, 30])
    assert volumes == pytest.approx([0, 0.04])


def test_a_mass_is_divided_by_the_density(table):
    assert read(table("time_s,mass_g\n0,0\n30,1.05\n"), density_of("1.05 g/mL"))[1] == pytest.approx([0, 1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"holds no line; its columns are time_s, and volume_ml or mass_g"),
        ("# nothing\n\n", "holds no line"),
        ("time_s\n0\n30\n", "line 1 has no column volume_ml or mass_g; it says 'time_s'"),
        ("volume_ml\n0\n", "line 1 has no column time_s"),
        ("time_s,time_min,volume_ml\n0,0,0\n", "line 1 has 2 columns time_s"),
        ("0,0,0\n1,1,1\n", "line 1 names no columns and has 3 numbers"),
        ("time_s,volume_ml\n0,0\n30,much\n", "line 3: 'much' is not a number"),
        ("time_s,volume_ml\n0,0\n\n30\n", "line 4: column 2 is empty"),
        ("time_s,volume_ml\n0,nan\n", "line 2: 'nan' is not a number"),
        ("time_s,volume_ml\n0,inf\n", "line 2: 'inf' is not a number"),
        ("time_s,volume_ml\n0,1_0\n", "line 2: '1_0' is not a number"),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(table, text, said):
    with pytest.raises(BadInput, match=said):
        read(table(text))


def test_a_file_that_is_not_there_or_no_text_is_refused(table, tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(BadInput, match="is no text in UTF-8"):
        read(table("time_s,volume_ml\n0,0\n", "utf-16"))


@pytest.mark.parametrize(
    ("text", "said"),
    [("1.0", "no unit"), ("1 g", "no mass by volume"), ("13.5 g/mL", "outside 0.5 to 3"), ("x", "number")],
)
def test_a_density_that_is_none_is_refused(text, said):
    with pytest.raises(BadInput, match=said):
        density_of(text)
