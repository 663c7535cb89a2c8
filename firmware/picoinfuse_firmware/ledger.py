"""What was given of one drug, as far back as a limit looks: boluses with their end, and the fastest basal.

A line of the history: `d.XXXX`, of the drug's name, with the numbers

    base, rate, runs, n, n times (delta, amount), then any number of (delta, rate)

rate: of the basal when it was written; runs: what the boluses that were being given then give in all. base and the sums
of the deltas are powered seconds, rounded up: when a bolus ended, or until when the basal was so fast. Amounts are in
the unit of the drug, rates in it per hour, both rounded up. Where there is no room, neighbours are merged into one: all
of it, at the later time, the faster rate. So a sum is never too low.
"""

from binascii import crc32

MAX_WINDOW_MS = 86400000  # the longest window of a limit; what is older is forgotten
LATE_MS = 3000  # a change takes effect behind the look-ahead of 1.7 s, and a step may come a second late
MOST_BOLUSES = 24
MOST_RATES = 3
MOST_DRUGS = 4  # beside the one that is given, within MAX_WINDOW_MS
LEAST_ROOM = 110  # characters: of a line with one bolus and one rate, however large their numbers are
RUNS = -1  # the end of a bolus that is being given
HOUR_MS = 3600000


def name_of(what):
    """Return the name of the line of a drug; what: NAME.UNIT, or `-` where volumes are counted."""
    return "d.%04x" % (crc32(what.encode()) & 0xFFFF)


