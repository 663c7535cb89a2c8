"""What a target-controlled infusion keeps on the disk while it runs, so that a host which is started again can go on.

The pump says what was delivered since; the model before that stands here. It is taken only for the very start of which
it was kept: a later one has more drug in the body than this knows of.
"""

from __future__ import annotations

import json
import os
from binascii import crc32
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import BadInput
from .models import TEACHING
from .notebook import Notebook
from .syringes import Syringe
from .tci_model import MODELS, TciModel

if TYPE_CHECKING:
    from .pump import Pump
    from .tci import Tci

FILE = "tci-state.json"
FORMAT = 1
NOTEBOOK = "requests.jsonl"  # beside it, as run.py names it
BY_HAND = "a person goes on by hand, and no target is begun while there is drug in the body (docs/tci.md)"


def keep(tci: Tci, folder: Path) -> None:
    """Write down how the model stands, replacing what stood there. What cannot be written stops no infusion."""
    model = tci.order.model
    said = {name: its.name if isinstance(its, Syringe) else its for name, its in tci.said.items()}
    its = {"model": model.name, "person": dict(model.person), "order": said, "kept": tci.kept()}
    whole = {"format": FORMAT, "for": TEACHING, "crc32": _check(its), **its}
    with suppress(OSError):
        new = folder / (FILE + ".new")
        new.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        os.replace(new, folder / FILE)


def read(folder: str | Path) -> tuple[Tci, str]:
    """Return what was kept in the folder of a run, and the identity of its start. Raises BadInput."""
    from .tci import Tci

    path = Path(folder) / FILE
    try:
        whole = json.loads(path.read_text(encoding="utf-8"))
        its = {key: whole[key] for key in ("model", "person", "order", "kept")}
        if whole["format"] != FORMAT or whole["crc32"] != _check(its) or its["model"] not in MODELS:
            raise ValueError("it was altered, or another version wrote it")
        tci = Tci(getattr(TciModel, its["model"])(**its["person"]), **its["order"])
        tci.restore(its["kept"])
        return tci, str(its["kept"]["start"])
    except FileNotFoundError:
        raise BadInput(
            f"go on = {str(folder)!r}: there is no {FILE} in it; give the folder of a run of `picoinfuse tci` that has "
            f"begun. Without it {BY_HAND}"
        ) from None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BadInput(f"go on = {str(folder)!r}: {FILE} cannot be used ({error}); {BY_HAND}") from error


def go_on(folder: str | Path, pump: Pump) -> Tci:
    """Return the infusion that a host of before began in this folder, with its model brought to now; wait for it then:

    `pump.wait(on_telemetry=tci.telemetry, on_event=tci.event)`. A pump that is paused stays so until a person resumes
    it. What came in the meantime counts as given evenly. Raises BadInput if this pump is not under way with that very
    start, ContactLost.
    """
    tci, start = read(folder)
    pump.notebook = Notebook(Path(folder) / NOTEBOOK)
    found = pump.outcome(start)
    if found.what != "running":
        raise BadInput(
            f"go on = {str(folder)!r}: its start is not what this pump is under way with ({found.text}), so what is in "
            f"the body is not known here; {BY_HAND}"
        )
    tci.folder = Path(folder)
    tci.attach(pump)
    return tci


def newest(root: str | Path = "runs") -> Path | None:
    """Return the folder below `root` in which a state was kept last; None if there is none."""
    found = [path for path in Path(root).glob(f"*/{FILE}") if path.is_file()]
    return max(found, key=lambda path: path.stat().st_mtime).parent if found else None


def _check(its: dict[str, Any]) -> str:
    """Return the check value of what stands in the file."""
    return f"{crc32(json.dumps(its, sort_keys=True).encode()):08x}"
