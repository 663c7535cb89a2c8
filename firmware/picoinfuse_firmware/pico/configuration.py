"""Reads the configuration from the flash: what stands in it, or safe defaults and the word that says what is wrong.

With a problem the pump must not infuse; that is main's and the self-test's to see to. The defaults have no sensor at
all, so nothing that is wired otherwise than believed is read, and no wire is driven that a bare Pico would not drive.
"""

import json
import os

from .. import settings
from ..config import Config

PATH = "/picoinfuse.json"
MISSING = "config_missing"  # there is no file
DAMAGED = "config_damaged"  # there is one, and it cannot be read


def read(path=PATH):
    """Return (Config, problem); problem: "", or a word as settings.check gives it, or MISSING or DAMAGED.

    Never raises: whatever a power cut or a hand has left there, the pump has to start and say it.
    """
    try:
        size = os.stat(path)[6]
    except OSError:
        return Config(), MISSING
    try:
        # A folder has the size 0 on the Pico, or fails to open: both are damage.
        if not 0 < size <= settings.MAX_BYTES:
            return Config(), DAMAGED
        with open(path, "rb") as file:
            return parsed(file.read())
    except Exception:
        return Config(), DAMAGED


def parsed(data):
    """Return (Config, problem) of the bytes of a file. Never raises."""
    try:
        text = str(data, "utf-8")
        values = json.loads(text)
        # A key given twice leaves no trace in the dict, but two more quotes in the text: each key has two, and the
        # check value is the only text among the values.
        if type(values) is not dict or text.count('"') != 2 * len(values) + 2 * (type(values.get("check")) is str):
            return Config(), DAMAGED
        problem = settings.check(values)
        if problem:
            return Config(), problem
        return Config(**{name: values[name] for name in settings.NAMES}), ""
    except Exception:  # MicroPython raises ValueError, RuntimeError or MemoryError for what is no JSON
        return Config(), DAMAGED
