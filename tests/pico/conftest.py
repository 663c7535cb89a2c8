"""A Pico's hardware for every test of this folder that asks for it."""

import pytest

from pico.fake_machine import PARTS, forget, install


@pytest.fixture
def pico(monkeypatch):
    """The modules of pico/ on a fake machine; `pico.world` is what a test sees and sets."""
    found = install(monkeypatch)
    yield found
    forget(PARTS)
