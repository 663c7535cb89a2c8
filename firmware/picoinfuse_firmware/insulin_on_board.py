"""How much of the insulin that was given still works: whole micro-units (uU), a whole minute at a time.

Insulin under the skin passes two compartments with one time constant, the time to its peak action: after t minutes
(1 + t/T) exp(-t/T) of it is left, and most of it is absorbed at t = T. It is counted against the set basal rate: what
was given beyond it counts, what was withheld counts below 0. Every rounding is upwards, so that never too little is
thought to be on board. Time while the pump has no power counts as no time passed.
"""

MINUTE_MS = 60000
_BITS = 26
_ONE = 1 << _BITS  # factors are so many parts of this
_WIDTH = 6  # of these parts: how far a factor that is rounded up may be from one that is rounded down
GONE_PEAKS = 12  # after so many times to the peak less than a ten-thousandth is left
NOTHING_UU = 1000  # below a thousandth of a unit nothing is left that matters
MOST_UU = 99999999999  # a hundred thousand units: more is not remembered, so that it fits into its line of the history


class InsulinOnBoard:
    """Insulin on board of one patient. peak_ms: time to peak action, 35 to 120 min."""

    def __init__(self, peak_ms):
        self._peak_ms = peak_ms
        # x = 1 min / T, rounded down, and exp(-x) to its fourth power, rounded up: by less than _WIDTH
        self._part = x = _ONE * MINUTE_MS // peak_ms
        square = x * x >> _BITS
        cube = square * x >> _BITS
        self._kept = _ONE - x + -(-square // 2) - cube // 6 + cube * x // (24 << _BITS) + 1
        self.first_uu = 0
        self.second_uu = 0

    def uu(self):
        """Return what is on board beyond the set basal rate; below 0: so much was withheld."""
        return self.first_uu + self.second_uu

    def used_uu(self, for_ms):
        """Return how much of it works within for_ms (minutes, not hours) from now."""
        return self.second_uu * for_ms // self._peak_ms

    def add(self, uu):
        """So much more than the set basal rate was given since the last minute; below 0: less."""
        self.first_uu += uu

    def minute(self):
        """A minute is over."""
        part = self._part + 1 if self.first_uu > 0 else self._part
        moved = -(-self.first_uu * part >> _BITS)
        self.second_uu = self._left_of(self.second_uu + moved)
        self.first_uu = self._left_of(self.first_uu)

    def _left_of(self, uu):
        """Return what a minute leaves of it, rounded upwards: what was withheld wears off rather too soon."""
        kept = self._kept if uu > 0 else self._kept - _WIDTH
        return -(-uu * kept >> _BITS)

    def pass_time(self, ms):
        """So many ms of power are over, whole minutes of which count, with exactly the set basal rate given."""
        if ms > GONE_PEAKS * self._peak_ms:
            self.first_uu = self.second_uu = 0
        else:
            for _ in range(ms // MINUTE_MS):
                self.minute()

    def forget_withheld(self):
        """What was withheld is not missed."""
        self.first_uu = max(0, self.first_uu)
        self.second_uu = max(0, self.second_uu)

    def matters(self):
        """Return whether anything is on board that has to be remembered."""
        return not -NOTHING_UU < self.first_uu < NOTHING_UU or not -NOTHING_UU < self.second_uu < NOTHING_UU

    def state(self):
        """Return all of it as whole numbers, for `restore`."""
        return [min(self.first_uu, MOST_UU), min(self.second_uu, MOST_UU)]

    def restore(self, numbers):
        """Take back what `state` returned. Raises ValueError if it is no state."""
        first, second = numbers
        self.first_uu, self.second_uu = first, second


class Booked:
    """What one program gave, as insulin on board knows it. amount_uu in volume_nl: the concentration of its insulin."""

    def __init__(self, peak_ms, amount_uu, volume_nl):
        self.on_board = InsulinOnBoard(peak_ms)
        self._amount_uu = amount_uu
        self._volume_nl = volume_nl
        self._began_ms = -1
        self._minute_ms = -1  # when the last whole minute was booked
        self._booked_nl = 0  # of the dose account

    def given(self, now_ms, dose_nl, basal_nl_h):
        """dose_nl stand in the dose account, boluses and all; basal_nl_h is the set rate. Called often, each minute.

        Return how much insulin was booked, -1 if no minute was over.
        """
        if self._began_ms < 0:
            self._began_ms = self._minute_ms = now_ms
        minutes = (now_ms - self._minute_ms) // MINUTE_MS
        if not minutes:
            return -1
        on_board = self.on_board
        on_board.pass_time((minutes - 1) * MINUTE_MS)
        on_board.minute()
        self._minute_ms += minutes * MINUTE_MS
        return self.book(dose_nl, basal_nl_h * minutes * MINUTE_MS // 3600000)

    def rests(self, now_ms):
        """Nothing is under way: insulin on board wears off with time, and what was withheld is not missed for ever."""
        if self._minute_ms < 0:
            self._minute_ms = now_ms
        minutes = (now_ms - self._minute_ms) // MINUTE_MS
        if minutes:
            self.on_board.pass_time(minutes * MINUTE_MS)
            self._minute_ms += minutes * MINUTE_MS

    def book(self, dose_nl, scheduled_nl=0):
        """Count what came into the dose account, but for what the set rate was to give; return all of it in uU."""
        new_nl = dose_nl - self._booked_nl
        self._booked_nl = dose_nl
        self.on_board.add(self._uu(new_nl - scheduled_nl))
        return self._uu(new_nl)

    def state(self):
        """Return what must outlive a power cut or another program, as whole numbers."""
        return [self._booked_nl] + self.on_board.state()

    def restore(self, numbers, dose_nl, passed_ms):
        """Take back what `state` returned, passed_ms of powered time ago. Raises ValueError if it is no state.

        dose_nl: of the same program now; what came after the state counts as given now. For another program: 0.
        """
        booked_nl = numbers[0]
        self.on_board.restore(numbers[1:])
        self.on_board.pass_time(passed_ms)
        self._booked_nl = dose_nl
        self.on_board.add(self._uu(max(0, dose_nl - booked_nl)))

    def _uu(self, nl):
        """Return the insulin in a volume, rounded up."""
        return -(-nl * self._amount_uu // self._volume_nl)
