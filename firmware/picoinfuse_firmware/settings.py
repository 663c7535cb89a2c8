"""Which fields the pump's configuration has, their defaults and limits, and whether a set of values may be used.

Pure: the host asks it too. All numbers are whole, units stand in the names, and what a field means is told by the host
(its texts would only fill the Pico's memory). On the Pico the values stand in a JSON file beside "format" and "check".
"""

from binascii import crc32

FORMAT = 1  # of the file; another number means other fields or another meaning
MAX_BYTES = 4096  # of the file: four times what it needs
MILLION = 1000000

# name, default, least, most. The defaults are a bare pump: the drive of docs/hardware.md, and no sensor at all.
FIELDS = (
    # The drive: a 200-step motor at 16 microsteps on a lead screw of 2 mm pitch.
    ("steps_per_turn", 3200, 200, 51200),
    ("pitch_um", 2000, 200, 20000),
    ("encoder_counts_per_turn", 4096, 64, 65536),
    ("min_interval_us", 500, 20, 20000),  # a 200-step motor still starts from rest at the default
    ("travel_um", 140000, 1000, 500000),  # teaching value, for the 121 mm of a full 140 mL
    ("backlash_um", 100, 0, 2000),
    ("motor_reversed", 0, 0, 1),
    ("draw_back", 1, 0, 1),
    ("volume_ppm", MILLION, 900000, 1100000),
    ("volume_calibrated", 0, 0, 20991231),
    # The sensors that are fitted.
    ("has_force", 0, 0, 1),
    ("has_encoder", 0, 0, 1),
    ("has_end_switch", 0, 0, 1),
    ("has_syringe_switch", 0, 0, 1),
    ("has_cover_switch", 0, 0, 1),
    ("has_air_detector", 0, 0, 1),
    ("has_mains_sense", 0, 0, 1),
    ("has_battery", 0, 0, 1),
    ("has_thermometer", 0, 0, 1),
    ("has_keys", 0, 0, 1),
    ("has_display", 0, 0, 1),
    # The load cell: it can be pulled (below 0) and pressed up to 20 kg. Its noise: half of what an HX711 gives with a
    # cell of 20 kg (20 mN; engineer's memory, measure it). Counts: 1 mV/V at 20 kg on gain 128, 2147484 in 196.133 N.
    ("force_min_mn", -50000, -500000, 0),
    ("force_max_mn", 196000, 1000, 500000),
    ("force_noise_mn", 10, 0, 1000),
    ("force_zero_counts", 0, -8388608, 8388607),
    ("force_counts_per_n", 10949, -1000000, 1000000),
    ("force_calibrated", 0, 0, 20991231),
    # Two lithium cells through a divider. Teaching values, as the discharge curve of the simulator's battery has them.
    ("battery_low_mv", 7200, 1000, 60000),
    ("battery_empty_mv", 6600, 500, 60000),
    ("battery_divider_milli", 4000, 1000, 50000),
    # The inside of the pump; both are engineer's memory, teaching values.
    ("temperature_min_mc", 5000, -40000, 40000),
    ("temperature_max_mc", 60000, 0, 125000),
    ("wire_uart", 0, 0, 1),
)
NAMES = tuple([row[0] for row in FIELDS])
DATES = ("volume_calibrated", "force_calibrated")  # yyyymmdd, or 0: never
EARLIEST = 20200101
MAX_NAME = 32  # characters of an unknown name that are told; the longest of ours has 23


def defaults():
    """Return a new dict of every field with its default."""
    return {row[0]: row[1] for row in FIELDS}


def has(values):
    """Return the names of the fitted sensors, for Board.has, in the order of the table (which is board.SENSORS')."""
    return tuple([name[4:] for name in NAMES if name[:4] == "has_" and name != "has_display" and values[name]])


def check_value(values):
    """Return eight hex digits over the format and every field, in the order of the table."""
    text = "format=%d\n" % FORMAT
    for name in NAMES:
        text += "%s=%d\n" % (name, values[name])
    return "%08x" % (crc32(text.encode()) & 0xFFFFFFFF)


def sealed(values):
    """Return what belongs into the file: the values with their format and check value."""
    whole = {"format": FORMAT, "check": check_value(values)}
    for name in NAMES:
        whole[name] = values[name]
    return whole


def problem_of(name, value):
    """Return what is wrong with one value as "config_type.NAME" or "config_range.NAME", or ""."""
    for row in FIELDS:
        if row[0] == name:
            break
    else:
        return "config_unknown." + name
    if type(value) is not int:  # a bool and a float are none, and MicroPython's bool is no int either
        return "config_type." + name
    if not row[2] <= value <= row[3]:
        return "config_range." + name
    if name in DATES and value and not (value >= EARLIEST and 1 <= value // 100 % 100 <= 12 and 1 <= value % 100 <= 31):
        return "config_range." + name
    if name == "force_counts_per_n" and value == 0:
        return "config_range." + name
    return ""


def rule(values):
    """Return the first rule between fields that is broken, as "config_rule.NAME", or "". Each value is in its range.

    The ranges themselves see to it that force_min_mn is below force_max_mn.
    """
    if values["battery_empty_mv"] >= values["battery_low_mv"]:
        return "config_rule.battery_empty_mv"
    if values["temperature_min_mc"] >= values["temperature_max_mc"]:
        return "config_rule.temperature_min_mc"
    # A bare cell's zero may be off by more than a syringe needs: until it is calibrated it tells nothing.
    if values["has_force"] and not values["force_calibrated"]:
        return "config_rule.force_calibrated"
    return ""


def check(values):
    """Return the first problem of what a file holds (a dict with "format" and "check") as a word, or "" for none."""
    if type(values) is not dict or values.get("format") != FORMAT or type(values["format"]) is not int:
        return "config_format"
    for name in NAMES:
        if name not in values:
            return "config_missing." + name
    for name in values:
        if name not in NAMES and name != "format" and name != "check":
            return "config_unknown" + ("." + name if _is_name(name) else "")
    for name in NAMES:
        problem = problem_of(name, values[name])
        if problem:
            return problem
    problem = rule(values)
    if problem:
        return problem
    return "" if values.get("check") == check_value(values) else "config_check"


def _is_name(name):
    """Whether an unknown name can be told in a word on the wire."""
    if not 0 < len(name) <= MAX_NAME:
        return False
    for letter in name:
        if letter not in "abcdefghijklmnopqrstuvwxyz0123456789_":
            return False
    return True
