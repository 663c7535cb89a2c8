"""A small board in whole numbers, for CPython and MicroPython alike: a run queue, a stiff line, a syringe, a memory."""

from picoinfuse_firmware.board import COVER_SWITCH, ENCODER, END_SWITCH, FORCE, TICKS_MASK, Board
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import StepVolume, force_of_pressure_mn

REST_MMHG = 10  # in the line while fluid can leave it
COMPLIANCE_NL_PER_MMHG = 100  # ten times stiffer than a real set, so that a closed clamp shows within a second
RUNS = 3  # the running one and two more, as on a Pico
RX_AT_ONCE = 256  # bytes of the wire per read


class ToyBoard(Board):
    """Counts steps from the queue by its clock. Sub-classes say what the time is (now_us, never going back)."""

    has = (FORCE, ENCODER, END_SWITCH, COVER_SWITCH)

    def __init__(self, barrel_um, friction_mn, flash=None, turned=0):
        self.config = Config(force_noise_mn=0)  # its force is reckoned, and stands still with the line
        self.barrel_um = barrel_um
        self.friction_mn = friction_mn
        self.step = StepVolume(barrel_um, self.config.pitch_um, self.config.steps_per_turn)
        self.flash = flash if flash is not None else {}  # survives a power cut when it is handed on, as does ...
        self.turned = turned  # ... where the screw stood at the start, in steps
        self.switched = 0  # bits of the switches
        self.entries = []  # of the log
        self.clamp_after_steps = -1
        self.clamped_at = -1  # steps forward when the line was clamped; -1: open
        self.left = False
        self._runs = []  # [steps left, +1 or -1, interval_us, next_us]
        self._forward = 0
        self._reverse = 0

    def now_us(self):
        raise NotImplementedError

    def ticks_ms(self):
        return self.now_us() // 1000 & TICKS_MASK

    def move(self, count, interval_us, first_at_us):
        if self.room() == 0:
            raise RuntimeError("the queue of runs is full")
        now = self.now_us()
        ahead = (first_at_us - now) & TICKS_MASK
        if ahead > TICKS_MASK // 2:
            ahead = 0  # past
        self._runs.append([abs(count), 1 if count > 0 else -1, interval_us, now + ahead])

    def room(self):
        self._forward_to_now()
        return RUNS - len(self._runs)

    def _forward_to_now(self):
        now = self.now_us()
        while self._runs:
            run = self._runs[0]
            if run[3] > now:
                return
            made = min(run[0], (now - run[3]) // run[2] + 1)
            run[0] -= made
            run[3] += made * run[2]
            if run[1] > 0:
                self._forward += made
            else:
                self._reverse += made
            if 0 <= self.clamp_after_steps <= self._forward:
                self.clamped_at = self.clamp_after_steps
                self.clamp_after_steps = -1
            if run[0]:
                return
            self._runs.pop(0)

    def halt(self):
        self._forward_to_now()
        self._runs = []
        return self._forward - self._reverse

    def steps(self):
        self._forward_to_now()
        return self._forward - self._reverse

    def steps_forward(self):
        self._forward_to_now()
        return self._forward

    def steps_reverse(self):
        self._forward_to_now()
        return self._reverse

    def encoder(self):
        return self.steps() * self.config.encoder_counts_per_turn // self.config.steps_per_turn

    def angle(self):
        counts = self.config.encoder_counts_per_turn
        return (self.turned + self.steps()) * counts // self.config.steps_per_turn % counts

    def clamp(self):
        self.clamped_at = self.steps()

    def release(self):
        self.clamped_at = -1

    def pressure_mmhg(self):
        steps = self.steps()
        if self.clamped_at < 0:
            return REST_MMHG
        return REST_MMHG + self.step.nl_of(steps - self.clamped_at) // COMPLIANCE_NL_PER_MMHG

    def force_mn(self):
        return self.friction_mn + force_of_pressure_mn(self.pressure_mmhg(), self.barrel_um)

    def at_end(self):
        return False

    def switches(self):
        return self.switched

    def save(self, what, data):
        self.flash[what] = bytes(data)

    def load(self, what):
        return self.flash.get(what)

    def log(self, entry):
        self.entries.append(entry)
        return len(self.entries)

    def logged(self, n):
        return self.entries[n - 1]

    def log_range(self):
        return min(1, len(self.entries)), len(self.entries)

    def leave(self):
        self.left = True
