"""Key stuck: the same key has been pressed for longer than anybody holds one."""

from ..alarms import KEY_STUCK

AFTER_MS = 10000  # GIP 2.3 asks for the alarm; the time is a teaching value


class KeyWatch:
    """Looks once a second."""

    def __init__(self):
        self.pressed = 0  # while it is 0 and no key is down, nobody needs to look
        self._since_ms = 0

    def look(self, now_ms, keys):
        """Return KEY_STUCK when a key of the bits `keys` has been pressed for AFTER_MS without being let go, else 0."""
        held = keys & self.pressed
        if not held:
            self._since_ms = now_ms
            self.pressed = keys
            return 0
        # Other keys may come and go beside it: only those that were down all the time count.
        self.pressed = held
        return KEY_STUCK if now_ms - self._since_ms >= AFTER_MS else 0
