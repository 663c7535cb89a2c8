"""Every firmware file compiles for the chip."""

import subprocess
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware" / "picoinfuse_firmware"

pytestmark = pytest.mark.micropython


@pytest.mark.parametrize("path", sorted(FIRMWARE.rglob("*.py")), ids=lambda path: path.relative_to(FIRMWARE).as_posix())
def test_a_firmware_file_compiles_for_the_pico(path, mpy_cross, tmp_path):
    done = subprocess.run(
        [mpy_cross, "-march=armv6m", "-o", str(tmp_path / "out.mpy"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out.mpy").stat().st_size > 0
