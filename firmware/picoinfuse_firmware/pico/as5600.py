"""Encoder: the AS5600 over I2C, its turns added up, and silent when the bus or the magnet is not there.

One transfer reads the magnet's status and the raw angle (0x0B to 0x0D). Turns are told by the shorter way round, so it
has to be looked at before the screw has made half a turn: the motor's highest rate takes 0.8 s for that, and the board
looks in every poll.
"""

import time

from ..board import TICKS_MASK

ADDRESS = 0x36
STATUS = 0x0B  # behind it 0x0C, 0x0D: the raw angle
MAGNET = 0x20  # of the status: there is one
TURN = 4096
SILENT_MS = 500
FRESH_MS = 10  # a reading of this poll is as good as another one
RETRY_MS = 200  # so long after one that failed: each costs up to the bus's time-out


class As5600:
    """The encoder on a bus.Bus. `counts` since it was first read, `angle` of the last reading (0 to 4095)."""

    def __init__(self, bus):
        self._bus = bus
        self._buffer = bytearray(3)
        self._tried_ms = self._read_ms = time.ticks_ms()
        self._wait_ms = 0
        self.counts = 0
        self.angle = -1  # none yet
        self.status = 0  # of the magnet: 0x20 there, 0x10 too weak, 0x08 too strong

    def look(self):
        """Read it, unless that was just done or has just failed."""
        now_ms = time.ticks_ms()
        if (now_ms - self._tried_ms) & TICKS_MASK < self._wait_ms:
            return
        self._tried_ms = now_ms
        buffer = self._buffer
        try:
            self._bus.i2c.readfrom_mem_into(ADDRESS, STATUS, buffer)
        except OSError:
            self._wait_ms = RETRY_MS
            self.status = 0
            self._bus.restart()
            return
        self._wait_ms = FRESH_MS
        self.status = buffer[0]
        if not self.status & MAGNET:
            return
        angle = (buffer[1] & 0x0F) << 8 | buffer[2]
        if self.angle >= 0:
            self.counts += ((angle - self.angle + TURN // 2) & (TURN - 1)) - TURN // 2
        self.angle = angle
        self._read_ms = now_ms

    def encoder(self):
        """Return the counts, as new as FRESH_MS; while it is silent what they were."""
        self.look()
        return self.counts

    def silent(self):
        """Return whether no angle with a magnet came within SILENT_MS, or ever."""
        self.look()
        return self.angle < 0 or (time.ticks_ms() - self._read_ms) & TICKS_MASK > SILENT_MS
