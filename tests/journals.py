"""A journal on a Nor for tests, of the real layout or of a small one that turns over soon."""

from nor import Nor, NorFiles
from picoinfuse_firmware.pico.layout import AREAS, HISTORY, LOG, PROGRAM, RESERVE, STATE, Area, placed
from picoinfuse_firmware.pico.make_journal import make
from picoinfuse_firmware.pico.sectors import Sectors
from picoinfuse_firmware.pico.store import Store

SMALL = placed(
    (
        Area(STATE, "S", 576, 512, 4, 2),
        Area(PROGRAM, "P", 4032, 4000, 2, 1),
        Area(RESERVE, "R", 128, 112, 4, 2),
        Area(LOG, "L", 64, 52, 5, 2),
        Area(HISTORY, "H", 576, 512, 4, 2),
    )
)


class Journal:
    """The flash, the files on it, and the store of the session that runs."""

    def __init__(self, areas=SMALL, seed=0, sectors=None):
        self.areas = areas
        self.nor = Nor(sectors or areas[-1].first + areas[-1].sectors + 5, seed)
        self.files = NorFiles(self.nor)
        make(self.nor, self.files, areas)
        self.boot()

    def boot(self):
        """Power comes; returns the store."""
        self.nor.cut_at = 0
        self.sectors = Sectors(self.nor, self.files, self.areas)
        self.store = Store(self.sectors, self.areas)
        return self.store

    def prepare(self):
        """Erase all that is due; returns how many sectors that were."""
        before = self.nor.erases
        while self.store.prepare():
            pass
        return self.nor.erases - before


def whole():
    """A journal of the real layout on a flash as large as the file system of a Pico."""
    return Journal(AREAS, sectors=352)
