"""What each field of the pump's configuration means: its section in the file for people, its unit, and its words."""

from __future__ import annotations

from picoinfuse_firmware import settings

# Section -> what it is about, and its fields: name -> (unit, meaning). Every field of the firmware is here once.
SECTIONS: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "drive": (
        "Motor, screw and frame",
        {
            "steps_per_turn": ("steps", "motor steps per turn of the screw: 200 times the microsteps, times a gear"),
            "pitch_um": ("um", "travel of the plunger per turn of the screw"),
            "encoder_counts_per_turn": ("counts", "of the encoder on the screw; an AS5600 has 4096"),
            "min_interval_us": ("us", "least time between two steps; the motor still starts from rest at it"),
            "travel_um": ("um", "the longest stroke that the frame has"),
            "backlash_um": ("um", "the most that nut and coupling give way when the screw turns back"),
            "motor_reversed": ("yes or no", "the motor turns the other way round: turn this instead of its plug"),
            "draw_back": ("yes or no", "after an occlusion the plunger is drawn back to relieve the pressure"),
            "volume_ppm": (
                "millionths",
                "what a step gives, of what bore and pitch say: `picoinfuse calibrate steps` finds it by weighing",
            ),
            "volume_calibrated": ("date", "when volume_ppm was found; 0: never"),
        },
    ),
    "sensors": (
        "What is fitted. What is not, is neither tested nor armed, and the pump says so",
        {
            "has_force": ("yes or no", "load cell behind the plunger (HX711); calibrate it first"),
            "has_encoder": ("yes or no", "magnetic encoder on the screw (AS5600)"),
            "has_end_switch": ("yes or no", "switch at the end of the travel"),
            "has_syringe_switch": ("yes or no", "switch that sees whether a syringe is fitted"),
            "has_cover_switch": ("yes or no", "switch at the cover"),
            "has_air_detector": ("yes or no", "bubble detector at the line"),
            "has_mains_sense": ("yes or no", "wire that tells whether the mains supply is there"),
            "has_battery": ("yes or no", "battery with its divider at an analogue input"),
            "has_thermometer": ("yes or no", "thermometer inside the pump: the Pico's own"),
            "has_keys": ("yes or no", "the keys start, bolus and mute"),
            "has_display": ("yes or no", "small display (SSD1306); it shows and senses nothing"),
        },
    ),
    "force": (
        "The load cell",
        {
            "force_min_mn": ("mN", "what it can read at least; below 0 it can be pulled"),
            "force_max_mn": ("mN", "... and at most; a reading at either end is no reading"),
            "force_noise_mn": ("mN", "the least that a live reading trembles, one standard deviation; 0: it need not"),
            "force_zero_counts": ("counts", "raw reading without a load: `picoinfuse calibrate force` finds it"),
            "force_counts_per_n": ("counts per N", "found with it; below 0 if the cell is wired the other way round"),
            "force_calibrated": ("date", "when these two were found; 0: never, and then has_force is refused"),
        },
    ),
    "battery": (
        "The battery",
        {
            "battery_low_mv": ("mV", "at this voltage about half an hour is left; measure yours"),
            "battery_empty_mv": ("mV", "... and at this one nothing; below battery_low_mv"),
            "battery_divider_milli": (
                "thousandths",
                "volts of the battery per volt at the pin: 300k over 100k are 4000",
            ),
        },
    ),
    "temperature": (
        "Inside the pump",
        {
            "temperature_min_mc": ("1/1000 degC", "below it the pump alarms"),
            "temperature_max_mc": ("1/1000 degC", "... and above this"),
        },
    ),
    "wire": (
        "How the host is reached",
        {"wire_uart": ("yes or no", "through the UART on pins, instead of USB")},
    ),
}

UNITS = {name: row[0] for _, fields in SECTIONS.values() for name, row in fields.items()}
MEANINGS = {name: row[1] for _, fields in SECTIONS.values() for name, row in fields.items()}
SECTION_OF = {name: section for section, (_, fields) in SECTIONS.items() for name in fields}
DEFAULTS: dict[str, int] = {row[0]: row[1] for row in settings.FIELDS}
RANGES: dict[str, tuple[int, int]] = {row[0]: (row[2], row[3]) for row in settings.FIELDS}


def is_switch(name: str) -> bool:
    """Return whether a field is yes or no: 0 or 1 on the pump, true or false in the file for people."""
    return UNITS[name] == "yes or no"


def shown(name: str, value: int) -> str:
    """Return a value as the file for people has it: true, a date, or the number."""
    if is_switch(name) and value in (0, 1):
        return "true" if value else "false"
    if name in settings.DATES and value and not settings.problem_of(name, value):
        return f"{value // 10000:04}-{value // 100 % 100:02}-{value % 100:02}"
    return str(value)


def allowed(name: str) -> str:
    """Return what a field takes, in words."""
    if is_switch(name):
        return "true or false"
    if name in settings.DATES:
        return "a date such as 2026-01-31, or 0"
    least, most = RANGES[name]
    return f"{least} to {most}" + (", not 0" if name == "force_counts_per_n" else "")
