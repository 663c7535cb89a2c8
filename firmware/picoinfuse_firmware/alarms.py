"""The alarm table: code, name, priority, latching or not, stops the motor or not.

The words for people are in alarm_texts.py, which the pump does not load: they took more memory than all watches.
Priorities as in IEC 60601-1-8. A latching alarm stays until it is acknowledged; any other goes with its cause.
"""

from collections import namedtuple

LOW = 1
MEDIUM = 2
HIGH = 3
PRIORITIES = ("none", "low", "medium", "high")

OCCLUSION = 1
MOTOR_STALLED = 2
OVER_DELIVERY = 3
UNDER_DELIVERY = 4
EMPTY = 5
NEAR_END = 6
END = 7
CALL_BACK = 8
POWER_LOST = 9
SYSTEM_FAULT = 10
GUARD = 11
PRESSURE_RISING = 12
NOT_ENGAGED = 13
SYRINGE_REMOVED = 14
SYRINGE_UNKNOWN = 15
AIR = 16
RATE_UNREACHABLE = 17
COVER_OPEN = 18
BATTERY_LOW = 19
BATTERY_DEPLETED = 20
MAINS_LOST = 21
PAUSE_TOO_LONG = 22
KEY_STUCK = 23
SELF_TEST = 24
MEMORY = 25
WATCHDOG = 26
RESTARTS = 27
TEMPERATURE = 28
SENSOR_FAULT = 29
SYRINGE_CHANGE = 30
GLUCOSE_LOW = 31
GLUCOSE_LOST = 32
WRONG_CODE = 33
SUPERVISION_LOST = 34

# Only switching the pump off ends these: it cannot be trusted any more.
RESTART_NEEDED = (SYSTEM_FAULT, GUARD, SELF_TEST, MEMORY)
STOP_NEEDED = (RESTARTS,)  # these are not acknowledged but stopped
# These have nothing to do with a program: stopping it ends none.
OF_THE_PUMP = (BATTERY_LOW, MAINS_LOST, KEY_STUCK, WRONG_CODE)

# Values of the alarm system_fault.
FAULT_STARVED = 1  # the firmware came too late to keep the motor in steps
FAULT_COUNT = 2  # the motor did not do the steps that were laid, or did more
FAULT_PROGRAM = 3  # the firmware raised an exception
FAULT_JOURNAL = 4  # what must survive a power cut could not be written

# One row of the table; a tuple with names, which takes a third of an object's memory on a Pico.
Alarm = namedtuple("Alarm", ("code", "name", "priority", "latching", "stops"))

TABLE = (
    Alarm(OCCLUSION, "occlusion", HIGH, True, True),
    Alarm(MOTOR_STALLED, "motor_stalled", HIGH, True, True),
    Alarm(OVER_DELIVERY, "over_delivery", HIGH, True, True),
    Alarm(UNDER_DELIVERY, "under_delivery", HIGH, True, True),
    Alarm(EMPTY, "empty", HIGH, True, True),
    Alarm(NEAR_END, "near_end", LOW, False, False),
    Alarm(END, "end", MEDIUM, True, False),
    Alarm(CALL_BACK, "call_back", MEDIUM, False, False),
    Alarm(POWER_LOST, "power_lost", HIGH, True, True),
    Alarm(SYSTEM_FAULT, "system_fault", HIGH, True, True),
    Alarm(GUARD, "guard", HIGH, True, True),
    Alarm(PRESSURE_RISING, "pressure_rising", LOW, False, False),
    Alarm(NOT_ENGAGED, "not_engaged", HIGH, True, True),
    Alarm(SYRINGE_REMOVED, "syringe_removed", HIGH, True, True),
    Alarm(SYRINGE_UNKNOWN, "syringe_unknown", HIGH, True, True),
    Alarm(AIR, "air", HIGH, True, True),
    Alarm(RATE_UNREACHABLE, "rate_unreachable", MEDIUM, False, False),
    Alarm(COVER_OPEN, "cover_open", HIGH, True, True),
    Alarm(BATTERY_LOW, "battery_low", MEDIUM, False, False),
    Alarm(BATTERY_DEPLETED, "battery_depleted", HIGH, True, True),
    Alarm(MAINS_LOST, "mains_lost", LOW, False, False),
    Alarm(PAUSE_TOO_LONG, "pause_too_long", MEDIUM, False, False),
    Alarm(KEY_STUCK, "key_stuck", MEDIUM, False, False),
    Alarm(SELF_TEST, "self_test", HIGH, True, True),
    Alarm(MEMORY, "memory", HIGH, True, True),
    Alarm(WATCHDOG, "watchdog", HIGH, True, True),
    Alarm(RESTARTS, "restarts", HIGH, True, True),
    Alarm(TEMPERATURE, "temperature", HIGH, True, True),
    Alarm(SENSOR_FAULT, "sensor_fault", HIGH, True, True),
    Alarm(SYRINGE_CHANGE, "syringe_change", MEDIUM, True, True),
    Alarm(GLUCOSE_LOW, "glucose_low", MEDIUM, False, False),
    Alarm(GLUCOSE_LOST, "glucose_lost", LOW, False, False),
    Alarm(WRONG_CODE, "wrong_code", MEDIUM, True, False),
    Alarm(SUPERVISION_LOST, "supervision_lost", MEDIUM, False, False),
)

BY_CODE = {}
for _row in TABLE:
    BY_CODE[_row.code] = _row
