"""Keeps account of what a program gives of its drug, and holds its limits against what a person asks for.

For a program with a drug, a limit or a patient's own boluses. What is to be given is written into the history before it
is laid; dose_limit.py reckons, ledger.py remembers.
"""

from . import ledger as ledgers
from . import remaining
from .companion import Companion
from .dose_limit import MAX_WALK, NEVER, Limit, concentration, first_of_loop, to_come
from .options import DRUG, LIMIT, find
from .program import BOLUS, KVO, PAUSE, RAMP, RATE

LOOK_MS = 60000  # so often it is looked for what can be forgotten
WALK = 100  # phases that are followed one by one while the motor may run: some 20 ms of a Pico


def of(history, program, step):
    """Return (Ledger, list of Limit) for a program; step: a dose.StepVolume."""
    drug = find(program, DRUG)
    ledger = ledgers.Ledger(history, drug.what if drug else "-", *concentration(program))
    limits = [
        Limit(option.numbers[0], option.numbers[1], step, program) for option in program.options if option.kind == LIMIT
    ]
    return ledger, limits


def stage_refusal(history, program, step):
    """Return why a program may not be taken now, for all that was given before; None: it may."""
    ledger, limits = of(history, program, step)
    if ledgers.others(history, ledger.name) > ledgers.MOST_DRUGS or history.room(ledger.name) < ledgers.LEAST_ROOM:
        return ("too_many_drugs", ledgers.MOST_DRUGS + 1, ledgers.MOST_DRUGS)
    for limit in limits:
        wait_ms = history.lost_for_ms(limit.window_ms)
        if wait_ms:
            return ("history_lost", wait_ms, limit.window_ms)
        own = to_come(program.phases, 0, 1, 0, limit.window_ms, MAX_WALK)
        rate = max(limit.fastest(program.phases, 0), ledger.fastest(limit.window_ms))
        total = limit.total(own, ledger.rows(0), rate)
        if total > limit.most:
            return ("dose_limit", total, limit.most)
    return None


