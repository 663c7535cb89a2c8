"""What the Pico keeps without power, and where: state, program, reserve and history (the newest counts), and the log.

Each is a ring of raw sectors (ring.py) in the files of /journal (sectors.py). A record costs one or a few page
programs of 0.4 ms, and 1.7 ms with all that Python does for it (emulated chip; 4 ms for a state of 400 bytes). Erasing
stalls the processor for 45 ms, at worst 400 ms: `prepare` does it while the motor stands, so that an ordinary infusion
needs none. One that does is covered by the look-ahead of 700 ms.
"""

from .layout import AREAS, HISTORY, LOG
from .ring import Ring

EIO = 5


class Store:
    """The verbs save, load, log, logged and log_range of the board, over a Sectors.

    problem: a word if the journal is missing or not where it should be. Then nothing is kept, and `save` and `log`
    raise OSError: the pump must not infuse.
    """

    def __init__(self, sectors, areas=AREAS):
        self._sectors = sectors
        self._rings = {}
        self._later = {}  # areas whose ring is made when it is asked for: most pumps never have a history
        for area in areas:
            if area.name == HISTORY:
                self._later[HISTORY] = area
            else:
                self._rings[area.name] = Ring(sectors, area)
        self._log = self._rings[LOG]

    @property
    def problem(self):
        return self._sectors.problem

    def _sound(self):
        if self._sectors.problem:
            raise OSError(EIO, self._sectors.problem)

    def _ring(self, what):
        if what in self._later:
            self._rings[what] = Ring(self._sectors, self._later.pop(what))
        return self._rings[what]

    def save(self, what, data):
        """Keep data without power: then `load` gives all of it, or all of the one before. Raises OSError."""
        self._sound()
        self._ring(what).append(data)

    def load(self, what):
        """Return what `save` kept last, or None."""
        data = None if self._sectors.problem else self._ring(what).load()
        return None if self._sectors.problem else data  # it may have been found just now

    def log(self, entry):
        """Append an entry to the log and return its number. Raises OSError."""
        self._sound()
        return self._log.append(entry)

    def logged(self, n):
        """Return entry n of the log; None if it is not kept, or was torn by a power cut."""
        return None if self._sectors.problem else self._log.record(n)

    def journal_id(self):
        """Return the eight hex digits of this journal, "-" if there is none."""
        return self._sectors.identity or "-"

    def log_range(self):
        """Return the numbers of the first and the last entry that are kept, (0, 0) for none."""
        return self._log.oldest(), self._log.newest

    def prepare(self):
        """Erase one sector ahead if one is due. Returns True as long as there may be more to do.

        To be called while the motor stands: it holds the processor up for 45 ms, at worst for 400 ms.
        """
        if self._sectors.problem:
            return False
        for ring in self._rings.values():
            if ring.prepare():
                return not self._sectors.problem
        return False
