"""A closed loop on a pump: takes readings, keeps insulin on board, and changes the rate as a person would.

The set basal rate is that of the phase which runs. Whatever the loop asks for goes through the delivery like a person's
change: limits are asked, the guard hears of it, the journal keeps it, the account stays exact. After a power cut there
is no reading, so the set basal rate runs until one comes.
"""

from . import alarms, limits, states
from .closed_loop import ClosedLoop
from .insulin_account import LINE, InsulinAccount, drug_of
from .insulin_on_board import GONE_PEAKS, MINUTE_MS, InsulinOnBoard
from .options import DRUG, LOOP, find
from .program import RATE
from .watch.glucose import look

HOUR_MS = 3600000
UNKNOWN_MS = 18000000  # so long after the history was lost, insulin may be on board that nobody knows of (5 h)


class GlucoseLoop(InsulinAccount):
    """The loop of the program that a pump (a Controller) has taken. history: of the pump; ledger: of its insulin."""

    answers = ("glucose",)

    def __init__(self, pump, history, ledger):
        amount_uu, volume_nl = find(pump.program, DRUG).numbers
        numbers = find(pump.program, LOOP).numbers
        self._loop = loop = ClosedLoop(numbers, amount_uu, volume_nl)
        self._sets = False  # it is the loop that asks for a rate
        kept = history.line(LINE)
        phases = [phase for phase in pump.program.phases if phase.kind == RATE]
        lowest_nl_h = min([limits.rate_nl_h(phase.rate_nl, phase.rate_ms) for phase in phases])
        basal_uu_h = lowest_nl_h * amount_uu // volume_nl
        super().__init__(pump, history, ledger, loop, basal_uu_h, numbers[5])
        if not pump.journal.under_way and (not kept or kept[2] != drug_of(ledger)):
            before = _remembered(ledger, history.now_ms(), numbers[5], basal_uu_h)
            loop.on_board.first_uu += before.first_uu
            loop.on_board.second_uu += before.second_uu
            self._keep(0)
        if history.lost_for_ms(UNKNOWN_MS):
            loop.on_board.add(loop.max_on_board_uu)  # then as much as may be: nothing is given beyond the set rate

    # ---- what the host asks ----------------------------------------------------------------------------------

    def glucose(self, now_ms, mg_dl, age_ms):
        """A reading from the sensor: return the answer to it."""
        no = self._loop.reading(now_ms, mg_dl, age_ms)
        if no:
            return "refused", no
        self.look(now_ms)
        return "loop_is", self.status(now_ms)

    def status(self, now_ms):
        """Return (the basal that flows in nL/h, why that is wanted which is, predicted_mg_dl, on_board_uu) of now."""
        loop = self._loop
        loop.rate_nl_h(now_ms, self._basal_nl_h())  # finds the reason
        basal = self._pump.delivery.lane.basal
        return (limits.rate_nl_h(basal.rate_nl, basal.rate_ms), loop.why, loop.predicted_mg_dl, loop.on_board.uu())

    def refusal(self, now_ms, volume_nl, rate_nl, rate_ms):
        return None if volume_nl or self._sets else ("loop_sets_rate", 0, 0)

    # ---- once a second ---------------------------------------------------------------------------------------

    def look(self, now_ms):
        """Book what was given, and let the rate follow."""
        pump = self._pump
        loop = self._loop
        if not pump.journal.under_way:
            loop.rests(now_ms)
            self._alarm(0)
            return
        basal_nl_h = self._basal_nl_h()
        given_uu = loop.given(now_ms, self._given_nl(), basal_nl_h)
        if given_uu >= 0:
            self._keep(given_uu)
        rate_nl_h = loop.rate_nl_h(now_ms, basal_nl_h)
        self._alarm(look(loop.why, loop.lowest_mg_dl(), loop.suspend_mg_dl()))
        if pump.state == states.INFUSING and not pump.delivery.begun and pump.delivery.can_change(now_ms):
            self._follow(now_ms, rate_nl_h, basal_nl_h)

    def leaves(self):
        super().leaves()
        self._alarm(0)

    def _follow(self, now_ms, rate_nl_h, basal_nl_h):
        """Let a phase of constant rate run at this rate from now on."""
        pump = self._pump
        delivery = pump.delivery
        phase = delivery.phases[delivery.phase]
        basal = delivery.lane.basal
        now_nl_h = limits.rate_nl_h(basal.rate_nl, basal.rate_ms)
        if rate_nl_h == now_nl_h:
            return
        set_rate = (phase.rate_nl, phase.rate_ms)  # exactly as ordered
        rate = set_rate if rate_nl_h == basal_nl_h else (rate_nl_h, HOUR_MS)
        no = self._refused(now_ms, rate) if rate_nl_h else None
        if no and rate_nl_h > basal_nl_h:
            # More than drive, syringe or a limit allow: then the set rate.
            if now_nl_h == basal_nl_h:
                return
            rate, rate_nl_h = set_rate, basal_nl_h
            no = self._refused(now_ms, rate)
        # Up to the set rate it is given also if the syringe will be empty before the program is over: of that an alarm
        # tells, and of insulin that is missing none.
        if no and no[0] != "volume_exceeds_syringe":
            return
        pump.requests.set_rate(now_ms, *rate)
        pump.event("loop", self._loop.why, rate_nl_h)

    def _refused(self, now_ms, rate):
        self._sets = True
        no = self._pump.requests.rate_refusal(now_ms, *rate)
        self._sets = False
        return no

    def _alarm(self, code):
        codes = self._pump.alarms.codes
        for other in (alarms.GLUCOSE_LOW, alarms.GLUCOSE_LOST):
            if other != code and other in codes:
                self._pump.end_alarm(other)
        if code and code not in codes:
            self._pump.alarm(code, self._loop.lowest_mg_dl())

    def _basal_nl_h(self):
        """Return the set basal rate: that of the phase that runs."""
        delivery = self._pump.delivery
        if delivery.phase >= len(delivery.phases):
            return 0
        phase = delivery.phases[delivery.phase]
        return limits.rate_nl_h(phase.rate_nl, phase.rate_ms) if phase.kind == RATE else 0


def _remembered(ledger, now_ms, peak_ms, basal_uu_h):
    """No loop has counted this insulin yet: return the InsulinOnBoard of what the ledger remembers of it.

    Of a basal it knows how fast and until when, not since when: one that was faster than the set rate counts as long.
    """
    on_board = InsulinOnBoard(peak_ms)
    if not ledger.boluses and not [rate for _, rate in ledger.rates if rate > basal_uu_h]:
        return on_board
    at_ms = now_ms - GONE_PEAKS * peak_ms
    while at_ms < now_ms:
        uu = fast = 0
        for end_ms, amount in ledger.boluses:
            if at_ms < end_ms and (end_ms <= at_ms + MINUTE_MS or at_ms + MINUTE_MS >= now_ms):
                uu += amount
        for until_ms, rate in ledger.rates:
            if at_ms < until_ms and rate > fast:
                fast = rate
        on_board.minute()
        on_board.add(uu - min(0, basal_uu_h - fast) // 60)
        at_ms += MINUTE_MS
    return on_board
