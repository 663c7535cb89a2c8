"""Modules that have done what they are for are forgotten on MicroPython, and read anew when they are asked again."""

import sys
import types

import pytest

from picoinfuse_firmware import modules


@pytest.fixture
def package(monkeypatch):
    """Two modules that stand in the package `firmware` and in its `pico`, of which `modules` is a part."""
    for name in ("firmware", "firmware.pico", "firmware.stand", "firmware.pico.parts"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
        above, _, own = name.rpartition(".")
        if above:
            setattr(sys.modules[above], own, sys.modules[name])
    monkeypatch.setattr(modules, "__name__", "firmware.modules")
    return sys.modules["firmware"]


def on(monkeypatch, name):
    monkeypatch.setattr(modules.sys, "implementation", types.SimpleNamespace(name=name))


def test_they_are_forgotten_with_their_names_in_the_package_above(package, monkeypatch):
    on(monkeypatch, "micropython")
    modules.forget("stand", "pico.parts", "never.imported")
    assert not hasattr(package, "stand")
    assert not hasattr(package.pico, "parts")
    assert not {"firmware.stand", "firmware.pico.parts"} & set(sys.modules)
    modules.forget("stand")  # once more is nothing


def test_elsewhere_memory_is_not_dear_and_nothing_is_forgotten(package, monkeypatch):
    on(monkeypatch, "cpython")
    modules.forget("stand")
    assert package.stand is sys.modules["firmware.stand"]
