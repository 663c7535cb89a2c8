"""A bolus that the patient asks for: how much, how fast, how long from one to the next, and when it is given.

It is one deliberate step, a press: it carries an identity, is given at most once, and is written into the history
before it is given. Refused, with the time until it is allowed, are those within the lockout and those beyond a limit;
and all while another bolus runs or nothing is infused. The lockout goes from the beginning of one to that of the next.
"""

from . import limits, states
from .companion import Companion

MIN_LOCKOUT_MS = 60000  # teaching values: real PCA pumps offer 0 or 1 to 360 min [Graseby 3300], some a day
MAX_LOCKOUT_MS = 86400000
LINE = "demand"  # of the history: powered time of the newest one given, run of the program, asked for, given


def check(option, program, step, config):
    """Check an option `demand`."""
    if option.what != "-":
        return ("bad_option", 0, 0)
    if len(option.numbers) != 4:
        return ("bad_option", 0, len(option.numbers) + 1)
    volume_nl, rate_nl, rate_ms, lockout_ms = option.numbers
    highest = limits.max_rate_nl_h(config, step) - limits.fastest_basal_nl_h(program.phases) - 1
    no = limits.rate(rate_nl, rate_ms, highest) or limits.volume(volume_nl, step)
    if no:
        return no
    if volume_nl > program.capacity_nl:
        return ("volume_exceeds_syringe", volume_nl, program.capacity_nl)
    if lockout_ms < MIN_LOCKOUT_MS:
        return ("lockout_range", lockout_ms, MIN_LOCKOUT_MS)
    if lockout_ms > MAX_LOCKOUT_MS:
        return ("lockout_range", lockout_ms, MAX_LOCKOUT_MS)
    return None


class Demand(Companion):
    """The patient's boluses of the program of one pump (a Controller). doses: its Doses."""

    answers = ("demand",)

    def __init__(self, pump, option, doses, history):
        self._pump = pump
        self._history = history
        self._doses = doses
        self._numbers = option.numbers[:3]
        self._lockout_ms = option.numbers[3]
        self.asked = self.given = 0
        self._last_ms = None  # powered time of the newest one that was given, by whatever program
        line = history.line(LINE)
        if line:
            self._last_ms = line[0] if line[0] >= 0 else None
            if pump.journal.under_way and line[1] == pump.journal.run:
                self.asked, self.given = line[2:]
        doses.demand = self

    def demand(self, now_ms, identity):
        """The patient asks for a bolus. Returns an answer as requests.py gives it."""
        pump = self._pump
        no = pump.requests.id_refusal(identity)
        if no:
            return "refused", no
        self.asked += 1
        no = self._refusal()
        if not no:
            self.given += 1
            before_ms, self._last_ms = self._last_ms, self._history.now_ms()
            self._put()
            no = pump.requests.give(now_ms, identity, "demand", *self._numbers)
            if no:  # it could not be written down
                self.given -= 1
                self._last_ms = before_ms
        self._put()
        if no:
            pump.event("demand", no[0], no[1])
            return "refused", no
        pump.event("demand", "given", self._numbers[0])
        return "ok", ()

    def key(self, now_ms, make_identity):
        self.demand(now_ms, make_identity(now_ms))
        return True

    def locked_ms(self):
        """Return how long the lockout still lasts."""
        if self._last_ms is None:
            return 0
        return max(0, self._last_ms + self._lockout_ms - self._history.now_ms())

    def wait_ms(self):
        """Return the time until lockout and limits let the next one be given; -1 if the program leaves it no room."""
        wait_ms = self._doses.wait_ms(self._numbers)
        return wait_ms if wait_ms < 0 else max(wait_ms, self.locked_ms(), self._lost_ms())

    def _lost_ms(self):
        return self._history.lost_for_ms(self._lockout_ms)

    def _refusal(self):
        pump = self._pump
        if pump.state != states.INFUSING:
            return ("not_now", 0, 0)
        locked_ms = self.locked_ms()
        if locked_ms:
            return ("locked_out", locked_ms, self._lockout_ms)
        if self._lost_ms():
            return ("history_lost", self._lost_ms(), self._lockout_ms)
        wait_ms = self._doses.wait_ms(self._numbers)
        if wait_ms:
            return ("limit_reached", wait_ms, self._numbers[0])
        return pump.requests.bolus_refusal(*self._numbers)

    def _put(self):
        history = self._history
        history.put(
            LINE, [-1 if self._last_ms is None else self._last_ms, self._pump.journal.run, self.asked, self.given]
        )
        history.matters(history.now_ms() + self._lockout_ms)
