"""Calls mpremote for one port, as a program of its own, and turns what it says into our errors."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from .errors import InstallFailed, NoPermission, NoPump, PicoInfuseError, PortBusy, SilentPump, WrongDevice

TIMEOUT_S = 120  # for one call; the longest copies some tens of kilobytes


class Mpremote:
    """mpremote at one port. Raises what is in errors.py, each with what to do."""

    def __init__(self, port: str, timeout_s: float = TIMEOUT_S) -> None:
        self.port = port
        self.timeout_s = timeout_s

    def __call__(self, *arguments: str, resume: bool = True, timeout_s: float | None = None) -> str:
        """Return what mpremote printed. resume: join the interpreter as it is; else it is soft-reset first."""
        timeout_s = timeout_s or self.timeout_s
        joined = ("resume", *arguments) if resume else arguments
        command = [sys.executable, "-m", "mpremote", "connect", self.port, *joined]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
        except subprocess.TimeoutExpired:
            raise SilentPump(
                f"{self.port} gave no answer within {timeout_s:g} s. Unplug the board, plug it in again and retry"
            ) from None
        if done.returncode == 0:
            return done.stdout
        raise self._why(done.stderr.strip() or done.stdout.strip(), arguments)

    def _why(self, said: str, arguments: Sequence[str]) -> PicoInfuseError:
        last = said.splitlines()[-1] if said else "nothing"
        if "Permission denied" in said or "PermissionError" in said:
            return NoPermission(f"No permission to open {self.port}: see docs/hardware.md, Installing")
        if "may be in use" in said or "failed to access" in said:
            return PortBusy(f"{self.port} is in use by another program; close it there (a serial terminal? Thonny?)")
        if "no device found" in said:
            return NoPump(f"There is no board at {self.port}. Is the cable in?")
        if "raw repl" in said:
            return WrongDevice(
                f"{self.port} does not answer as MicroPython does. Is it a Pico with MicroPython on it (see "
                "docs/hardware.md), and is no program running on it that ignores Ctrl-C?"
            )
        if "OSError: 28" in said or "ENOSPC" in said or "Errno 28" in said:
            return InstallFailed(f"The board at {self.port} has no room left; remove files from it and run it again")
        if "MemoryError" in said:
            return InstallFailed(f"The board at {self.port} ran out of memory. Unplug it, plug it in again and retry")
        return InstallFailed(f"mpremote {' '.join(arguments[:2])} failed on {self.port}: {last}")
