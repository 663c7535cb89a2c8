"""What becomes of a program that a power cut interrupted: it waits, paused, for a person to go on with it or stop it.

It is gone on with only if all of it is there: the program, where it stood, and a drive whose steps give what they gave.
Else nobody can go on, and the most that can have been given is told. Notes of the event log say which it was.
"""

from . import alarms, program_limits
from .board import ENCODER
from .delivery import Delivery
from .dose import step_of
from .narrow import steps_between
from .stand import rate_of, stand
from .standing import RUNS

PROGRAM_LOST = "program_lost"  # its record is damaged, or of another one
PUMP_FAILED = "pump_failed"  # it found an error in itself, and had to be switched off for that
PLACE_LOST = "place_lost"  # ... where it stood: all that was in the syringe may have been given
DRIVE_CHANGED = "drive_changed"  # a motor step gives another volume than before, or the program is beyond its limits
UNCERTAIN = "uncertain_nl"  # so much of what counts as given may not have been given
DROPPED = "dropped_nl"  # so much of the order is not given any more: the rest of boluses, and what is less than a step


def look(pump):
    """Power was lost: raise the alarm, and let the program wait if it can be gone on with."""
    journal = pump.journal
    if not journal.damaged:
        program, place = journal.program(), journal.place()
        if program is None:
            pump.event("note", PROGRAM_LOST, 0)
        elif journal.failing:
            pump.event("note", PUMP_FAILED, 0)
        if place is None:
            pump.event("note", PLACE_LOST, 0)
            if program is not None:
                journal.reserved_nl = max(journal.reserved_nl, program.filled_nl)
        elif program is None or journal.failing:
            _tell_most(journal, place)
        else:
            _wait(pump, program, place)
    pump.alarm(alarms.POWER_LOST, journal.reserved_nl)


def _tell_most(journal, place):
    """The program is gone, and with it which lane the count is of: the larger one is never too low."""
    num, den = journal.step
    journal.reserved_nl = max(place.reserved, place.other) * num // (den * 1000)


def _wait(pump, program, place):
    """Let the program wait where it was."""
    journal = pump.journal
    board = pump.board
    config = board.config
    now_ms = pump.now_ms
    step = step_of(config, program.barrel_um)
    if (step.pl_num, step.pl_den) != journal.step or program_limits.program(program, config):
        pump.event("note", DRIVE_CHANGED, 0)
        _tell_most(journal, place)
        return
    angle = board.angle() if ENCODER in board.has else None
    least, most, note = steps_between(place, angle, config)
    if note:
        pump.event("note", note, 0)
    delivery = Delivery(board, program.phases, step, pump.origin_ms)
    dropped_nl = stand(delivery, place, most)
    lane = delivery.lane
    delivery.uncertain += max(0, lane.given - least)
    journal.under_way = True
    pump.take_program(program, delivery)
    pump.content.planned = place.planned
    pump.content.is_now(place.left_nl - step.nl_of(lane.given - place.given))
    pump.relief.drawn_before(place.drawn)
    pump.requests.confirmed = True
    pump.lookout.around.memory.confirmed(journal.check)
    guard = pump.guard
    guard.take(program)
    guard.arm(now_ms)
    runs = place.entered == RUNS
    rate = rate_of(program.phases[place.phase], place) if runs else None
    guard.go_on(place.phase, place.passes, runs, place.used_nl, place.used_ms, rate, now_ms)
    guard.rest(now_ms)
    # From here on this is where it stands: another power cut finds the same.
    pump.reserve.exactly(delivery)
    journal.save()
    if delivery.uncertain:
        pump.event("note", UNCERTAIN, step.nl_of(delivery.uncertain))
    if dropped_nl:
        pump.event("note", DROPPED, dropped_nl)
