"""What is folded away of the source before it is compiled, and that the firmware does the same without it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from folded import STORIES, fold_into
from picoinfuse import manifest
from picoinfuse.fold import folded, module_name

HERE = Path(__file__).parent


def one(source, **others):
    """Return what becomes of a module `one` in a package `pump` that has these other modules."""
    files = {"pump/__init__.py": "", "pump/one.py": source}
    files |= {f"pump/{name}.py": text for name, text in others.items()}
    return {path: source.strip() for path, source in folded(files).items()}


def test_a_constant_is_written_where_it_is_used_and_is_gone_from_its_module():
    its = one("A = 5\n_B = -A * 2\nC, D = 1 << 4, 'force'\ndef f():\n    return (A, _B, C, D)\n")
    assert its["pump/one.py"] == "def f():\n    return (5, -10, 16, 'force')"


def test_it_crosses_modules_however_it_is_imported():
    its = one(
        "from . import two\nfrom .two import A\nfrom .two import A as LEVEL\nx = two.A + A + LEVEL\n"
        "def f():\n    from .two import B\n    return B\n",
        two="from .three import BASE\nA = BASE + 1\nB = 7\n",
        three="BASE = 1\n",
    )
    assert "x = 2 + 2 + 2" in its["pump/one.py"]
    assert "return 7" in its["pump/one.py"]
    assert "A" not in its["pump/two.py"]
    assert its["pump/three.py"] == ""


def test_two_modules_that_import_each_other_know_each_other_s_constants():
    its = one("from .two import B\nA = 1\nx = B\n", two="from .one import A\nB = 2\nx = A\n")
    assert its["pump/one.py"].endswith("x = 2")
    assert its["pump/two.py"].endswith("x = 1")


@pytest.mark.parametrize(
    "source",
    [
        "A = 1\nA = 2\ndef f():\n    return A",  # no constant
        "A = 1\ndef f(A):\n    return A",  # a parameter of this name
        "A = 1\ndef f():\n    A = 3\n    return A",
        "A = 1\ndef f():\n    return [A for A in (1, 2)]",
        "A = 1\ndef f():\n    global A\n    A += 1",
        "A = 1\nfor A in (1, 2):\n    f(A)",
        "if f:\n    A = 1\nx = A",  # not at the left margin
        "A = f(3)\nx = A",  # not known before it runs
        "A = 1.5\nx = A",
        "A = 'longer than nine'\nx = A",
        "A = (1, 2)\nx = A",
        "a = 1\nx = a",  # not in capitals
        "class One:\n    A = 1\nx = One.A",
    ],
)
def test_what_may_be_something_else_is_left_alone(source):
    assert one(source)["pump/one.py"] == ast.unparse(ast.parse(source))


def test_a_constant_stays_for_a_file_that_asks_for_it_when_it_runs():
    its = one(
        "A = 1\nx = A\n", two="from .one import A\ndef f(A):\n    return A\n", three="from . import one\nf(one, 'x')"
    )
    assert its["pump/one.py"] == "A = 1\nx = 1"
    assert "from .one import A" in its["pump/two.py"]
    assert "from . import one" in its["pump/three.py"]


def test_a_module_whose_name_means_something_else_too_is_asked_when_it_runs():
    its = one("A = 1\n", two="from . import one\ndef f(one):\n    return one.A\nx = one.A\n")
    assert its["pump/one.py"] == "A = 1"
    assert its["pump/two.py"].count("one.A") == 2


def test_what_is_only_for_a_type_checker_is_no_name_any_more():
    assert one("CHECKING = False\nif CHECKING:\n    f()\n")["pump/one.py"] == "if False:\n    f()"


def test_a_number_below_nothing_keeps_its_brackets():
    assert one("A = -2\nx = A ** 2\n")["pump/one.py"] == "x = (-2) ** 2"


def test_an_import_that_is_left_empty_leaves_no_hole():
    its = one("if f:\n    from .two import A\nx = 1\n", two="A = 1\n")
    assert its["pump/one.py"] == "if f:\n    pass\nx = 1"


def test_a_verb_that_is_only_declared_is_left_out_and_one_that_does_something_is_not():
    its = one(
        "class Board:\n"
        "    def move(self):\n        'Says what it is.'\n        raise NotImplementedError\n"
        "    def halt(self):\n        raise NotImplementedError\n"
        "    def fail(self):\n        self.halt()\n        raise NotImplementedError\n"
        "class Empty:\n    def move(self):\n        raise NotImplementedError\n"
    )
    assert "move" not in its["pump/one.py"]
    assert "def halt" not in its["pump/one.py"]
    assert "def fail" in its["pump/one.py"]
    assert its["pump/one.py"].endswith("class Empty:\n    pass")


def test_private_attributes_of_one_file_share_short_names_with_those_of_others():
    its = one(
        "class One:\n    def __init__(self):\n        self._until_ms = self._now_ms = self.open = 0\n"
        "    def _later(self):\n        return self._until_ms\n",
        two="class Two:\n    def __init__(self):\n        self._deadline_ms = self._now_ms = self._a = 0\n",
    )
    assert "self._b = self._now_ms = self.open = 0" in its["pump/one.py"]
    assert "return self._b" in its["pump/one.py"]
    assert "def _later" in its["pump/one.py"]  # a traceback still says where
    assert "self._c = self._now_ms = self._b = 0" in its["pump/two.py"]


@pytest.mark.parametrize(
    "source",
    [
        "self._wait()\ndef _wait():\n    pass",  # a function, or the same name of something else
        "getattr(self, '_until_ms')\nself._until_ms = 1",  # asked for by its text
        "self._until_ms = 1\nf(_until_ms=2)",
        "self.__class__ = 1",
        "sys.implementation._machine",  # of somebody else
        "self._ = 1",
        "from .two import _until_ms\nself._until_ms = 1",
    ],
)
def test_what_could_be_asked_for_otherwise_keeps_its_name(source):
    assert one(source)["pump/one.py"] == ast.unparse(ast.parse(source))


def test_classes_that_derive_from_another_file_s_share_their_attributes_with_it():
    its = one(
        "from .two import Two\nclass One(Two):\n    def f(self):\n        self._mine = 1\n",
        two="class Two:\n    def g(self):\n        self._its = 1\n",
        three="class Three:\n    def h(self):\n        self._other = 1\nclass Four(Three):\n    pass\n",
    )
    assert "self._mine" in its["pump/one.py"]
    assert "self._its" in its["pump/two.py"]
    assert "self._a" in its["pump/three.py"]


@pytest.mark.parametrize(
    ("path", "name"), [("a/__init__.py", "a"), ("a/b.py", "a.b"), ("a/b/__init__.py", "a.b"), ("story.py", "story")]
)
def test_a_module_has_the_name_that_imports_give_it(path, name):
    assert module_name(path) == name


@pytest.fixture(scope="module")
def firmware(tmp_path_factory):
    """The folder of the firmware and of its stories, all folded."""
    folder = tmp_path_factory.mktemp("folded")
    fold_into(folder)
    return folder


@pytest.mark.parametrize("script", STORIES)
def test_the_folded_firmware_answers_byte_for_byte_as_its_source_does(firmware, script):
    """Every refusal, a therapy, an occlusion, a power cut: each line that the pump sends."""
    source = [str(HERE / "micropython" / script), str(manifest.firmware_folder().parent)]
    said = [
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True, timeout=120).stdout
        for arguments in (source, [str(firmware / script), str(firmware)])
    ]
    assert len(said[0]) > 10_000
    assert said[0] == said[1]


def test_few_constants_of_the_firmware_stay(firmware):
    """Each one that stays is a table, a longer text, or a name that means two things: nothing that a poll asks for."""
    numbers = [
        f"{path.relative_to(firmware)}: {ast.unparse(node)}"
        for path in firmware.rglob("*.py")
        for node in ast.parse(path.read_text("utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, int)
    ]
    assert numbers == []
