"""A simulated pump that the command line takes for one on a cable: it stays when a command ends; so does its log."""

import picoinfuse
from picoinfuse import Pump
from picoinfuse_sim import Bench

PORT = ["--port", "/dev/ttyACM0"]
BEGAN_S = 1_700_049_600.0  # noon in UTC, the 15th of November 2023; by the computer's clock, when the bench was built


class Cabled:
    """A bench behind every address that a command opens, and a wall clock that goes with its virtual time."""

    def __init__(self, monkeypatch, **options):
        self.bench = Bench(**options)
        self.wrong_s = 0.0  # of the computer's clock
        monkeypatch.setattr(picoinfuse, "connect", lambda url: self.pump())
        monkeypatch.setattr("picoinfuse.contact.wall_clock", self.clock)

    def clock(self):
        return BEGAN_S + self.wrong_s + self.bench.now_ms / 1000

    def pump(self):
        port = self.bench.port()
        port.truth = lambda: None  # as behind a cable, nobody knows
        return Pump(port, ids=self.bench.pump._new_id)
