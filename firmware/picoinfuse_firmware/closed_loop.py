"""Closed-loop insulin: sets the basal rate from glucose readings and insulin on board, within hard limits.

In the spirit of the OpenAPS reference design (REFERENCE section 6): the glucose that would be reached once all insulin
on board has worked, corrected by what glucose did differently from what that insulin explains, says how much insulin is
missing or too much; half an hour of another basal rate makes up for it. Suspended below target_min - 30 mg/dL. Never
more than the highest basal, never so much that insulin on board passes its limit; without a reading that can be
believed: the set basal rate. Whole numbers only: mg/dL, uU, nL/h, ms.
"""

from .insulin_on_board import MINUTE_MS, Booked
from .limits import MIN_RATE_NL_H

LEAST_MG_DL, MOST_MG_DL = 40, 400  # what sensors show; engineer's memory
SUSPEND_MG_DL = 30  # below the lower target [OpenAPS]
TREND_MS = 300000  # a change of glucose is told per so long, as sensors read
AHEAD_MS = 1800000  # so far ahead a deviation is taken to last, and in so long insulin is made up for [oref0]
OLDEST_MS = 1200000  # of the readings that make the trend
MAX_READINGS = 4
SOONEST_MS = 60000  # between two readings
JUMP_MG_DL = 10  # in a minute; glucose does not change so fast (engineer's memory: 4), and noise is allowed for
STUCK_MS = 2700000  # readings that do not change at all for so long are none [oref0: 45 min]
GRID = 10  # the rate is the set one and some tenths of it more or less, rounded down: fewer changes, and less insulin

# Why the rate is what it is.
IN_RANGE = "in_range"
MORE = "more"
LESS = "less"
LOW = "low"  # glucose is low, or will be within AHEAD_MS as it falls: nothing is given
FULL = "on_board"  # more is wanted, and the limit of insulin on board does not allow it
DOUBT = "doubt"  # a reading was refused
WAITING = "waiting"  # there is no reading yet
LOST = "lost"  # there is no reading any more
STUCK = "stuck"