def ceil_of(number, num, den):
    """Return number * num / den, rounded up."""
    return -(-number * num // den)


class Ledger:
    """Of one drug at one concentration: amount in volume_nl; 1, 1 where volumes are counted."""

    def __init__(self, history, what, amount, volume_nl):
        self._history = history
        self.name = name_of(what)
        self._amount = amount
        self._volume_nl = volume_nl
        self.boluses = []  # [end or RUNS, amount]
        self.rates = []  # [until, rate], each later one slower
        self.rate = 0  # flows now
        self._kept_rate = 0  # that the record knows of
        line = history.line(self.name)
        if line:
            self._read(line)

    def _read(self, line):
        count = 2 * line[3]
        at_s = line[0]
        for i in range(4, 4 + count, 2):
            at_s += line[i]
            self.boluses.append([at_s * 1000, line[i + 1]])
        at_s = line[0]
        for i in range(4 + count, len(line), 2):
            at_s += line[i]
            self.rates.append([at_s * 1000, line[i + 1]])
        # What was under way then may have gone on until the power failed: on this clock that is the time of the record.
        if line[2]:
            self.boluses.append([self._history.kept_ms(), line[2]])
        if line[1]:
            self._slower(self._history.kept_ms(), line[1])

    def put(self):
        """Put the line into the history: merge what there is no room for. It is not saved by that."""
        history = self._history
        now_ms = history.now_ms()
        self._forget(now_ms - MAX_WINDOW_MS - LATE_MS)
        room = history.room(self.name)
        while True:
            numbers = self._numbers()
            if len(self.boluses) <= MOST_BOLUSES and len(",".join([str(n) for n in numbers])) <= room:
                break
            if not self._merge():
                break  # LEAST_ROOM was there when the program was taken
        nothing = not self.boluses and not self.rates and not self.rate
        history.put(self.name, None if nothing else numbers)
        self._kept_rate = self.rate
        if not nothing:
            history.matters(now_ms + MAX_WINDOW_MS)

    def _numbers(self):
        runs = sum([row[1] for row in self.boluses if row[0] == RUNS])
        ended = [[-(-row[0] // 1000), row[1]] for row in self.boluses if row[0] != RUNS]
        rates = [[-(-row[0] // 1000), row[1]] for row in self.rates]
        base_s = min([row[0] for row in ended + rates]) if ended or rates else 0
        numbers = [base_s, self.rate, runs, len(ended)]
        for rows in (ended, rates):
            at_s = base_s
            for end_s, number in rows:
                numbers += [max(0, end_s - at_s), number]
                at_s = max(at_s, end_s)
        return numbers

    def _forget(self, before_ms):
        while self.boluses and RUNS != self.boluses[0][0] < before_ms:
            self.boluses.pop(0)
        while self.rates and self.rates[0][0] < before_ms:
            self.rates.pop(0)

    def _merge(self):
        """Merge the two boluses that ended closest together, or two rates. Returns whether there were two."""
        best = -1
        for i in range(len(self.boluses) - 1):
            if self._gap(i) >= 0 and (best < 0 or self._gap(i) < self._gap(best)):
                best = i
        if best >= 0:
            amount = self.boluses.pop(best)[1]
            self.boluses[best][1] += amount
            return True
        if len(self.rates) > 1:
            rate = self.rates.pop(0)[1]
            self.rates[0][1] = rate  # the slower one counts as fast
            return True
        return False

    def _gap(self, i):
        """Return the time between the ends of two boluses, 0 if both are being given, -1 if only one is."""
        end, later = self.boluses[i][0], self.boluses[i + 1][0]
        if later == RUNS:
            return 0 if end == RUNS else -1
        return later - end

    # ---- what happens ------------------------------------------------------------------------------------------

    def amount_of(self, volume_nl):
        """Return the amount of drug in a volume, rounded up."""
        return ceil_of(volume_nl, self._amount, self._volume_nl)

    def rate_of(self, rate_nl, rate_ms):
        """Return a flow in the unit of the drug per hour, rounded up."""
        return ceil_of(rate_nl * HOUR_MS, self._amount, self._volume_nl * rate_ms)

    def begins(self, amount):
        """A bolus is about to be given."""
        self.boluses.append([RUNS, amount])

    def taken_back(self, amount):
        """A bolus that was to be given was not begun after all."""
        if [RUNS, amount] in self.boluses:
            self.boluses.remove([RUNS, amount])

    def over(self, at_ms):
        """All boluses are over since this powered time."""
        for bolus in self.boluses:
            if bolus[0] == RUNS:
                bolus[0] = at_ms

    def flows(self, rate):
        """From the horizon on the basal is so fast. Returns whether the record does not know of so fast a one."""
        if rate < self.rate:
            self._slower(self._history.now_ms(), self.rate)
        self.rate = rate
        return rate > self._kept_rate

    def _slower(self, until_ms, rate):
        self.rates = [row for row in self.rates if row[1] > rate]
        self.rates.append([until_ms, rate])
        if len(self.rates) > MOST_RATES:
            fast = self.rates.pop(0)[1]
            self.rates[0][1] = fast

    def squeeze(self):
        """Another drug is given from now on: keep one bolus and one rate of this one."""
        while self._merge():
            pass

    # ---- what it amounts to ------------------------------------------------------------------------------------

    def rows(self, left_ms):
        """Return all boluses as rows (end, end, amount) in ms from now; left_ms: until those that run are over."""
        now_ms = self._history.now_ms()
        ends = [[left_ms if row[0] == RUNS else row[0] - now_ms, row[1]] for row in self.boluses]
        return [(min(0, end), end, amount) for end, amount in ends]

    def fastest(self, window_ms):
        """Return the fastest basal that flows, or did within the last window_ms."""
        since_ms = self._history.now_ms() - window_ms
        fast = self.rate
        for until, rate in self.rates:
            if until + LATE_MS > since_ms and rate > fast:
                fast = rate
        return fast

    def changes_ms(self):
        """Return the powered times at which something leaves the account of a window that began then."""
        return [row[0] + LATE_MS for row in self.boluses + self.rates if row[0] != RUNS]


def of_line(history, name):
    """Return the Ledger of a line of the history by its name; the concentration of that drug is not known."""
    ledger = Ledger(history, "", 1, 1)
    ledger.name = name
    ledger.boluses, ledger.rates = [], []
    line = history.line(name)
    if line:
        ledger._read(line)
    return ledger


def others(history, name):
    """Return how many other drugs than that of this line were given within MAX_WINDOW_MS; forget those before."""
    count = 0
    for line in history.names():
        if line.startswith("d.") and line != name:
            old = of_line(history, line)
            old.over(history.kept_ms())
            old.squeeze()
            old.put()
            if history.line(line):
                count += 1
    return count
