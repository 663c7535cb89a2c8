"""A Pico in its boot loader is seen by its drive, or by its numbers on USB."""

import pytest

from picoinfuse import bootsel


def test_the_drive_of_a_boot_loader_is_found_among_others(tmp_path):
    for name in ("PHOTOS", "RPI-RP2"):
        (tmp_path / name).mkdir()
    (tmp_path / "RPI-RP2" / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\n", "utf-8")
    volumes = bootsel._inside([tmp_path, tmp_path / "not there"])
    assert bootsel._drive(volumes) == str(tmp_path / "RPI-RP2")


@pytest.mark.parametrize(("product", "chip"), [("0003", "RP2040"), ("000f", "RP2350"), ("0005", "")])
def test_a_boot_loader_on_usb_is_told_by_its_numbers(tmp_path, product, chip):
    for name, vendor, number in (("1-1", "1d6b", "0002"), ("1-2", "2e8a", product)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "idVendor").write_text(f"{vendor}\n", "ascii")
        (tmp_path / name / "idProduct").write_text(f"{number}\n", "ascii")
    (tmp_path / "1-0:1.0").mkdir()  # an interface has no numbers
    assert bootsel._on_usb(tmp_path) == chip


def test_what_is_plugged_in_is_said_in_words(monkeypatch):
    monkeypatch.setattr(bootsel, "_drive", lambda volumes: "")
    monkeypatch.setattr(bootsel, "_on_usb", lambda devices: "RP2040")
    assert bootsel.waiting() == "an RP2040 in BOOTSEL mode is plugged in"
    monkeypatch.setattr(bootsel, "_drive", lambda volumes: "/media/me/RPI-RP2")
    assert bootsel.waiting() == "a board in BOOTSEL mode is plugged in (the drive /media/me/RPI-RP2)"
    monkeypatch.setattr(bootsel, "_drive", lambda volumes: "")
    monkeypatch.setattr(bootsel, "_on_usb", lambda devices: "")
    assert bootsel.waiting() == ""


@pytest.mark.parametrize("platform", ["linux", "darwin", "win32"])
def test_every_system_shows_its_drives_somewhere(monkeypatch, platform):
    monkeypatch.setattr(bootsel.sys, "platform", platform)
    assert isinstance(bootsel._volumes(), list)