class Doses(Companion):
    """The account of the program of one pump (a Controller)."""

    answers = ("doses",)

    def __init__(self, pump, history):
        self._pump = pump
        self._history = history
        self._phases = pump.program.phases
        self.ledger, self.limits = of(history, pump.program, pump.delivery.step)
        # After a power cut what was reserved counts as given, and the time that it would have taken as over: the
        # program's own boluses may come sooner than they were ordered, so it may have to wait until it goes on.
        self._waits = pump.journal.under_way
        self._own = []  # (at, index) of its own boluses that are laid and have not begun
        self._look_ms = 0
        self.demand = None  # the Demand of this program, if it has one

    def doses(self, now_ms):
        """Answer what was asked for and given, when the next is allowed, and how full each limit's window is."""
        demand = self.demand
        numbers = (demand.asked, demand.given, demand.wait_ms()) if demand else (0, 0, 0)
        full = [self.total(limit) for limit in self.limits]
        return "doses_are", numbers + (full, [limit.most for limit in self.limits])

    # ---- what is given -----------------------------------------------------------------------------------------

    def ahead(self, now_ms):
        ledger = self.ledger
        changed = False
        for entry in self._pump.delivery.begun:
            phase = self._phases[entry[1]]
            if phase.kind == BOLUS and entry not in self._own:
                self._own.append(entry)
                ledger.begins(ledger.amount_of(phase.volume_nl))
                changed = True
        if ledger.flows(self._flow()) or changed:
            self._keep()

    def _flow(self):
        """Return the basal at the horizon in the drug's unit per hour, of a ramp its faster end."""
        delivery = self._pump.delivery
        rate_of = self.ledger.rate_of
        if delivery.phase >= len(self._phases) or delivery.turn:
            return 0
        phase = self._phases[delivery.phase]
        if phase.kind == PAUSE or (phase.kind == KVO) != delivery.in_kvo():
            return 0
        if phase.kind == RAMP:
            return max(rate_of(phase.rate_nl, phase.rate_ms), rate_of(phase.to_nl, phase.to_ms))
        basal = delivery.lane.basal
        return rate_of(basal.rate_nl, basal.rate_ms)

    def bolus(self, now_ms, volume_nl, rate_nl, rate_ms):
        self.ledger.begins(self.ledger.amount_of(volume_nl))
        self._keep()

    def rested(self, now_ms):
        for entry in self._own:
            if entry[0] > now_ms:
                self.ledger.taken_back(self.ledger.amount_of(self._phases[entry[1]].volume_nl))
        self._own = []
        self.ledger.flows(0)

    def look(self, now_ms):
        pump = self._pump
        if self._own:
            self._own = [entry for entry in self._own if entry[0] > now_ms - LOOK_MS]
        if pump.moving is None and self.ledger.rate:
            self.ledger.flows(0)
        delivery = pump.delivery
        if pump.moving is None and not pump.journal.under_way:
            self._over(now_ms)
        elif not delivery.bolus_runs and not delivery.boluses and 0 <= delivery.bolus_over_ms() <= now_ms:
            self._over(delivery.bolus_over_ms())
        if now_ms >= self._look_ms:
            self._look_ms = now_ms + LOOK_MS
            self.ledger.put()

    def _over(self, at_ms):
        self.ledger.over(self._history.now_ms() - self._pump.now_ms + at_ms)

    def _keep(self):
        self.ledger.put()
        self._history.save()

    def leaves(self):
        self._over(self._pump.now_ms)
        self.ledger.flows(0)
        self.ledger.put()

    # ---- what may be given -------------------------------------------------------------------------------------

    def refusal(self, now_ms, volume_nl, rate_nl, rate_ms):
        if volume_nl:
            return self._refusal((volume_nl, rate_nl, rate_ms), 0)
        return self._refusal(None, self.ledger.rate_of(rate_nl, rate_ms))

    def _refusal(self, bolus, rate):
        for limit in self.limits:
            total = self.total(limit, bolus, rate)
            if total > limit.most:
                return ("dose_limit", total, limit.most)
            wait_ms = self._history.lost_for_ms(limit.window_ms)
            if wait_ms:
                return ("history_lost", wait_ms, limit.window_ms)
        return None

    def resume_refusal(self, now_ms):
        if not self._waits:
            return None
        no = self._refusal(None, 0)
        self._waits = no is not None
        return no

    def total(self, limit, bolus=None, rate=0, in_ms=0):
        """Return the most that a window of this limit holds or can come to hold.

        bolus: (nL, rate_nl, rate_ms), given in_ms from now; rate: a basal that may flow from now on.
        """
        ledger, delivery, phases = self.ledger, self._pump.delivery, self._phases
        left_ms = remaining.of_boluses(delivery, self._pump.now_ms)
        rows = ledger.rows(left_ms)
        busy_ms = left_ms
        if bolus:
            takes_ms = -(-bolus[0] * bolus[2] // bolus[1])
            rows.append((in_ms, in_ms + takes_ms, ledger.amount_of(bolus[0])))
            if in_ms == 0:
                busy_ms = takes_ms
        held = delivery.lane.basal.held
        if held:
            rate = max(rate, ledger.rate_of(held[0], held[1]))
        rate = max(rate, ledger.fastest(limit.window_ms - in_ms), self._flow())
        rate = max(rate, limit.fastest(phases, first_of_loop(phases, delivery.phase)))
        at = delivery.phase
        phase_ms = self._left_of_phase_ms()
        if at < len(phases) and phases[at].kind != BOLUS:
            at += 1
        passes = max([1] + list(delivery.passes.values()))
        return limit.total(to_come(phases, at, passes, phase_ms, limit.window_ms, WALK, busy_ms), rows, rate, in_ms)

    def _left_of_phase_ms(self):
        """Return the least time until the phase that runs, or is held, can be over."""
        delivery = self._pump.delivery
        if delivery.turn or delivery.phase >= len(self._phases):
            return 0
        phase = self._phases[delivery.phase]
        now_ms = self._pump.now_ms
        if phase.kind == RAMP:
            return delivery.ramp_from_ms + phase.duration_ms - (now_ms if delivery.running else delivery.held_ms)
        if phase.kind == RATE and phase.volume_nl:
            return 0
        return delivery.lane.basal.left_ms(now_ms) if phase.kind in (RATE, PAUSE) else 0

    def wait_ms(self, bolus):
        """Return how long it takes until a bolus may be given, 0 for now, NEVER if the program leaves no room.

        As long as nothing else is given: what the program orders meanwhile can make it longer.
        """
        wait_ms = 0
        now_ms = self._history.now_ms()
        for limit in self.limits:
            wait_ms = max(wait_ms, self._history.lost_for_ms(limit.window_ms))
            if self.total(limit, bolus) <= limit.most:
                continue
            at = [at_ms + limit.window_ms - now_ms for at_ms in self.ledger.changes_ms()]
            at = sorted([in_ms for in_ms in at if in_ms > 0])
            low, high = 0, len(at)
            while low < high:  # what a window holds only becomes less with time, if nothing more is given
                middle = (low + high) // 2
                if self.total(limit, bolus, 0, at[middle]) <= limit.most:
                    high = middle
                else:
                    low = middle + 1
            if low == len(at):
                return NEVER
            wait_ms = max(wait_ms, at[low])
        return wait_ms
