"""Which files belong on the board, under which hashes; and what has to be done to a board that has others."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from . import fold
from .errors import InstallFailed
from .mpy import Compiler

PACKAGE = "picoinfuse_firmware"
MANIFEST = f"{PACKAGE}/manifest.json"
START_FILE = "main.py"  # MicroPython runs it at power-on
START_LINE = f"from {PACKAGE}.pico import main; main.run()\n"
CONFIGURATION = "picoinfuse.json"
BLOCK_BYTES = 4096  # of the file system of a Pico: a file takes whole ones
# What is for people only, and would fill the memory of a Pico for nothing: texts, and the levels of its pins.
HOST_ONLY = ("alarm_texts.py", "reasons.py", "pico/pin_table.py")
JOURNAL_BYTES = 83 * BLOCK_BYTES  # the folder /journal: 81 sectors, its map, and itself
SPARE_BYTES = 32768  # that must stay free: what the file system itself needs while it writes


@dataclass(frozen=True)
class Staged:
    """The files as they go to the board, in a folder of this machine. hashes, sizes: by path, the manifest included."""

    folder: Path
    version: str
    hashes: dict[str, str]
    sizes: dict[str, int]


@dataclass(frozen=True)
class Plan:
    """What a board needs. copy: files, the manifest not among them; stale: paths to remove."""

    copy: tuple[str, ...]
    stale: tuple[str, ...]
    manifest: bool
    start_file: bool

    def __bool__(self) -> bool:
        return bool(self.copy or self.stale or self.manifest or self.start_file)


def firmware_folder() -> Path:
    """Return the folder of the firmware package as it is installed on this machine. It is found, not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise InstallFailed(f"The package {PACKAGE} is not installed here; run pip install again")
    return Path(spec.origin).parent


def stage(folder: Path, compiler: Compiler | None) -> Staged:
    """Put what belongs on the board into `folder`, compiled or as source, with its manifest and the start file."""
    copy_source(folder)
    if compiler is not None:
        compile_all(folder, compiler)
    its_version = version("picoinfuse")
    staged = sorted(path for path in (folder / PACKAGE).rglob("*") if path.is_file())
    hashes = {path.relative_to(folder).as_posix(): sha256(path.read_bytes()) for path in staged}
    (folder / MANIFEST).write_bytes(text(its_version, hashes).encode())
    (folder / START_FILE).write_bytes(START_LINE.encode())
    for name in (MANIFEST, START_FILE):
        hashes[name] = sha256((folder / name).read_bytes())
    return Staged(folder, its_version, hashes, {name: (folder / name).stat().st_size for name in hashes})


def copy_source(folder: Path) -> None:
    """Copy what of the firmware's source a board needs into `folder`."""
    source = firmware_folder()
    for path in source.rglob("*.py"):
        if path.relative_to(source).as_posix() not in HOST_ONLY:
            target = folder / PACKAGE / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def compile_all(folder: Path, compiler: Compiler) -> None:
    """Put compiled files in the place of all source in `folder`, which is where imports begin. Raises InstallFailed."""
    sources = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
    for path, source in sorted(fold.folded(sources).items()):
        (folder / path).write_text(source, "utf-8")
        compiler(folder / path, (folder / path).with_suffix(".mpy"), fold.module_name(path))
        (folder / path).unlink()


def text(its_version: str, hashes: Mapping[str, str]) -> str:
    """Return the manifest: what the board itself compares with its files before it lets the pump infuse."""
    return json.dumps({"version": its_version, "files": dict(sorted(hashes.items()))}, separators=(",", ":"))


def plan(staged: Staged, found: Mapping[str, str]) -> Plan:
    """Return what is to be done on a board with these files (path -> SHA-256; the package and the start file)."""
    differing = [path for path, digest in staged.hashes.items() if found.get(path) != digest]
    return Plan(
        copy=tuple(path for path in differing if path not in (MANIFEST, START_FILE)),
        stale=tuple(sorted(path for path in found if path not in staged.hashes)),
        manifest=MANIFEST in differing,
        start_file=START_FILE in differing,
    )


def missing_bytes(staged: Staged, its: Plan, found_bytes: Mapping[str, int], free_bytes: int) -> int:
    """Return how many bytes are missing on the board for this plan, 0 if it fits. found_bytes: sizes by path there."""
    wanted = sum(_blocks(staged.sizes[path]) for path in its.copy)
    # What is replaced or removed gives its room back.
    gone = sum(_blocks(found_bytes.get(path, 0)) for path in (*its.copy, *its.stale))
    # Where no installation was completed, the journal is still to be made.
    spare = SPARE_BYTES if MANIFEST in found_bytes else SPARE_BYTES + JOURNAL_BYTES
    return max(0, wanted - gone + spare - free_bytes) if wanted else 0


def _blocks(size: int) -> int:
    return -(-size // BLOCK_BYTES) * BLOCK_BYTES


def sha256(data: bytes) -> str:
    """Return the SHA-256 in hex digits."""
    return hashlib.sha256(data).hexdigest()
