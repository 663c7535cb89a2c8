"""A drug library for tests, as the pump reads it: morphine in mg, oxytocin in units, something per kg."""

from binascii import crc32

MG = 10**6  # ng
UNIT = 10**6  # uU
ML = 10**6  # nL
H_MS = 3600000

MORPHINE = (
    f"drug morphine.ng conc={MG}/{ML},{2 * MG}/{ML} rate=-,-,{2 * MG},{5 * MG} bolus=-,{MG // 2},{2 * MG},{5 * MG} "
    f"speed=-,-,-,{60 * MG} dose=-,-,{60 * MG},{100 * MG} in_1h=-,-,{10 * MG},{20 * MG} in_4h=-,-,{40 * MG},{60 * MG} "
    "lockout=300000,360000,-,-"
)
OXYTOCIN = f"drug oxytocin.uU conc=10000/{ML} rate=-,{30000},{1200000},{2400000}"
REMIFENTANIL = (
    f"drug remifentanil.ng conc=50000/{ML} rate=-,-,-,{2 * MG} rate_kg=-,-,{6000},{12000} bolus_kg=-,-,500,1000 "
    f"dose_kg=-,-,-,{50000} weight=3000,5000,100000,150000"
)
ROWS = ("picoinfuse library 1 test-1", MORPHINE, OXYTOCIN, REMIFENTANIL)


def sealed(rows=ROWS):
    """Return the text of a library of these lines."""
    text = "".join(row + "\n" for row in rows)
    return text + f"check {crc32(text.encode()):08x}\n"


def file(*drugs, version="test-1"):
    """Return the text of a library of these drugs (default: all)."""
    return sealed((f"picoinfuse library 1 {version}", *(drugs or ROWS[1:])))
