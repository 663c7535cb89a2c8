"""What must survive a power cut: whether a program was under way, which one, and what was asked for.

The state record is one line of words with a check value. It names the program, which is a record of its own, written
before; where the program stands is a third one (checkpoint.py), of which reserve.py says when it is written. In this
order, so that a start that is in the state has both: a cut before it leaves a pump that never started.
"""

from binascii import crc32

from . import checkpoint
from .board import PROGRAM, RESERVE, STATE
from .program import of_text

KEPT = 12  # identities: the newest ones; a host asks at once after it came back
RUNNING = "running"
DONE = "done"
STOPPED = "stopped"
POWER_LOST = "power_lost"
UNKNOWN = "unknown"
_LETTER = {RUNNING: "r", DONE: "d", STOPPED: "s", POWER_LOST: "p"}
_WORD = {"r": RUNNING, "d": DONE, "s": STOPPED, "p": POWER_LOST}


class Journal:
    """Reads the state when the pump starts and writes it when something changes."""

    def __init__(self, board):
        self._board = board
        self.boot = 1
        self.under_way = False
        self.reserved_nl = 0  # of the dose; in the state record it is that of a program which is over
        self.check = "-"
        self.run = 0  # starts of a program so far
        self.step = (0, 1)  # the volume of its motor step: pl_num, pl_den
        self._ids = []  # [id, letter of the outcome, verb]
        self.failing = False  # the pump found an error in itself: this program is not gone on with after a restart
        self.pressing = False  # an occlusion is drawn back: if power fails now, pressure is left in the line
        self.lost = False  # power failed during a program, and nobody has acknowledged that yet
        self.damaged = False
        self.failed = False  # a record could not be written
        data = board.load(STATE)
        if data is not None:
            try:
                self._read(data)
            except (ValueError, IndexError):
                # Nobody knows what it held, or it is of another version: the worst is assumed.
                self.damaged = self.lost = True
        for entry in self._ids:
            if entry[1] == "r":
                entry[1] = "p"
        self.save()

    def _read(self, data):
        body, _, check = bytes(data).partition(b"*")
        if b"%08x" % (crc32(body) & 0xFFFFFFFF) != check:
            raise ValueError
        words = body.decode().split(" ")
        self.boot = int(words[0]) + 1
        self.lost = words[1][0] != "0"
        self.failing = words[1][0] == "2"
        self.pressing = words[1][1:] == "d"
        self.reserved_nl = int(words[2])
        self.check = words[3]
        self.run = int(words[4])
        self.step = (int(words[5]), int(words[6]))
        for word in words[7:]:
            self._ids.append([word[:8], word[8], word[9:]])

    def save(self):
        """Write the state."""
        flag = "0"
        if self.under_way or self.lost:
            flag = "2" if self.failing else "1"
        if self.pressing:
            flag += "d"
        words = [str(self.boot), flag, str(self.reserved_nl), self.check]
        words += [str(self.run), str(self.step[0]), str(self.step[1])]
        for entry in self._ids:
            words.append("".join(entry))
        body = " ".join(words).encode()
        self.keep(STATE, b"%s*%08x" % (body, crc32(body) & 0xFFFFFFFF))

    def keep(self, what, data):
        """Save a record; `failed` says afterwards if one could not be."""
        try:
            self._board.save(what, data)
        except OSError:
            self.failed = True  # not raised: who saves is often just stopping the motor

    def begin(self, program, step):
        """A program is about to start: keep it. The state follows with `accept`, after the first checkpoint."""
        self.keep(PROGRAM, b"%s*%s" % (program.text().encode(), program.check().encode()))
        self.under_way = True
        self.failing = self.pressing = False
        self.run += 1
        self.check = program.check()
        self.step = (step.pl_num, step.pl_den)

    def program(self):
        """Return the program that the state names, or None if its record is gone, damaged, or of another one."""
        body, _, check = bytes(self._board.load(PROGRAM) or b"").partition(b"*")
        if check != self.check.encode() or b"%08x" % (crc32(body) & 0xFFFFFFFF) != check:
            return None
        try:
            return of_text(body.decode())
        except (ValueError, TypeError, IndexError):
            return None  # of another version of the firmware

    def place(self):
        """Return the Checkpoint of the start that the state names, or None if there is none."""
        place = checkpoint.read(self._board.load(RESERVE), self.check)
        return None if place is None or place.run != self.run else place

    def give_up(self):
        """The pump found an error in itself: after a restart nobody goes on with this program."""
        self.failing = True
        self.save()

    def loss_is_known(self):
        """A person has acknowledged that power was lost."""
        self.lost = self.pressing = False
        self.save()

    def presses(self, on):
        """Write down that drawing back an occlusion begins, or is over."""
        self.pressing = on
        self.save()

    def knows(self, identity):
        """Return whether this identity came before."""
        return self.outcome(identity)[0] != UNKNOWN

    def accept(self, identity, verb, outcome):
        """Write down that a request was accepted, before it is done."""
        self._ids.append([identity, _LETTER[outcome], verb])
        if len(self._ids) > KEPT:
            self._forget_one()
        self.save()

    def _forget_one(self):
        """Forget the oldest identity; one that still runs must not turn into `unknown`."""
        for i in range(len(self._ids)):
            if self._ids[i][1] != "r":
                self._ids.pop(i)
                return

    def end(self, identity, outcome):
        """Write down how a running request ended."""
        for entry in self._ids:
            if entry[0] == identity and entry[1] == "r":
                entry[1] = _LETTER[outcome]
        self.save()

    def end_all(self, outcome):
        """All that still runs ends like this."""
        for entry in self._ids:
            if entry[1] == "r":
                entry[1] = _LETTER[outcome]

    def outcome(self, identity):
        """Return (outcome, verb) of an identity."""
        for entry in self._ids:
            if entry[0] == identity:
                return _WORD[entry[1]], entry[2]
        return UNKNOWN, "-"

    def reserve(self, nl, place):
        """Write down that up to `nl` of the dose may have been delivered. place: a Checkpoint."""
        self.reserved_nl = nl
        self.keep(RESERVE, checkpoint.write(place, self.check))
