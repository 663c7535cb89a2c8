"""What the keys do: start/stop, bolus and mute, on the edge of a press; a key that was down from power-on does nothing.

start/stop  starts what is confirmed, pauses what moves, resumes what is paused. In any other state (an alarm stopped
            the motor, everything was given) it has to be held for HOLD_MS, on purpose, and then acknowledges, as a
            host does: only what has lost its cause, and no alarm that came while the key was held.
mute        pauses the sound for two minutes and nothing else, whatever the state.
bolus       is told to the host; where the program has an option `demand` it asks for the patient's bolus, as the
            request of that name does, and an event `demand` says what became of it.

Each press is an event `key`: what it did, or `refused.` and the reason with the value that belongs to it. A start or
resume carries an identity that the pump makes itself; the value of its event is that number.

Whoever presses a key has seen the state for a while. So a key does not move the motor when the state has changed within
SEEN_MS: the person may have wanted the opposite. Pausing is always allowed, so a nervous second press ends in a pause.
Two keys at once are no order at all; one that is stuck (watch/keys.py) does not lame the others.
"""

from binascii import crc32

from . import states
from .board import KEY_BOLUS, KEY_MUTE, KEY_START
from .limits import MAX_MUTE_MS
from .watch.keys import AFTER_MS

HOLD_MS = 2000  # on purpose, and longer than anybody leans on a key
SEEN_MS = 1000  # a person sees a state and decides; engineer's judgement
_ALL = KEY_START | KEY_BOLUS | KEY_MUTE


class Keypad:
    """The keys of one pump (a Controller). `look` is called while a key is down or was; `down` are the bits it saw."""

    def __init__(self, pump):
        self._pump = pump
        self.down = self._dead = _ALL  # what is down at the first look has no edge, and is not counted beside others
        self._pressed_ms = 0  # when a key was pressed last
        self._held_ms = -1  # since when the start key is held to acknowledge
        self._heard = ()  # the alarms there were then
        self._changed_ms = 0  # when the state changed last
        self._made = 0  # identities

    def changed(self, now_ms):
        """The state of the pump is another one from now on."""
        self._changed_ms = now_ms

    def look(self, now_ms, keys):
        """Act on what was pressed since the last look."""
        still = keys & self.down
        pressed = keys & ~self.down
        self.down = keys
        self._dead &= keys
        if now_ms - self._pressed_ms >= AFTER_MS:
            self._dead |= still
        others = still & ~self._dead
        if self._held_ms >= 0:
            self._hold(now_ms, keys, pressed)
        if not pressed:
            return
        self._pressed_ms = now_ms
        if others or pressed not in (KEY_START, KEY_BOLUS, KEY_MUTE):
            self._refuse("two_keys", keys)
            return
        gate = self._pump.requests.gate
        if gate is not None:
            why = gate.key(now_ms, pressed)
            if why:
                self._refuse(why, gate.level)
                return
        if pressed == KEY_START:
            self._start(now_ms)
        elif pressed == KEY_MUTE:
            self._tell("mute", self._pump.requests.mute(now_ms, MAX_MUTE_MS), MAX_MUTE_MS)
        else:
            self._bolus(now_ms)

    # ---- inside --------------------------------------------------------------------------------------------

    def _bolus(self, now_ms):
        pump = self._pump
        if pump.requests.companions and now_ms - self._changed_ms < SEEN_MS:
            self._refuse("state_changed", now_ms - self._changed_ms)
            return
        pump.event("key", "bolus", 0)
        for companion in pump.requests.companions:
            if companion.key(now_ms, self._identity):
                return

    def _start(self, now_ms):
        pump = self._pump
        state = pump.state
        requests = pump.requests
        if state in states.MOVING:
            self._tell("pause", requests.pause(now_ms), 0)
        elif state != states.READY and state != states.PAUSED:
            self._held_ms = now_ms
            self._heard = list(pump.alarms.codes)
        elif now_ms - self._changed_ms < SEEN_MS:
            self._refuse("state_changed", now_ms - self._changed_ms)
        else:
            identity = self._identity(now_ms)
            what = "start" if state == states.READY else "resume"
            do = requests.start if state == states.READY else requests.resume
            self._tell(what, do(now_ms, identity), int(identity, 16))

    def _hold(self, now_ms, keys, pressed):
        """The start key was pressed where it has to be held."""
        since_ms = self._held_ms
        if not keys & KEY_START:
            self._held_ms = -1
            self._refuse("hold_longer", now_ms - since_ms)
        elif pressed:
            self._held_ms = -1  # another one beside it
        elif now_ms - since_ms >= HOLD_MS:
            self._held_ms = -1
            for code in self._pump.alarms.codes:
                if code not in self._heard:  # it came while the key was held: nobody has seen it
                    self._refuse("alarm_active", code)
                    return
            self._tell("acknowledge", self._pump.requests.acknowledge(now_ms), 0)

    def _tell(self, what, answer, value):
        """Tell what became of a request: (answer, values) as requests.py gives it."""
        if answer[0] == "refused":
            self._refuse(answer[1][0], answer[1][1])
        else:
            self._pump.event("key", what, value)

    def _refuse(self, reason, value):
        self._pump.event("key", "refused." + reason, value)

    def _identity(self, now_ms):
        """Return eight hex digits that the journal does not know."""
        journal = self._pump.journal
        while True:
            self._made += 1
            text = b"key %d %d %d" % (journal.boot, now_ms, self._made)
            identity = "%08x" % (crc32(text) & 0xFFFFFFFF)
            if not journal.knows(identity):
                return identity
