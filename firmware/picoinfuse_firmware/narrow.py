"""How many steps were made since a record was written, by the angle of the screw: absolute within its turn.

The count of turns is lost with the power, so this says something only where less than a turn can have been made. A
screw that was turned by hand meanwhile is seen if it stands where the motor cannot have brought it; else it is not, and
turned back it makes the count too low, by no more than what was reserved.
"""

from .watch.flow import COUPLING_MDEG, LOAD_ANGLE_MDEG, NONLINEARITY_MDEG

DETENT_MDEG = 900  # without current a rotor snaps to its next full step of 1.8 degrees
# All of it at its worst, since the count must never be too low: 4.3 degrees, 14 uL in a 60 mL syringe.
WORST_MDEG = 2 * NONLINEARITY_MDEG + LOAD_ANGLE_MDEG + COUPLING_MDEG + DETENT_MDEG
SCREW_MOVED = "screw_moved"  # a note: it stands where the motor cannot have brought it


def uncertain_steps(config):
    """Return how far a count by the angle may be from the truth, in motor steps, rounded up."""
    counts = -(-WORST_MDEG * config.encoder_counts_per_turn // 360000) + 1
    return -(-counts * config.steps_per_turn // config.encoder_counts_per_turn)


def steps_between(place, angle, config):
    """Return (least, most, note): the steps of a Checkpoint's lane that were made. angle: of now, or None."""
    least, most = place.given, place.reserved
    reserved = most - least
    if angle is None or place.angle < 0 or not reserved:
        return least, most, ""
    turn, counts = config.steps_per_turn, config.encoder_counts_per_turn
    uncertain = uncertain_steps(config)
    if reserved + 2 * uncertain >= turn:
        return least, most, ""
    # From a little before the record's place on, so that a reading that errs backwards is no turn ahead.
    back = -(-uncertain * counts // turn)
    turned = (angle - place.angle + back) % counts - back
    low, high = turned * turn // counts - uncertain, -(-turned * turn // counts) + uncertain
    if low > reserved:
        return least, most, SCREW_MOVED
    return max(least, least + low), min(most, least + high), ""
