"""What must survive a power cut: whether a program was under way, how much it may have given, and what was asked for.

The record is one line of words with a check value. The dose is reserved ahead: before a step is laid, the record
holds a volume that it cannot pass, so that after a cut `delivered` is known within the reserve and never too low.
"""

from binascii import crc32

KEPT = 12  # identities: the newest ones; a host asks at once after it came back
RUNNING = "running"
DONE = "done"
STOPPED = "stopped"
POWER_LOST = "power_lost"
UNKNOWN = "unknown"
_LETTER = {RUNNING: "r", DONE: "d", STOPPED: "s", POWER_LOST: "p"}
_WORD = {"r": RUNNING, "d": DONE, "s": STOPPED, "p": POWER_LOST}


class Journal:
    """Reads the record when the pump starts and writes it when something changes."""

    def __init__(self, board):
        self._board = board
        self.boot = 1
        self.under_way = False
        self.reserved_nl = 0
        self.check = "-"
        self._ids = []  # [id, letter of the outcome, verb]
        self.lost = False  # power failed during a program, and nobody has acknowledged that yet
        self.damaged = False
        self.failed = False  # a record could not be written
        data = board.load()
        if data is not None:
            self._read(data)
        for entry in self._ids:
            if entry[1] == "r":
                entry[1] = "p"
        self.save()

    def _read(self, data):
        body, _, check = bytes(data).partition(b"*")
        if b"%08x" % (crc32(body) & 0xFFFFFFFF) != check:
            # Nobody knows what it held: the worst is assumed.
            self.damaged = self.lost = True
            return
        words = body.decode().split(" ")
        self.boot = int(words[0]) + 1
        self.lost = words[1] == "1"
        self.reserved_nl = int(words[2])
        self.check = words[3]
        for word in words[4:]:
            self._ids.append([word[:8], word[8], word[9:]])

    def save(self):
        """Write the record."""
        words = [str(self.boot), "1" if self.under_way or self.lost else "0", str(self.reserved_nl), self.check]
        for entry in self._ids:
            words.append("".join(entry))
        body = " ".join(words).encode()
        try:
            self._board.save(b"%s*%08x" % (body, crc32(body) & 0xFFFFFFFF))
        except OSError:
            self.failed = True  # not raised: who saves is often just stopping the motor

    def loss_is_known(self):
        """A person has acknowledged that power was lost."""
        self.lost = False
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

    def reserve(self, nl):
        """Write down that up to `nl` may have been delivered."""
        self.reserved_nl = nl
        self.save()
