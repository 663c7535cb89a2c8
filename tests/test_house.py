"""The rules of the house, read from the source: who imports whom, what the firmware may use, which docs are fresh."""

import ast
import importlib.util
import io
import re
import tokenize
from pathlib import Path

import pytest

from picoinfuse_firmware import alarms

ROOT = Path(__file__).parent.parent
FIRMWARE = ROOT / "firmware" / "picoinfuse_firmware"
HOST = ROOT / "host" / "picoinfuse"
SIM = ROOT / "sim" / "picoinfuse_sim"
LONGEST_FILE = 400  # lines; a longer one is asking to be two

# The firmware's pure tables and arithmetic, which the host may use as well.
PURE = {
    "access",
    "alarm_texts",
    "alarms",
    "board",
    "companion",
    "config",
    "demand",
    "dose",
    "dose_limit",
    "drug",
    "eventlog",
    "hold",
    "kinds",
    "ledger",
    "library",
    "limits",
    "loop_limits",
    "messages",
    "options",
    "people",
    "program",
    "program_limits",
    "ratio",
    "reasons",
    "seal",
    "settings",
    "states",
    "syringe_plan",
    "texts",
    "wire",
}
FIRMWARE_STDLIB = {"binascii", "collections", "hashlib", "micropython", "sys"}


def sources(*folders):
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def named(path):
    return path.relative_to(ROOT).as_posix()


def all_of(*folders):
    return pytest.mark.parametrize("path", sources(*folders), ids=named)


def imports(path):
    """Yield (relative level, module, names) of every import in a file, wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", tuple(alias.name for alias in node.names)


def in_pico(path):
    return "pico" in path.relative_to(FIRMWARE).parts[:-1]


@all_of(FIRMWARE)
def test_the_firmware_imports_itself_relatively_and_almost_nothing_else(path):
    for level, module, _ in imports(path):
        if level == 0 and not in_pico(path):
            assert module in FIRMWARE_STDLIB, f"imports {module}"
        assert not module.startswith(("picoinfuse", "picoinfuse_sim"))


@all_of(FIRMWARE)
def test_the_firmware_knows_whole_numbers_only(path):
    if in_pico(path):
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            assert not isinstance(node.value, (float, complex)), f"line {line}: a float"
        if isinstance(node, (ast.BinOp, ast.AugAssign)):
            assert not isinstance(node.op, ast.Div), f"line {line}: `/` makes a float; `//` does not"
        if isinstance(node, ast.Name):
            assert node.id not in ("float", "round"), f"line {line}: {node.id}"
        if isinstance(node, (ast.AsyncFunctionDef, ast.Await)):
            pytest.fail(f"line {line}: asyncio binds a clock of its own")


@all_of(FIRMWARE)
def test_only_the_board_knows_the_time_and_nothing_is_random(path):
    if in_pico(path):
        return
    for level, module, _ in imports(path):
        if level == 0:
            assert module.split(".")[0] not in ("time", "utime", "random", "urandom", "machine", "rp2", "asyncio")


@all_of(HOST)
def test_the_host_never_imports_the_simulator_and_only_pure_tables_of_the_firmware(path):
    for level, module, names in imports(path):
        if level:
            continue
        assert module.split(".")[0] != "picoinfuse_sim"
        if module == "picoinfuse_firmware":
            assert set(names) <= PURE | {"VERSION"}, f"imports {names}"
        elif module.startswith("picoinfuse_firmware."):
            assert module.split(".")[1] in PURE, f"imports {module}"


@pytest.mark.parametrize("name", sorted(PURE))
def test_what_the_host_uses_of_the_firmware_is_pure_itself(name):
    path = FIRMWARE / f"{name}.py"
    for level, module, names in imports(path):
        if level:
            wanted = {module} if module else set(names)
            assert wanted <= PURE, f"{named(path)} pulls in {wanted - PURE}"


@all_of(FIRMWARE, HOST, SIM)
def test_no_file_is_longer_than_it_can_be_read(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@all_of(FIRMWARE, HOST, SIM)
def test_the_first_line_of_a_file_says_what_it_decides(path):
    text = path.read_text("utf-8")
    if text.strip():
        first = ast.get_docstring(ast.parse(text))
        assert first, "has no docstring"
        assert len(first.splitlines()[0]) > 10


@all_of(FIRMWARE, HOST, SIM, ROOT / "tests", ROOT / "docs")
def test_promises_stand_in_issues_and_not_in_the_code(path):
    for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
        if token.type == tokenize.COMMENT:
            assert not re.search(r"\b(TODO|FIXME|XXX)\b", token.string), f"line {token.start[0]}: {token.string}"


def waits_in_real_time(node):
    """Whether a test function carries the mark `real` or `micropython`."""
    marks = [ast.unparse(decorator) for decorator in getattr(node, "decorator_list", [])]
    return any(mark in ("pytest.mark.real", "pytest.mark.micropython") for mark in marks)


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=named)
def test_no_test_sleeps_unless_it_is_marked_as_real(path):
    for function in ast.parse(path.read_text("utf-8")).body:
        if waits_in_real_time(function):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                assert not name.startswith("sleep"), f"line {node.lineno}: a sleep"


def exists(name, *more):
    """Whether a file is there, told from the root, from one of the packages, or from the folders in `more`."""
    folders = (ROOT, ROOT / "firmware", ROOT / "host", ROOT / "sim", FIRMWARE, HOST, SIM, *more)
    return any((folder / name).exists() for folder in folders)


@pytest.mark.parametrize("document", [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"], ids=named)
def test_every_file_that_a_document_names_exists(document):
    """Paths in back-ticks and in links."""
    text = document.read_text("utf-8")
    words = re.findall(r"`([\w./-]+/[\w./-]+\.(?:py|md|toml|txt|png))`", text) + re.findall(r"\]\(([\w./-]+)\)", text)
    assert [word for word in words if not exists(word, document.parent)] == []


def test_the_tour_leads_to_files_that_exist():
    tour = (ROOT / "docs" / "tour.md").read_text("utf-8")
    rows = [line for line in tour.splitlines() if line.startswith("|")]
    files = [word for row in rows for word in re.findall(r"`([\w./-]+\.(?:py|md|toml|txt))`", row)]
    assert files, "docs/tour.md has no table question -> file"
    assert [name for name in files if not exists(name)] == []


def make_of_docs():
    spec = importlib.util.spec_from_file_location("docs_make", ROOT / "docs" / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    return make


@pytest.mark.parametrize("row", alarms.TABLE, ids=lambda row: row.name)
def test_one_file_decides_an_alarm_and_has_its_own_tests(row):
    """The only watch that imports its constant from the table; two alarms have no watch but a file that is named."""
    make = make_of_docs()
    constant = row.name.upper()
    assert getattr(alarms, constant) == row.code
    deciders = make.decided_in(constant)
    assert len(deciders) == 1, f"{constant} is decided in {deciders}"
    assert re.search(rf"\b{constant}\b", (FIRMWARE / deciders[0]).read_text("utf-8"), re.IGNORECASE)
    assert (ROOT / "tests" / make.tested_in(deciders[0])).exists()


def test_the_generated_documents_are_fresh():
    for name, fresh in make_of_docs().files().items():
        path = ROOT / "docs" / name
        assert path.exists(), f"docs/{name} is not there: run `python docs/make.py`"
        assert path.read_text("utf-8") == fresh, f"docs/{name} is stale: run `python docs/make.py`"
