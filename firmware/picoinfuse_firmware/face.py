"""What a display shows: state, rate, what is given of what is ordered, and the alarm, in lines of 16 characters."""

from . import alarms, report, states
from .board import KEYS

WIDE = 16  # characters of 8 pixels on a display of 128


def _ml(nl):
    """Return nanolitres as millilitres, cut after the microlitre, since what is not given is not shown."""
    return "%d.%03d" % (nl // 1000000, nl % 1000000 // 1000)


def lines(pump):
    """Return the lines that a display shows of a Controller, from the top; called once a second."""
    codes = pump.alarms.codes
    alarm = hint = ""
    for code in codes:
        row = alarms.BY_CODE[code]
        if row.priority == pump.alarms.priority:
            alarm = row.name.replace("_", " ")
            if row.latching and pump.state in (states.ALARM, states.COMPLETE) and KEYS in pump.board.has:
                hint = "hold START 2 s"
            break
    return (
        pump.state.upper(),
        _ml(pump.rate_nl_h()) + " mL/h",
        "of  " + _ml(pump.ordered_nl) + " mL",
        "got " + _ml(report.delivered_nl(pump)) + " mL",
        alarm,
        hint,
    )
