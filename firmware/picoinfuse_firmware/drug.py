"""What is in the syringe: a drug by its name, its concentration and its unit; and the patient's weight."""

UNITS = ("ng", "uU", "nmol", "nEq")  # of mass, of activity (micro-units), of substance, of charge
MAX_NAME = 24  # characters, without the unit
MAX_AMOUNT = 1000000000000000  # ng: a kilogram, more than any syringe holds
MAX_AMOUNT_VOLUME_NL = 1000000000000  # a cubic metre: the volume only makes the ratio whole
MIN_WEIGHT_G, MAX_WEIGHT_G = 200, 500000  # teaching values: from the smallest child born alive to the heaviest adult
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_-"


def is_name(name):
    """Return whether this can be the name of a drug: 1 to MAX_NAME small letters, digits, `-` and `_`."""
    return 0 < len(name) <= MAX_NAME and not name.strip(_LETTERS)


def check(option, program, step, config):
    """Check an option `drug` or `weight`."""
    if option.kind == "weight":
        if option.what != "-":
            return ("bad_option", 0, 0)
        if len(option.numbers) != 1:
            return ("bad_option", 0, 1)
        weight_g = option.numbers[0]
        if not MIN_WEIGHT_G <= weight_g <= MAX_WEIGHT_G:
            return ("weight_range", weight_g, MIN_WEIGHT_G if weight_g < MIN_WEIGHT_G else MAX_WEIGHT_G)
        return None
    name, _, unit = option.what.partition(".")
    if not is_name(name) or unit not in UNITS:
        return ("bad_option", 0, 0)
    if len(option.numbers) != 2:
        return ("bad_option", 0, len(option.numbers) + 1)
    if not 1 <= option.numbers[0] <= MAX_AMOUNT:
        return ("concentration_range", option.numbers[0], MAX_AMOUNT)
    if not 1 <= option.numbers[1] <= MAX_AMOUNT_VOLUME_NL:
        return ("concentration_range", option.numbers[1], MAX_AMOUNT_VOLUME_NL)
    return None
