"""Books the insulin that a program gives, with a loop or without one, so that the next loop knows what is on board.

A program without a loop is booked if a loop gave the same drug before it: what it gives beyond the lowest set basal
rate of that loop is on board, keeping the vein open and boluses included; what it gives less is not missed.

If power fails while it is given, and nobody can go on with the program, all of it may have been given that the ledger
knows of and the books do not: its boluses, and a minute of its basal.
"""

from .companion import Companion
from .options import DRUG, find

HOUR_MS = 3600000
# Of the history: when (powered ms), whose program, which drug, the lowest set basal rate (uU/h), the time to peak
# action (ms), then what Booked.state returns, the first number of it as -1 - number while the motor may move.
LINE = "insulin"
GIVEN_UU = 100000  # when so much was given since it was kept, it is kept again


def drug_of(ledger):
    """Return the number by which a drug is known: that of its line in the history."""
    return int(ledger.name[2:], 16)


def account_of(pump, history, ledger):
    """Return the InsulinAccount of a program with a drug and without a loop; None if no loop gave that drug before."""
    kept = history.line(LINE)
    if not kept or kept[2] != drug_of(ledger):
        return None
    from .insulin_on_board import Booked

    amount_uu, volume_nl = find(pump.program, DRUG).numbers
    return InsulinAccount(pump, history, ledger, Booked(kept[4], amount_uu, volume_nl), kept[3], kept[4])


def _not_booked_uu(history, kept):
    """Return the most that can have been given of a program that is lost since its line was kept."""
    from .ledger import of_line

    ledger = of_line(history, "d.%04x" % kept[2])
    rates = [0] + [rate for until_ms, rate in ledger.rates if until_ms >= kept[0]]
    return sum([amount for end_ms, amount in ledger.boluses if end_ms >= kept[0]]) + max(rates) // 60


class InsulinAccount(Companion):
    """Of the program that a pump (a Controller) has taken. ledger: of its drug; books: a Booked."""

    def __init__(self, pump, history, ledger, books, basal_uu_h, peak_ms):
        self._pump = pump
        self._history = history
        self._books = books
        self._head = [int(pump.program.check(), 16), drug_of(ledger), basal_uu_h, peak_ms]
        amount_uu, volume_nl = find(pump.program, DRUG).numbers
        self._set_nl_h = basal_uu_h * volume_nl // amount_uu
        self._added_uu = 0  # given since it was kept
        self._stands = True
        kept = history.line(LINE)
        under_way = pump.journal.under_way
        if kept or under_way:
            numbers = kept[5:] if kept else [0, 0, 0]
            moved = numbers[0] < 0
            if moved:
                numbers[0] = -1 - numbers[0]
            if kept and kept[1] != self._head[0]:
                numbers[0] = 0  # of its dose: all that this program has given came after that
            dose_nl = self._given_nl() if under_way else 0
            books.restore(numbers, dose_nl, max(0, history.now_ms() - kept[0]) if kept else 0)
            if moved and not under_way:
                books.on_board.add(_not_booked_uu(history, kept))
        # Another power cut, after a program under way was stopped, finds it too.
        self._keep(0, 0 if under_way else GIVEN_UU)

    def look(self, now_ms):
        """Book what was given."""
        books = self._books
        if not self._pump.journal.under_way:
            books.rests(now_ms)
            return
        given_uu = books.given(now_ms, self._given_nl(), self._set_nl_h)
        if given_uu >= 0:
            books.on_board.forget_withheld()
            self._keep(given_uu)

    def ahead(self, now_ms):
        if self._stands:
            self._stands = False
            self._keep(0, 0)

    def rested(self, now_ms):
        """The motor stands: what was given until now is kept, whatever becomes of the program."""
        self._stands = True
        self._keep(self._books.book(self._given_nl()), 0)

    def leaves(self):
        self._keep(0, 0)

    def _given_nl(self):
        delivery = self._pump.delivery
        return delivery.dose_nl() + delivery.kvo_nl()

    def _keep(self, given_uu, enough_uu=GIVEN_UU):
        """Keep insulin on board: in memory each minute, and for good when enough was given since."""
        history = self._history
        numbers = self._books.state()
        if not self._stands:
            numbers[0] = -1 - numbers[0]
        history.put(LINE, [history.now_ms()] + self._head + numbers)
        if self._books.on_board.matters():
            history.matters(history.now_ms() + HOUR_MS)
        self._added_uu += given_uu
        if self._added_uu >= enough_uu:
            self._added_uu = 0
            history.save()
