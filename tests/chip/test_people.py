"""People and a drug library on the chip: files on its own flash, its own SHA-256 and chance, its own journal."""

import pytest

import peoples
import picoinfuse as pi
from chip.conftest import BOOT_US, health_now, settings
from picoinfuse.errors import Refused
from picoinfuse.library import Library
from picoinfuse.options import Option

pytestmark = pytest.mark.chip


def code(name):
    return peoples.STAFF[name][1]


def morphine(rate):
    options = [Option.drug("morphine", "1 mg/mL"), Option.weight("70 kg")]
    return pi.Program.continuous(rate=rate, volume="1 mL", syringe="BD 60 mL", options=options)


def test_people_log_in_confirm_and_are_held_to_the_library_and_a_power_cut_forgets_no_lock(power):
    files = {"access.txt": peoples.file(double_check=1).encode(), "library.txt": Library.read().text.encode()}
    chip, pump = power(settings(), files=files)
    assert (pump.problem(), pump.status().people_words()[:21]) == ("", "nobody is logged in; ")
    print("health, nobody has logged in", health_now(chip, pump))

    with pytest.raises(Refused, match="nobody is logged in"):
        pump.load(morphine("1 mL/h"))
    pump.login("anna", code("anna"))
    with pytest.raises(Refused, match="above the hard limit 5 mg/h"):
        pump.load(morphine("6 mL/h"))
    pump.load(morphine("1 mL/h"))
    with pytest.raises(Refused, match="another person"):
        pump.confirm()
    pump.login("hugo", code("hugo"))
    pump.confirm()
    pump.login("anna", code("anna"))
    pump.start()
    chip.run(3_000_000)
    with pytest.raises(Refused, match="above the soft limit 1 mg/h"):
        pump.rate("2 mL/h")
    pump.rate("2 mL/h", override="pain")
    pump.lock(2)
    with pytest.raises(Refused, match="the code is wrong"):
        pump.login("bert", "wrong-1234")
    chip.run(3_000_000)
    assert pump.status().state == "infusing"
    health = health_now(chip, pump)
    print("health, a drug of the library infuses", health)
    assert health["least_free_bytes"] > 60_000
    assert health["poll_us_max"] < 1_000_000  # of staging by the library, while the motor stands

    nonces = {pump.session.ask("login", ("anna", 0))["nonce"] for _ in range(3)}
    chip.cut_power()
    chip.power_up()
    chip.run(BOOT_US)
    pump.hello()
    status = pump.status()
    assert (status.who, status.lock) == ("-", 2)
    with pytest.raises(Refused, match="nobody logs in under this name"):
        pump.login("bert", code("bert"))
    nonces |= {pump.session.ask("login", ("anna", 0))["nonce"] for _ in range(3)}
    assert len(nonces) == 6
    pump.login("anna", code("anna"))
    pump.acknowledge()
    pump.resume()
    chip.run(2_000_000)
    with pytest.raises(Refused, match="above the hard limit 5 mg/h"):
        pump.rate("6 mL/h", override="pain")
    by = [entry.what for entry in pump.log() if entry.kind in ("by", "denied", "override")]
    print(by)
    assert "hugo.confirm" in by
    assert "bert.code" in by


def test_a_damaged_file_of_people_is_told_on_the_chip(power):
    for files in ({"access.txt": peoples.file()[:-9].encode()}, {"access.txt": b"\xff\xfe\x00" * 50}):
        _, pump = power(settings(), files=files)
        assert pump.problem() == "access_damaged"
        assert pump.status().state == "alarm"
