"""Puts the firmware onto a board that runs MicroPython, so that a cut at any moment leaves no half pump that infuses.

The order is the safety: the start file goes first, then what is stale; files are copied and compared by SHA-256; the
journal and the configuration are made if there are none; the manifest is written last but one, the start file last.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from . import bootsel, configuration, manifest, mpy, on_board
from .errors import BadInput, InstallFailed, NoPump, PicoInfuseError, SeveralPumps
from .leaving import running, to_prompt
from .manifest import CONFIGURATION, MANIFEST, PACKAGE, START_FILE, Plan, Staged
from .mpremote import Mpremote
from .on_board import Found, Who
from .port import picos, present

__all__ = ["InstallFailed", "Installed", "Mpremote", "find_port", "install"]

# In one call of mpremote: a second or two, so that the progress is seen, and a slow board stays within its time-out.
AT_ONCE_BYTES = 16_000
AT_ONCE_FILES = 8
JOURNAL_S = 600  # for preparing the journal: 81 sectors are written and each is proven
KEPT_START_FILE = "main_before_picoinfuse.py"
MAKES_JOURNAL = f"{PACKAGE}/pico/make_journal"

# First the start file: from here on the board starts nothing. {start!r} of somebody else is kept under another name.
_CLEAR = """
import os
def there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False
if there({start!r}):
    if {keep!r} and not there({keep!r}):
        os.rename({start!r}, {keep!r})
    else:
        os.remove({start!r})
for path in {gone!r}:
    if there(path):
        os.remove(path)
for path in {folders!r}:
    if not there(path):
        os.mkdir(path)
for path in {old_folders!r}:
    try:
        os.rmdir(path)
    except OSError:
        pass
print('cleared')
"""
_JOURNAL = """
import rp2
from picoinfuse_firmware.pico import make_journal
try:
    print('journal', make_journal.make(rp2.Flash(), anew={anew!r}))
except RuntimeError as error:
    print('problem', error)
