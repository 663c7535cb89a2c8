"""Planned syringes: how many an order may take. The pump empties each to its last step before it asks for the next."""

MAX_SYRINGES = 100


def check(option, program, step, config):
    """Check an option `syringes`; that their content suffices is checked with the volume, in limits.py."""
    if option.what != "-":
        return ("bad_option", 0, 0)
    if len(option.numbers) != 1:
        return ("bad_option", 0, 1)
    if not 1 <= option.numbers[0] <= MAX_SYRINGES:
        return ("syringes_range", option.numbers[0], MAX_SYRINGES)
    return None
