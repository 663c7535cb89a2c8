"""What the tests of the diary share: a pump at home, its archive on a computer, and an order of an antibiotic."""

from picoinfuse import Phase, Program
from picoinfuse.archive import Archive
from picoinfuse.cli.noted import program_data
from picoinfuse.contact import gather, journal_of
from picoinfuse.diary import read
from picoinfuse.diary_source import of_archive
from picoinfuse_sim import Bench

BEGAN_S = 1_700_049_600.0  # noon in UTC, the 15th of November 2023, when the bench is built
HOUR_MS = 3_600_000
# 10 mL in 12 min every 2 h, three times; the vein is kept open between them, or nothing is given.
EVERY_2_H = [Phase.rate("50 mL/h", volume="10 mL"), Phase.kvo("1 mL/h", duration="108 min"), Phase.repeat(3)]
NOTHING_BETWEEN = [Phase.rate("50 mL/h", volume="10 mL"), Phase.pause("108 min"), Phase.repeat(3)]


class Order:
    """As much of a therapy as the archive keeps."""

    name, title, drug, concentration = "antibiotic", "An antibiotic every 2 h", "an antibiotic", ""

    def __init__(self, phases, **options):
        self.program = Program(phases, **options)


class Home:
    """A pump at home that a computer meets now and then."""

    def __init__(self, folder, phases=EVERY_2_H, **options):
        self.bench = Bench(**{"seed": 1, **options})
        self.pump = self.bench.pump
        self.archive = Archive(folder / "home.sqlite", journal_of(self.pump))
        self.order = Order(phases, syringe=self.bench.syringe.kind.name)
        self.archive.keep_program(self.order.program.check, program_data(self.order))

    def clock(self):
        return BEGAN_S + self.bench.now_ms / 1000

    def start(self):
        self.meet()
        self.pump.start(self.order.program)

    def meet(self):
        """The cable is in, and the log is fetched."""
        gather(self.pump, self.archive, self.clock)

    def alone(self, *does):
        """The cable is out meanwhile: let these happen, one after the other; a duration passes."""
        self.bench.host_unplugged()
        for do in does:
            if callable(do):
                do()
            else:
                self.bench.advance(do)
        self.bench.host_unplugged(False)

    def diary(self, **options):
        return read(of_archive(self.archive), **options)

    def doses(self, **options):
        """The doses of the only course."""
        (doses,) = self.diary(**options).doses
        return doses
