"""Finds boards that wait for an image: a Pico in its boot loader is a USB drive, and no serial port."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

INFO_FILE = "INFO_UF2.TXT"  # the boot loader of every RP2040 and RP2350 shows this file on its drive
VENDOR = "2e8a"
PRODUCTS = {"0003": "RP2040", "000f": "RP2350"}  # of the boot loaders

HOW = (
    "It has no MicroPython running. Download the image (a .uf2 file) for your board from micropython.org/download "
    "(Raspberry Pi Pico, or Pico 2) and copy it onto the drive RPI-RP2 (RP2350 for a Pico 2) that the board shows; it "
    "restarts by itself. Then run this again"
)


def waiting() -> str:
    """Return which board in BOOTSEL mode is plugged in, in words, or ""."""
    drive = _drive(_volumes())
    if drive:
        return f"a board in BOOTSEL mode is plugged in (the drive {drive})"
    chip = _on_usb(Path("/sys/bus/usb/devices"))
    return f"an {chip} in BOOTSEL mode is plugged in" if chip else ""


def _volumes() -> list[Path]:
    """Return where this system shows its drives."""
    if sys.platform == "win32":
        return [Path(f"{letter}:/") for letter in "DEFGHIJKLMNOPQRSTUVWXYZ"]
    if sys.platform == "darwin":
        return _inside([Path("/Volumes")])
    return _inside([Path("/media"), Path("/run/media"), *_inside([Path("/media"), Path("/run/media")])])


def _inside(folders: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for folder in folders:
        try:
            found += sorted(folder.iterdir())
        except OSError:
            continue
    return found


def _drive(volumes: Iterable[Path]) -> str:
    """Return the first of these drives that is a boot loader's, or ""."""
    for volume in volumes:
        try:
            if (volume / INFO_FILE).is_file():
                return str(volume)
        except OSError:
            continue
    return ""


def _on_usb(devices: Path) -> str:
    """Return the chip of the first boot loader that Linux has seen on USB, also where nothing mounts its drive."""
    for device in _inside([devices]):
        try:
            vendor = (device / "idVendor").read_text("ascii").strip()
            product = (device / "idProduct").read_text("ascii").strip()
        except (OSError, ValueError):
            continue
        if vendor == VENDOR and product in PRODUCTS:
            return PRODUCTS[product]
    return ""