"""

Say = Callable[[str], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Installed:
    """What was done, or with dry_run would be: the board, each file with its SHA-256, and what was copied and removed.

    before, after: versions of the firmware; before is "" if there was none, or only a part of one.
    """

    port: str
    platform: str
    micropython: str
    files: dict[str, str]
    copied: tuple[str, ...]
    removed: tuple[str, ...]
    before: str
    after: str


def find_port(port: str = "auto") -> str:
    """Return the port of the board. Raises BadInput for an address, NoPump, SeveralPumps if `auto` finds not one."""
    if port != "auto":
        if "://" in port:
            raise BadInput(
                f"--port = {port!r}: this goes by MicroPython's prompt, which only a board on a cable has; write the "
                "name of its port, such as /dev/ttyACM0 or COM5, or auto"
            )
        return port
    found = picos()
    if len(found) == 1:
        return found[0]
    if found:
        raise SeveralPumps(f"Several boards are plugged in: {', '.join(found)}. Say which one with --port", found)
    waiting = bootsel.waiting()
    if waiting:
        raise NoPump(f"No board to install on, but {waiting}. {bootsel.HOW}")
    raise NoPump(
        f"No Raspberry Pi Pico found on USB (ports present: {', '.join(present()) or 'none'}). Plug it in with a cable "
        "that carries data, or name its port with --port. A new Pico needs MicroPython first: hold BOOTSEL while "
        "plugging it in, then see docs/hardware.md"
    )


def install(
    port: str = "auto",
    say: Say = lambda text: None,
    *,
    source: bool = False,
    dry_run: bool = False,
    new_journal: bool = False,
    progress: Progress = lambda done, total: None,
    wait: Callable[[float], object] = time.sleep,
) -> Installed:
    """Install the firmware on the board at `port`, and verify it; what agrees already is left as it is.

    port: a device name, or "auto" for the one Pico on USB. say: gets one line for each thing done. source: send .py
    also where it could be compiled. dry_run: say what would be done, change nothing. new_journal: a damaged journal may
    be made anew, its records lost. progress: bytes copied of so many. wait: for a board that resets, in seconds.
    Raises BadInput, a PortError (no pump, several, busy, silent, another device), Refused (at work), InstallFailed.
    """
    port = find_port(port)
    state = running(port)
    if state is not None and dry_run:
        say(f"{port}: a pump runs there ({state}). It would be asked to leave its firmware, its files compared with")
        say("the ones here, and replaced where they differ. Nothing was changed")
        return Installed(port, "", "", {}, (), (), "", "")
    if state is not None:
        say(f"{port}: a pump runs there ({state}); it leaves its firmware for MicroPython's prompt")
        to_prompt(port, wait)
    mpremote = Mpremote(port)
    board = on_board.who(mpremote)
    say(f"{port}: MicroPython {board.micropython} on {board.platform} ({board.machine})")
    compiler, why = (None, "--source was given") if source else mpy.fitting(board.mpy)
    say(f"compiled with {compiler.said}" if compiler else f"sent as source: {why}")
    with tempfile.TemporaryDirectory(prefix="picoinfuse-") as name:
        staged = manifest.stage(Path(name), compiler)
        found = on_board.found(mpremote)
        plan = manifest.plan(staged, found.hashes)
        _fits(port, staged, plan, found, board)
        before = found.version if not plan.manifest or MANIFEST in found.hashes else ""
        done = Installed(
            port, board.platform, board.micropython, staged.hashes, plan.copy, plan.stale, before, staged.version
        )
        said = _words(plan, found)
        if dry_run:
            for line in said:
                say(f"would {line}")
            say("Nothing was changed")
            return done
        for line in said:
            say(f"to do: {line}")
        try:
            _do(mpremote, board, staged, plan, found, say, progress, new_journal)
        except BaseException:
            if plan:
                say("It is not whole. The board does not start a half firmware: run picoinfuse install again")
            raise
    say(f"firmware {before or 'none'} -> {staged.version}; {len(staged.hashes)} files agree by SHA-256")
    _restart(mpremote, board, say)
    return done


# ---- what is to be done ----------------------------------------------------------------------------------------


def _fits(port: str, staged: Staged, plan: Plan, found: Found, board: Who) -> None:
    missing = manifest.missing_bytes(staged, plan, found.sizes, found.free_bytes)
    if missing:
        raise InstallFailed(
            f"{port}: the flash of the board is too full: {found.free_bytes // 1024} kB are free and "
            f"{-(-missing // 1024)} kB more are needed. Nothing was changed. Remove files of yours from it "
            f"(mpremote connect {port} fs ls)"
        )


def _words(plan: Plan, found: Found) -> list[str]:
    """Return what is to be done, a line for each thing."""
    words = []
    if found.other_start:
        words.append(f"keep the {START_FILE} that is there as {KEPT_START_FILE}")
    if plan.stale:
        words.append(f"remove {len(plan.stale)} files of another version: {_some(plan.stale)}")
    if plan.copy:
        words.append(f"copy {len(plan.copy)} files: {_some(plan.copy)}")
    if not found.configuration:
        words.append(f"write the bare configuration {CONFIGURATION}: every sensor absent")
    if plan.manifest:
        words.append(f"write {MANIFEST}")
    if plan.start_file:
        words.append(f"write {START_FILE}")
    return words or ["change nothing: every file agrees"]


def _some(paths: Sequence[str]) -> str:
    names = [path.removeprefix(f"{PACKAGE}/") for path in paths]
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


# ---- doing it --------------------------------------------------------------------------------------------------


def _do(
    mpremote: Mpremote,
    board: Who,
    staged: Staged,
    plan: Plan,
    found: Found,
    say: Say,
    progress: Progress,
    new_journal: bool,
) -> None:
    if plan:
        _clear(mpremote, staged, plan, found)
        _copy(mpremote, staged, plan, progress)
        _compare(on_board.found(mpremote), staged, but=(MANIFEST, START_FILE))
    _make_journal(mpremote, board, staged, say, new_journal)
    if not found.configuration:
        from .board_files import replace_file

        replace_file(mpremote, CONFIGURATION, bare_configuration())
        say(f"wrote {CONFIGURATION}: a bare pump, every sensor absent")
    if plan:
        mpremote("fs", "cp", str(staged.folder / MANIFEST), f":{MANIFEST}")
        _compare(on_board.found(mpremote), staged, but=(START_FILE,))
        mpremote("fs", "cp", str(staged.folder / START_FILE), f":{START_FILE}")
        _compare(on_board.found(mpremote), staged)


def bare_configuration() -> bytes:
    """Return the configuration of a pump without any sensor, as it is written if there is none."""
    return configuration.sealed(configuration.defaults())


def _clear(mpremote: Mpremote, staged: Staged, plan: Plan, found: Found) -> None:
    """Take the start file away, then the manifest and what is stale; make the folders."""
    wanted = _folders(staged.hashes)
    old = [folder for folder in found.folders if folder not in wanted]
    mpremote(
        "exec",
        _CLEAR.format(
            start=START_FILE,
            keep=KEPT_START_FILE if found.other_start else "",
            gone=[MANIFEST, *plan.stale],
            folders=wanted,
            old_folders=sorted(old, reverse=True),
        ),
    )


def _folders(paths: Sequence[str] | dict[str, str]) -> list[str]:
    """Return the folders of these paths, each after the one it is in."""
    parents = {str(parent) for path in paths for parent in PurePosixPath(path).parents}
    return sorted(parents - {"."})


def _copy(mpremote: Mpremote, staged: Staged, plan: Plan, progress: Progress) -> None:
    total = sum(staged.sizes[path] for path in plan.copy)
    done = 0
    progress(0, total)
    for folder, paths in _batches(plan.copy, staged.sizes):
        mpremote("fs", "cp", *(str(staged.folder / path) for path in paths), f":{folder}/")
        done += sum(staged.sizes[path] for path in paths)
        progress(done, total)


def _batches(paths: Sequence[str], sizes: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Yield (folder, paths in it), each with no more bytes than one call of mpremote should take."""
    batch: list[str] = []
    for path in sorted(paths, key=lambda path: (str(PurePosixPath(path).parent), path)):
        folder = str(PurePosixPath(path).parent)
        if batch:
            before = str(PurePosixPath(batch[0]).parent)
            full = len(batch) == AT_ONCE_FILES or sum(sizes[one] for one in batch) + sizes[path] > AT_ONCE_BYTES
            if folder != before or full:
                yield before, batch
                batch = []
        batch.append(path)
    if batch:
        yield str(PurePosixPath(batch[0]).parent), batch


