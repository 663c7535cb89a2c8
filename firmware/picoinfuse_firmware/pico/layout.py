"""How the sectors of the journal are shared out: areas, slots, how many are erased ahead, and how long they last."""

SECTOR = 4096  # bytes: what one erase clears
PAGE = 256  # bytes: what one program writes at most
HEADER = 64  # bytes at the start of each sector
LOG_KEPT = 3000  # entries that the log holds at any time, also just after a sector was erased

# Names of the areas.
STATE = "state"
PROGRAM = "program"
RESERVE = "reserve"
LOG = "log"
HISTORY = "history"


class Area:
    """A ring of sectors, each cut into slots of one size; a slot holds one record.

    letter: stands in the headers. slot, payload: bytes of a slot, and of the longest record in it. sectors: of the
    ring. ahead: so many of them are clean before the motor starts, beside the one that is being filled.
    """

    def __init__(self, name, letter, slot, payload, sectors, ahead):
        self.name = name
        self.letter = letter
        self.slot = slot
        self.payload = payload
        self.sectors = sectors
        self.ahead = ahead
        self.slots = (SECTOR - HEADER) // slot
        self.start = SECTOR - self.slots * slot  # of the first slot: no record of 64 or 128 bytes lies in two pages
        self.first = 0  # index of its first sector; placed() counts them out


def placed(areas):
    """Count the sectors of these areas out, and return the areas."""
    first = 0
    for area in areas:
        area.first = first
        first += area.sectors
    return areas


def sectors_of(areas):
    """Return how many sectors these areas have in all."""
    return areas[-1].first + areas[-1].sectors


# A syringe takes at most some 300 records of the reserve (a quarter turn each, 70 turns), 20 of the state and 200
# entries of the log. A ring has two sectors more than it erases ahead: the one that is being filled, and the one before
# it, which holds the newest good record if the first in the new sector was torn. The programs alternate.
# New areas come last: a journal that was made before there were so many is extended (make_journal.py).
AREAS = placed(
    (
        Area(STATE, "S", 576, 512, 7, 5),
        Area(PROGRAM, "P", 4032, 4000, 2, 1),
        Area(RESERVE, "R", 128, 112, 12, 10),
        Area(LOG, "L", 64, 52, 53, 4),
        Area(HISTORY, "H", 576, 512, 7, 5),
    )
)
