"""The alarm table: code, name, priority, latching or not, stops the motor or not, text, what to do.

Priorities as in IEC 60601-1-8. A latching alarm stays until it is acknowledged; any other goes with its cause.
"""

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


class Alarm:
    """One row of the table."""

    def __init__(self, code, name, priority, latching, stops, text, action):
        self.code = code
        self.name = name
        self.priority = priority
        self.latching = latching
        self.stops = stops
        self.text = text
        self.action = action


TABLE = (
    Alarm(
        OCCLUSION,
        "occlusion",
        HIGH,
        True,
        True,
        "Occlusion: the pressure in the line is above its threshold",
        "Look for a closed clamp or a kink, open it, acknowledge, resume",
    ),
    Alarm(
        MOTOR_STALLED,
        "motor_stalled",
        HIGH,
        True,
        True,
        "Motor stalled: the screw does not turn as it was told",
        "Look at the coupling, the wires and the motor current, acknowledge, resume",
    ),
    Alarm(
        OVER_DELIVERY,
        "over_delivery",
        HIGH,
        True,
        True,
        "Over-delivery: the screw turned further than ordered",
        "Clamp the line, do not use this pump before it is understood",
    ),
    Alarm(
        UNDER_DELIVERY,
        "under_delivery",
        HIGH,
        True,
        True,
        "Under-delivery: the screw turned less than 90 % of what was ordered",
        "Look at the drive, acknowledge, resume",
    ),
    Alarm(
        EMPTY,
        "empty",
        HIGH,
        True,
        True,
        "Empty: the plunger has reached the end of the syringe",
        "Fit a full syringe, acknowledge, resume",
    ),
    Alarm(
        NEAR_END,
        "near_end",
        LOW,
        False,
        False,
        "Near end: the infusion will soon be complete",
        "Have the next syringe ready",
    ),
    Alarm(
        END,
        "end",
        MEDIUM,
        True,
        False,
        "Infusion complete: everything ordered was given",
        "Acknowledge, stop, load the next program",
    ),
    Alarm(
        CALL_BACK,
        "call_back",
        MEDIUM,
        False,
        False,
        "Call-back: a setting was begun and not finished",
        "Confirm and start it, or stop it",
    ),
    Alarm(
        POWER_LOST,
        "power_lost",
        HIGH,
        True,
        True,
        "Power was lost during an infusion; it was not restarted",
        "Read the delivered volume, acknowledge, decide with the prescriber what is still to be given",
    ),
    Alarm(
        SYSTEM_FAULT,
        "system_fault",
        HIGH,
        True,
        True,
        "System fault: the pump found an error in itself",
        "Switch off, do not use this pump before it is understood",
    ),
    Alarm(
        GUARD,
        "guard",
        HIGH,
        True,
        True,
        "The second channel stopped the motor: it turned further than ordered, or pressed too hard",
        "Clamp the line, do not use this pump before it is understood",
    ),
)

BY_CODE = {}
for _row in TABLE:
    BY_CODE[_row.code] = _row
