"""Over- and under-delivery: what the screw turned against what was due over the same window."""

from ..alarms import OVER_DELIVERY, UNDER_DELIVERY

WINDOW_MS = 900000  # 15 min [GIP 1.2]
PERCENT = 10  # [GIP 1.2]
LEAST_TURN = 5  # a window also lasts until 1/LEAST_TURN turn is due: there 10 % is well above the encoder's error
FAST_PART_OF_TURN = 32  # over-delivery by more than 10 % and 1/32 turn is told at once


class FlowWatch:
    """Compares the encoder with the steps that are due, window by window."""

    def __init__(self, config):
        self._steps_per_turn = config.steps_per_turn
        self._counts_per_turn = config.encoder_counts_per_turn
        self._least = config.steps_per_turn // LEAST_TURN
        self._fast = config.steps_per_turn // FAST_PART_OF_TURN
        self._since_ms = 0
        self._due = 0
        self._encoder = 0

    def arm(self, now_ms, due, encoder):
        """Begin a window."""
        self._since_ms = now_ms
        self._due = due
        self._encoder = encoder

    def look(self, now_ms, due, encoder):
        """Return OVER_DELIVERY, UNDER_DELIVERY or 0."""
        ordered = due - self._due
        turned = (encoder - self._encoder) * self._steps_per_turn // self._counts_per_turn
        if (turned - ordered - self._fast) * 100 > ordered * PERCENT:
            return OVER_DELIVERY
        if now_ms - self._since_ms < WINDOW_MS or ordered < self._least:
            return 0
        self.arm(now_ms, due, encoder)
        if (turned - ordered) * 100 > ordered * PERCENT:
            return OVER_DELIVERY
        if (ordered - turned) * 100 > ordered * PERCENT:
            return UNDER_DELIVERY
        return 0
