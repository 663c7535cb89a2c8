"""Motor stalled: the screw turned less than was stepped. If it turned further, that is over-delivery."""

from ..alarms import MOTOR_STALLED, OVER_DELIVERY

# The tolerated difference is 1/50 turn: four full steps of a 200-step motor, far above the encoder's error.
PART_OF_TURN = 50


class StallWatch:
    """Compares steps with encoder counts since it was armed."""

    def __init__(self, config):
        self._steps_per_turn = config.steps_per_turn
        self._counts_per_turn = config.encoder_counts_per_turn
        self._tolerance = config.steps_per_turn * config.encoder_counts_per_turn // PART_OF_TURN
        self._zero = 0

    def arm(self, steps, encoder):
        """Begin from here."""
        self._zero = steps * self._counts_per_turn - encoder * self._steps_per_turn

    def look(self, steps, encoder):
        """Return MOTOR_STALLED, OVER_DELIVERY or 0."""
        behind = steps * self._counts_per_turn - encoder * self._steps_per_turn - self._zero
        if behind > self._tolerance:
            return MOTOR_STALLED
        return OVER_DELIVERY if -behind > self._tolerance else 0
