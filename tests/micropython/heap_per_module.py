"""Prints how many bytes of heap each module of the firmware takes, on the real MicroPython.

    python tests/micropython/heap_per_module.py [MICROPYTHON ...]

Each module is imported after those it imports itself, so that each pays for itself only, and for the second time, so
that the names that all share (MicroPython keeps each word once) stand in a row of their own. The source is folded as
for a Pico. On the PC objects are up to twice as large as there. What only a Pico can import (machine, rp2) is left out
and named.
"""

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

from picoinfuse import fold, manifest

PACKAGE = manifest.PACKAGE

# What runs on MicroPython; sys.argv: the folder, then the modules.
MEASURE = """
import gc
import sys
sys.path.insert(0, sys.argv[1])
gc.threshold(4096)
def used():
    gc.collect()
    return gc.mem_alloc()
empty = used()
for measuring in (False, True):
    for name in sys.argv[2:]:
        before = used()
        try:
            __import__(name)
        except ImportError as error:
            if measuring:
                print(name, "!", error)
            continue
        if measuring:
            print(name, used() - before)
    if not measuring:
        for name in list(sys.modules):
            if name.startswith("picoinfuse_firmware"):
                del sys.modules[name]
        # All that the modules were is garbage now; the names that they brought are kept for ever.
        print("(names)", used() - empty)
gc.collect()
print("free", gc.mem_free())
"""


def imported(path, source):
    """Yield the modules of the firmware that a file imports, wherever the import stands."""
    package = Path(path).parts[:-1]
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*package[: len(package) - node.level + 1], *(node.module or "").split(".")]
            base = [part for part in base if part]
            yield ".".join(base)
            for alias in node.names:
                yield ".".join([*base, alias.name])


def modules(sources):
    """Return the names of the modules of these files (path -> source), each after those it imports."""
    paths = {fold.module_name(path): path for path in sources}
    ordered = []

    def visit(name, above=()):
        if name in ordered or name in above or name not in paths:
            return
        for other in imported(paths[name], sources[paths[name]]):
            visit(other, (*above, name))
        ordered.append(name)

    for name in paths:
        visit(name)
    return ordered


def measured(micropython):
    """Return (module -> bytes, or the reason why it was not imported; bytes that stay free)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        manifest.copy_source(folder)
        files = sorted(folder.rglob("*.py"))
        sources = fold.folded({path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files})
        for path, source in sources.items():
            (folder / path).write_text(source, "utf-8")
        command = [*micropython, "-c", MEASURE, name, *modules(sources)]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    rows = [line.split(" ", 1) for line in said.splitlines()]
    return {name: what[2:] if what.startswith("!") else int(what) for name, what in rows[:-1]}, int(rows[-1][1])


def main():
    table, free = measured(sys.argv[1:] or ["micropython", "-X", "heapsize=384k"])
    left_out = {name: what for name, what in table.items() if isinstance(what, str)}
    for name in left_out:
        del table[name]
    for name, size in sorted(table.items(), key=lambda row: -row[1]):
        print(f"{size:7d}  {name}")
    print(f"{sum(table.values()):7d}  in all; {free} bytes stay free")
    for name, what in left_out.items():
        print(f"      -  {name}: {what}")


if __name__ == "__main__":
    main()