def _compare(found: Found, staged: Staged, but: Sequence[str] = ()) -> None:
    """Compare every file on the board with what was sent. Raises InstallFailed naming those that differ."""
    wrong = [path for path, digest in staged.hashes.items() if path not in but and found.hashes.get(path, "") != digest]
    wrong += [path for path in found.hashes if path not in staged.hashes]
    if wrong:
        raise InstallFailed(
            f"Not on the board as they should be: {_some(wrong)}. Run it again; if that does not help, the flash of "
            "the board may be worn"
        )


def _make_journal(mpremote: Mpremote, board: Who, staged: Staged, say: Say, anew: bool) -> None:
    """Let the firmware on the board prepare the sectors of its journal; what is in a sound one stays."""
    if board.platform != "rp2" or not any(path.startswith(MAKES_JOURNAL) for path in staged.hashes):
        return
    # Without `resume`: a soft reset first, so that no module of an older firmware is in memory. No start file runs.
    said = mpremote("exec", _JOURNAL.format(anew=anew), resume=False, timeout_s=JOURNAL_S)
    for line in said.splitlines():
        if line.startswith("journal "):
            say("the journal is kept" if line.endswith("kept") else "the journal's sectors are prepared")
            return
        if line.startswith("problem "):
            raise InstallFailed(
                f"{mpremote.port}: the journal on the board cannot be used ({line[8:]}), and it holds records. To give "
                "them up, run it again with --new-journal"
            )
    raise InstallFailed(f"{mpremote.port}: the journal was not prepared: {said.strip()[-80:]!r}. Run it again")


def _restart(mpremote: Mpremote, board: Who, say: Say) -> None:
    from .board_files import restart

    try:
        if board.platform == "rp2" and restart(mpremote):
            say("the board restarts as a pump: picoinfuse status")
    except PicoInfuseError:
        say("now switch the board off and on: then it is a pump")
