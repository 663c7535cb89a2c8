"""While a host looks after a program: what the pump does when it is not heard any more.

For rates that a host reckons again and again (target-controlled infusion). Each change of the rate, and each `stay`,
is a word of it. When none came for so long, the rate becomes the one that was ordered for this, and in each phase that
begins until the host is heard or a person changes the rate; a pause, a resume and a power cut change nothing about
that. At rate 0 the pump is paused: then to resume is to take over. Both are told by an alarm and an event. The alarm
ends when the host is heard again, unless the pump stands, or a person resumes.
"""

from . import alarms, limits, states
from .companion import Companion
from .watch.supervision import SupervisionWatch


class Hold(Companion):
    """The supervision of the program of one pump (a Controller)."""

    answers = ("stay",)

    def __init__(self, pump, option):
        self._pump = pump
        self._watch = SupervisionWatch(option.numbers[0])
        self._rate = option.numbers[1:]
        self._falls = False  # the rate is still to be changed
        self._stands = False  # it was paused, and nobody has resumed it
        # Nobody has taken over since the host was lost. After a power cut it is not known whether it was.
        self._fallen = bool(pump.journal.under_way and self._rate[1])
        self._phase = pump.delivery.phase  # in which the rate was changed

    def stay(self, now_ms):
        """The host lives, and has nothing to change."""
        self._heard(now_ms)
        return "ok", ()

    def rate(self, now_ms, rate_nl, rate_ms):
        self._heard(now_ms)

    def _heard(self, now_ms):
        self._falls = self._fallen = False
        if self._watch.heard(now_ms) or alarms.SUPERVISION_LOST in self._pump.alarms.codes:
            self._pump.event("hold", "heard", 0)
            if not self._stands:
                self._end()

    def rested(self, now_ms):
        self._watch.stands()

    def look(self, now_ms):
        pump = self._pump
        infuses = pump.state == states.INFUSING
        lost = self._watch.lost
        code = self._watch.look(now_ms, infuses)
        if code:
            pump.alarm(code, 0)
            self._falls = True
        elif not pump.journal.under_way or (infuses and (self._stands or (lost and not self._watch.lost))):
            self._falls = self._stands = False
            self._end()
        elif self._fallen and pump.delivery.phase != self._phase:
            self._falls = True  # another phase has begun at its own rate, and there is still nobody
        if self._falls and pump.state == states.INFUSING:
            self._fall_back(now_ms)

    def _fall_back(self, now_ms):
        requests = self._pump.requests
        rate_nl, rate_ms = self._rate
        no = requests.rate_refusal(now_ms, rate_nl, rate_ms) if rate_ms else ("rate_too_low", 0, 0)
        delivery = self._pump.delivery
        if no and (no[0] == "phase_changing" or (no[0] == "rate_too_high" and delivery.bolus_runs)):
            return  # in a second it may be possible
        self._falls = False
        self._phase = delivery.phase
        requests.proposal = None  # it was made for another rate
        self._stands = no is not None
        self._fallen = not no
        self._pump.alarm(alarms.SUPERVISION_LOST, 0)
        if no:
            self._pump.event("hold", "paused", 0)
            requests.pause(now_ms)
        else:
            self._pump.event("hold", "fallback", limits.rate_nl_h(rate_nl, rate_ms))
            requests.set_rate(now_ms, rate_nl, rate_ms)

    def leaves(self):
        self._end()

    def _end(self):
        self._pump.end_alarm(alarms.SUPERVISION_LOST)
