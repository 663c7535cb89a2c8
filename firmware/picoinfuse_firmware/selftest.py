"""The power-on self-test: known answers of the arithmetic a dose depends on, the alarm table, and every fitted sensor.

`failed` returns the number of the first check that fails, which the alarm self_test carries: 1 to 4 known answers,
5 the alarm table, 6 a sensor this firmware does not know, 7 a problem the board itself has found before (its word says
which: Board.problem), and 10 and more the fitted sensor that gives no reading, or one that cannot be true: 10 and its
place in board.SENSORS.
"""

from . import alarms
from .board import (
    AIR_DETECTOR,
    AIR_SEEN,
    BARREL_GAUGE,
    BATTERY,
    COVER_OPEN,
    COVER_SWITCH,
    ENCODER,
    END_SWITCH,
    FORCE,
    KEYS,
    MAINS_GONE,
    MAINS_SENSE,
    SENSORS,
    SYRINGE_OUT,
    SYRINGE_SWITCH,
    THERMOMETER,
)
from .known_answers import wrong_answer
from .watch import sensors

TABLE_FAILED = 5
UNKNOWN_SENSOR = 6
BOARD_PROBLEM = 7
SENSOR = 10  # and the place of the sensor in board.SENSORS
BARREL_AT_MOST_UM = 60000  # 0, as without a syringe, to half as much again as the largest


def failed(board):
    """Return the number of the first check that fails, 0 if all pass."""
    number = wrong_answer()
    if number:
        return number
    if not _table_is_sane():
        return TABLE_FAILED
    if board.problem:
        return BOARD_PROBLEM
    silent = board.silent()
    for sensor in board.has:
        if sensor not in SENSORS:
            return UNKNOWN_SENSOR
        place = SENSORS.index(sensor)
        if silent & 1 << place or not _plausible(board, sensor):
            return SENSOR + place
    return 0


def _table_is_sane():
    """Whether every alarm has a row of its own, a priority, a name, and waits for a person if it stopped the motor."""
    for code in range(1, len(alarms.TABLE) + 1):
        row = alarms.BY_CODE.get(code)
        if row is None or row.code != code or not alarms.LOW <= row.priority <= alarms.HIGH:
            return False
        if not row.name or (row.stops and not row.latching):
            return False
    return True


def _plausible(board, sensor):
    """Whether a sensor reads what can be true of a pump that stands still and whose keys nobody presses."""
    if sensor == FORCE:
        return not sensors.force(board.force_mn(), board.config)
    if sensor == ENCODER:
        return board.encoder() == board.encoder()
    if sensor == END_SWITCH:
        return board.at_end() in (False, True)
    if sensor == BARREL_GAUGE:
        return 0 <= board.barrel_um() <= BARREL_AT_MOST_UM
    if sensor == BATTERY:
        return not sensors.battery(board.battery_mv())
    if sensor == THERMOMETER:
        return not sensors.thermometer(board.temperature_mc())
    if sensor == KEYS:
        return board.keys() == 0
    return board.switches() & ~_bits_of(board.has) == 0


def _bits_of(has):
    """Return the bits that the fitted switches may set."""
    bits = 0
    for sensor, bit in (
        (SYRINGE_SWITCH, SYRINGE_OUT),
        (COVER_SWITCH, COVER_OPEN),
        (AIR_DETECTOR, AIR_SEEN),
        (MAINS_SENSE, MAINS_GONE),
    ):
        if sensor in has:
            bits |= bit
    return bits
