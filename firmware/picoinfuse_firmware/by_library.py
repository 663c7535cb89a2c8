"""Holds each change of rate and each bolus to the limits of the drug library, for as long as a program runs.

The program was judged when it was staged (library.py). A person who wants to pass a soft limit says why before the
change, by the request `override`; that holds for one change within a minute, and is an event `override` (the reason;
the numbers of what was passed, as bits) when it is made. What the program itself passes holds for what it orders, for
the boluses that the patient asks for, for a closed loop, and for the rate when no host is heard, and for no change of a
person; a person's reason is of no use to the patient.

What keeps the vein open counts for the hard limit of the dose. Without end it is given only until that is reached: then
the program is over, with the alarm `end` once more and the note HARD_DOSE.
"""

from . import alarms, library, options, states
from .board import LIBRARY
from .companion import Companion
from .journal import DONE

HOLDS_MS = 60000
AHEAD_MS = 2000  # so long before a limit is reached it counts as reached: two looks
HARD_DOSE = "hard_dose"  # a note: the vein is not kept open any more, so much was given of the drug in all (nL)


class ByLibrary(Companion):
    """Of the program of one pump (a Controller), which names the library it was made with."""

    answers = ("override",)

    def __init__(self, pump):
        self._pump = pump
        program = pump.program
        lines = pump.board.text(LIBRARY)
        # After a power cut another library may lie there; then nothing is changed, and nothing gone on with.
        self._problem, self._drug = library.judge(lines, program)
        self._order = library.order_of(program) if self._drug else None
        self._kvo_nl = library.kept_open_nl(program)
        self._most_nl = library.most_nl(self._drug, self._order) if self._drug and self._kvo_nl else library.NONE
        self._its_own = []  # (volume_nl, rate_nl, rate_ms) that the program itself may come to
        for kind, first, last in (("demand", 0, 3), ("hold", 1, 3)):
            option = options.find(program, kind)
            if option:
                self._its_own.append(tuple(([0] + option.numbers[first:last])[-3:]))
        self._loops = options.find(program, "loop") is not None  # then nobody but the loop changes the rate
        self._passed = options.Option(options.OVERRIDE)  # what a person passes with the next change, and why
        self._until_ms = 0
        its = options.find(program, options.OVERRIDE)
        if its and not pump.journal.under_way:
            self._tell(its)

    def override(self, now_ms, why, parameters):
        """Pass soft limits with the next change. parameters: their numbers in library.PARAMETERS."""
        passed = options.Option(options.OVERRIDE, why, parameters)
        no = library.check(passed, None, None, None)
        if no:
            return "refused", no
        self._passed = passed
        self._until_ms = now_ms + HOLDS_MS
        return "ok", ()

    def refusal(self, now_ms, volume_nl, rate_nl, rate_ms):
        pump = self._pump
        if self._problem or self._drug is None:
            return self._problem
        order = self._order
        its_own = order.overrides
        loops = self._loops and not volume_nl
        if not loops and (volume_nl, rate_nl, rate_ms) not in self._its_own:
            order.overrides = self._passed.numbers if now_ms < self._until_ms else ()
        if volume_nl:
            ordered_nl = pump.ordered_nl + volume_nl + self._withheld_nl()
            no = library.bolus_refusal(self._drug, order, volume_nl, rate_nl, rate_ms, ordered_nl, self._kvo_nl)
        else:
            num, den, _ = pump.delivery.added_by(rate_nl, rate_ms)
            ordered_nl = pump.ordered_nl + num // den
            no = library.rate_refusal(self._drug, order, rate_nl, rate_ms, ordered_nl, not loops, self._kvo_nl)
        order.overrides = its_own
        return no

    def _withheld_nl(self):
        """Return what a closed loop withholds and may yet give of the phase that runs: a bolus must not take it."""
        delivery = self._pump.delivery
        if not self._loops or delivery.phase >= len(delivery.phases):
            return 0
        phase = delivery.phases[delivery.phase]
        num, den, _ = delivery.added_by(phase.rate_nl, phase.rate_ms)
        return max(0, -(-num // den))

    def logged_out(self):
        self._until_ms = 0  # a person's reason is of no use to the next one

    def resume_refusal(self, now_ms):
        if not self._problem and self._has_reached():
            return ("hard_limit.dose", self._given_nl(), self._most_nl)
        return self._problem

    def look(self, now_ms):
        pump = self._pump
        if pump.state == states.KVO and self._has_reached():
            pump.event("note", HARD_DOSE, self._given_nl())
            pump.stop_motor()
            pump.go(states.ENDED)
            pump.drop_program(DONE)
            pump.alarm(alarms.END, self._given_nl())

    def _has_reached(self):
        """Return whether an endless keep-vein-open has come to the hard limit of the dose."""
        delivery = self._pump.delivery
        if self._most_nl == library.NONE or not delivery.in_last_kvo():
            return False
        phase = delivery.phases[-1]
        return self._given_nl() + phase.rate_nl * AHEAD_MS // phase.rate_ms + delivery.step.nl_of(2) >= self._most_nl

    def _given_nl(self):
        delivery = self._pump.delivery
        return delivery.dose_nl() + delivery.kvo_nl()

    def bolus(self, now_ms, volume_nl, rate_nl, rate_ms):
        if (volume_nl, rate_nl, rate_ms) not in self._its_own:
            self._made(now_ms)

    def rate(self, now_ms, rate_nl, rate_ms):
        self._made(now_ms)

    def _made(self, now_ms):
        """A person has made a change: what was passed for it is told, and holds for no other."""
        if now_ms < self._until_ms:
            self._tell(self._passed)
        self._until_ms = 0

    def _tell(self, passed):
        self._pump.event("override", passed.what, sum([1 << number for number in passed.numbers]))
