"""What a person may change while a program runs: its rate, and a bolus beside it; proposed, compared, applied.

A part of Requests, which has the pump.
"""

from binascii import crc32

from . import alarms, limits, states
from .journal import DONE, RUNNING
from .program import RATE, REPEAT
from .trials import Trials

OK = ("ok", ())
NOT_NOW = ("not_now", 0, 0)
_HEX = "0123456789abcdef"


def refuse(refusal):
    """Return the answer to a request that is refused. refusal: (reason, value, limit)."""
    return "refused", refusal


def _bolus_rate_nl_h(delivery):
    """Return the fastest flow of the boluses that run or wait, in nL/h, rounded up."""
    running = delivery.dose.bolus
    boluses = [(0, running.rate_nl, running.rate_ms)] + delivery.boluses
    return max([-(-nl * 3600000 // ms) for _, nl, ms in boluses])


class Changes(Trials):
    """The requests `rate`, `bolus` and `apply`."""

    history = None  # a History, once a program needed one; from then on it is the last companion
    companions = ()  # of the program, see companion.py

    def rate(self, now_ms, rate_nl, rate_ms):
        no = self.rate_refusal(now_ms, rate_nl, rate_ms)
        if no:
            return refuse(no)
        return self._propose("rate", (rate_nl, rate_ms), rate_nl, rate_ms, 0)

    def bolus(self, now_ms, volume_nl, rate_nl, rate_ms):
        no = self.bolus_refusal(volume_nl, rate_nl, rate_ms)
        if no:
            return refuse(no)
        return self._propose("bolus", (volume_nl, rate_nl, rate_ms), rate_nl, rate_ms, volume_nl)

    def apply(self, now_ms, identity, check):
        pump = self._pump
        if self.proposal is None or pump.state != states.INFUSING:
            return refuse(("nothing_proposed", 0, 0))
        if check != self.proposal[0]:
            return refuse(("bad_check", 0, 0))
        verb, numbers = self.proposal[1:]
        no = self.id_refusal(identity)
        if not no:
            no = self.rate_refusal(now_ms, *numbers) if verb == "rate" else self.bolus_refusal(*numbers)
        if no:
            return refuse(no)
        self.proposal = None
        if verb == "bolus":
            no = self.give(now_ms, identity, verb, *numbers)
            return refuse(no) if no else OK
        pump.journal.accept(identity, verb, RUNNING)
        self.set_rate(now_ms, *numbers)
        pump.journal.end(identity, DONE)  # now the place knows of it: it outlives a power cut
        pump.event("rate", identity, limits.rate_nl_h(*numbers))
        for companion in self.companions:
            companion.rate(now_ms, *numbers)
        return OK

    def set_rate(self, now_ms, rate_nl, rate_ms):
        """Change the rate of the running phase as `rate_refusal` lets pass."""
        pump = self._pump
        pump.guard.rate(rate_nl, rate_ms, now_ms)
        pump.delivery.change_rate(rate_nl, rate_ms)
        pump.reserve.take(pump.delivery)
        pump.count_order()

    def give(self, now_ms, identity, verb, volume_nl, rate_nl, rate_ms):
        """Give a bolus that `bolus_refusal` lets pass; return a refusal only if it could not be written down."""
        pump = self._pump
        for companion in self.companions:
            companion.bolus(now_ms, volume_nl, rate_nl, rate_ms)
        if pump.journal.failed:
            return NOT_NOW
        pump.journal.accept(identity, verb, RUNNING)
        pump.bolus_id = identity
        pump.guard.bolus(volume_nl, rate_nl, rate_ms, now_ms)
        pump.delivery.give_bolus(volume_nl, rate_nl, rate_ms)
        pump.count_order()
        pump.event("bolus", identity, volume_nl)
        return None

    # ---- inside ------------------------------------------------------------------------------------------------------

    def id_refusal(self, identity):
        if len(identity) != 8 or [c for c in identity if c not in _HEX]:
            return ("bad_id", 0, 0)
        if self._pump.journal.knows(identity):
            return ("id_used", 0, 0)
        return None

    def _propose(self, verb, numbers, rate_nl, rate_ms, volume_nl):
        self._proposals += 1
        text = "%s %s %d" % (verb, numbers, self._proposals)
        check = "%08x" % (crc32(text.encode()) & 0xFFFFFFFF)
        self.proposal = (check, verb, numbers)
        return "proposed", (check, rate_nl, rate_ms, volume_nl)

    def _free_nl(self):
        """Return what is in the syringe, and in those that are planned, beyond what is still ordered."""
        pump = self._pump
        return pump.content.supply_nl() - (pump.ordered_nl - pump.delivery.dose_nl())

    def rate_refusal(self, now_ms, rate_nl, rate_ms):
        pump = self._pump
        if pump.state != states.INFUSING:
            return NOT_NOW
        delivery = pump.delivery
        if delivery.begun or not delivery.can_change(now_ms):  # the guard is told of a phase first, then of its rate
            return ("phase_changing", 0, 0)
        highest = limits.max_rate_nl_h(pump.board.config, delivery.step) - _bolus_rate_nl_h(delivery)
        no = limits.rate(rate_nl, rate_ms, highest)
        if no:
            return no
        num, den, bits = delivery.added_by(rate_nl, rate_ms)
        added_nl = num // den
        if bits > limits.MAX_RATE_BITS:
            return ("rate_not_exact", bits, limits.MAX_RATE_BITS)
        if added_nl > self._free_nl():
            return ("volume_exceeds_syringe", pump.ordered_nl + added_nl, pump.ordered_nl + self._free_nl())
        return self._companions_refuse(0, rate_nl, rate_ms)

    def _fastest_to_come_nl_h(self):
        """Return the fastest basal beside which a bolus that begins now may still run."""
        phases = self._pump.program.phases
        first = now = self._pump.delivery.phase
        for phase in phases[now:]:
            if phase.kind == REPEAT:
                first = min(first, phase.to_nl)
        if first == now and now < len(phases) and phases[now].kind == RATE:
            first += 1  # its rate may have been changed: the flow of now counts
        return limits.fastest_basal_nl_h(phases[first:])

    def bolus_refusal(self, volume_nl, rate_nl, rate_ms):
        pump = self._pump
        if pump.state != states.INFUSING:
            return NOT_NOW
        delivery = pump.delivery
        if delivery.turn:
            return NOT_NOW
        if alarms.PRESSURE_RISING in pump.alarms.codes:
            return ("alarm_active", alarms.PRESSURE_RISING, 0)  # no bolus into a line that closes [GIP 1.4]
        if pump.bolus_id or delivery.bolus_runs:
            return ("bolus_running", 0, 0)
        beside_nl_h = max(pump.rate_nl_h(), self._fastest_to_come_nl_h()) + 1
        no = limits.rate(rate_nl, rate_ms, limits.max_rate_nl_h(pump.board.config, delivery.step) - beside_nl_h)
        no = no or limits.volume(volume_nl, delivery.step)
        if no:
            return no
        if volume_nl > self._free_nl():
            return ("volume_exceeds_syringe", volume_nl, self._free_nl())
        return self._companions_refuse(volume_nl, rate_nl, rate_ms)

    def _companions_refuse(self, volume_nl, rate_nl, rate_ms):
        for companion in self.companions:
            no = companion.refusal(self._pump.now_ms, volume_nl, rate_nl, rate_ms)
            if no:
                return no
        return None
