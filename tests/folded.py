"""The firmware as it is compiled for a board, folded, with the stories that are told of it on every interpreter."""

from pathlib import Path

from picoinfuse import manifest
from picoinfuse.fold import folded

STORIES = ("conformance.py", "refusals.py", "beyond.py", "closed_loop.py", "ward.py")
BESIDE = (*STORIES, "story.py", "toy_board.py")
HERE = Path(__file__).parent / "micropython"


def fold_into(folder):
    """Write the firmware and its stories there; a story is run as `folder / name`, with the folder as its argument."""
    manifest.copy_source(folder)
    for name in BESIDE:
        (folder / name).write_bytes((HERE / name).read_bytes())
    sources = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.py")}
    for path, source in folded(sources).items():
        (folder / path).write_text(source, "utf-8")