class ClosedLoop(Booked):
    """The loop of one program.

    numbers: of its option `loop`, see loop_limits.py. amount_uu in volume_nl: the concentration of the insulin.
    """

    def __init__(self, numbers, amount_uu, volume_nl):
        self.min_mg_dl, self.max_mg_dl, self.isf_ug_dl, self.max_basal_nl_h = numbers[:4]
        self.max_on_board_uu, peak_ms, self.lost_ms = numbers[4:]
        super().__init__(peak_ms, amount_uu, volume_nl)
        self._readings = []  # (at_ms, mg_dl), the newest last
        self._same_ms = 0  # since then the readings have not changed
        self._refused_mg_dl = 0  # what the newest reading said which was not believed, 1 or more; 0: it was believed
        self._refused_ms = 0  # when
        self._more_nl_h = 0  # than the set rate is wanted; below 0: less
        self._low = False  # no insulin at all
        self._reason = WAITING
        self.why = WAITING  # of the rate that was asked for last
        self.predicted_mg_dl = 0  # what was expected at the newest reading, for people

    # ---- what comes in ---------------------------------------------------------------------------------------

    def reading(self, now_ms, mg_dl, age_ms):
        """A reading was taken age_ms ago. Return None, or why it is not believed: (reason, value, limit)."""
        if not LEAST_MG_DL <= mg_dl <= MOST_MG_DL:
            limit = LEAST_MG_DL if mg_dl < LEAST_MG_DL else MOST_MG_DL
            return self._refuse(now_ms, mg_dl, "glucose_range", mg_dl, limit)
        if not 0 <= age_ms <= self.lost_ms:
            return ("glucose_too_old", age_ms, self.lost_ms)
        at_ms = now_ms - age_ms
        readings = self._readings
        if readings:
            since_ms = at_ms - readings[-1][0]
            if since_ms < SOONEST_MS:
                return ("glucose_too_soon", since_ms, SOONEST_MS)
            jump = abs(mg_dl - readings[-1][1])
            if since_ms <= self.lost_ms and jump * MINUTE_MS > JUMP_MG_DL * since_ms:
                return self._refuse(now_ms, mg_dl, "glucose_jump", jump, JUMP_MG_DL * since_ms // MINUTE_MS)
            if since_ms > self.lost_ms:
                readings = []
        if not readings or mg_dl != readings[-1][1] or mg_dl == LEAST_MG_DL:
            self._same_ms = at_ms
        readings.append((at_ms, mg_dl))
        while len(readings) > MAX_READINGS or readings[0][0] < at_ms - OLDEST_MS:
            readings.pop(0)
        self._readings = readings
        self._refused_mg_dl = 0
        self._decide()
        return None

    def _refuse(self, now_ms, mg_dl, reason, value, limit):
        self._refused_mg_dl = max(1, mg_dl)
        self._refused_ms = now_ms
        return (reason, value, limit)

    # ---- what follows ----------------------------------------------------------------------------------------

    def rate_nl_h(self, now_ms, basal_nl_h):
        """Return the rate for now, where basal_nl_h is the set one: 0, or from the lowest rate to the highest basal."""
        refused = self._refused_mg_dl
        if 0 < refused < self.suspend_mg_dl() and now_ms - self._refused_ms <= self.lost_ms:
            self.why = DOUBT  # a sensor that is below what it can show says so again and again: it is not lost
            return 0
        readings = self._readings
        newest_ms = readings[-1][0] if readings else self._began_ms
        if not readings or now_ms - newest_ms > self.lost_ms:
            self.why = WAITING if now_ms - newest_ms <= self.lost_ms else LOST
            return basal_nl_h
        if now_ms - self._same_ms >= STUCK_MS:
            self.why = STUCK
            return basal_nl_h
        more_nl_h = self._more_nl_h
        self.why = self._reason
        if more_nl_h > 0 and self.on_board.uu() >= self.max_on_board_uu:  # by a bolus since the reading
            self.why = FULL
            more_nl_h = 0
        if refused:
            self.why = DOUBT
            more_nl_h = min(0, more_nl_h)
        if self._low:
            return 0
        grid_nl_h = max(1, basal_nl_h // GRID)
        rate_nl_h = min(basal_nl_h + more_nl_h // grid_nl_h * grid_nl_h, self.max_basal_nl_h)
        return 0 if rate_nl_h < MIN_RATE_NL_H else rate_nl_h

    def lowest_mg_dl(self):
        """Return the newest reading that was believed, or one since that was not if it is lower; 0 for none."""
        newest, refused = self._readings[-1][1] if self._readings else 0, self._refused_mg_dl
        return min(newest, refused) if newest and refused else newest or refused

    def suspend_mg_dl(self):
        """Return the glucose below which nothing is given."""
        return self.min_mg_dl - SUSPEND_MG_DL

    def _decide(self):
        """Find, at a new reading, how much insulin is missing or too much."""
        mg_dl = self._readings[-1][1]
        isf_ug_dl = self.isf_ug_dl
        on_board_uu = self.on_board.uu()
        # In ug/dL per TREND_MS: what insulin on board explains, what was seen, and what is left.
        explained = -self.on_board.used_uu(TREND_MS) * isf_ug_dl // 1000000
        seen = self._trend_ug_dl()
        deviation = (seen - explained) * (AHEAD_MS // TREND_MS)
        predicted = mg_dl * 1000 - on_board_uu * isf_ug_dl // 1000000 + deviation
        self.predicted_mg_dl = predicted // 1000
        lowest = mg_dl * 1000 + min(0, seen) * (AHEAD_MS // TREND_MS)
        self._low = lowest < self.suspend_mg_dl() * 1000
        self._more_nl_h = 0
        if self._low:
            self._reason = LOW
            return
        if self.min_mg_dl * 1000 <= predicted <= self.max_mg_dl * 1000:
            self._reason = IN_RANGE
            return
        missing_uu = (predicted - (self.min_mg_dl + self.max_mg_dl) * 500) * 1000000 // isf_ug_dl
        self._reason = MORE if missing_uu > 0 else LESS
        room_uu = self.max_on_board_uu - on_board_uu
        if missing_uu > 0 and missing_uu > room_uu:
            self._reason = FULL
            missing_uu = max(0, room_uu)
        self._more_nl_h = missing_uu * self._volume_nl * 3600000 // (self._amount_uu * AHEAD_MS)

    def _trend_ug_dl(self):
        """Return the change of glucose per TREND_MS: the mean over the readings; of a rise, no more than the newest."""
        readings = self._readings
        if len(readings) < 2:
            return 0
        mean = _per_trend(readings[0], readings[-1])
        newest = _per_trend(readings[-2], readings[-1])
        return max(0, min(mean, newest)) if mean > 0 else mean


def _per_trend(first, last):
    rise, in_ms = last[1] - first[1], last[0] - first[0]
    if rise > 0:
        in_ms = max(in_ms, TREND_MS)  # readings soon after each other make no steep rise of their noise
    return rise * 1000 * TREND_MS // in_ms
