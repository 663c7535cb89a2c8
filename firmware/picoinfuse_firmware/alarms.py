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

# Only switching the pump off ends these: it cannot be trusted any more.
RESTART_NEEDED = (SYSTEM_FAULT, GUARD, SELF_TEST, MEMORY)
STOP_NEEDED = (RESTARTS,)  # these are not acknowledged but stopped
OF_THE_PUMP = (BATTERY_LOW, MAINS_LOST, KEY_STUCK)  # these have nothing to do with a program: stopping it ends none


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
        "Infusion complete: everything ordered was pumped",
        "Look at what was drawn back after an occlusion, acknowledge, stop, load the next program",
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
        "Read the delivered volume, decide with the prescriber, acknowledge, then resume or stop",
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
        "The second channel stopped the motor: it turned too far, or not at all, or back, or pressed too hard",
        "Clamp the line, do not use this pump before it is understood",
    ),
    Alarm(
        PRESSURE_RISING,
        "pressure_rising",
        LOW,
        False,
        False,
        "Pressure rising: the line resists more and more",
        "Look for a kink, a closing clamp, a swollen site before it becomes an occlusion",
    ),
    Alarm(
        NOT_ENGAGED,
        "not_engaged",
        HIGH,
        True,
        True,
        "Drive not engaged: the pusher moves and nothing resists it",
        "Close the clamp of the line, look whether the plunger is held, acknowledge, resume",
    ),
    Alarm(
        SYRINGE_REMOVED,
        "syringe_removed",
        HIGH,
        True,
        True,
        "Syringe removed",
        "Close the clamp of the line, fit the syringe, acknowledge, resume",
    ),
    Alarm(
        SYRINGE_UNKNOWN,
        "syringe_unknown",
        HIGH,
        True,
        True,
        "Syringe not recognised: its barrel is not the one of the program",
        "Fit the syringe that was programmed, or stop and program the one that is fitted",
    ),
    Alarm(
        AIR,
        "air",
        HIGH,
        True,
        True,
        "Air in the line",
        "Close the clamp, disconnect the patient, remove the air, acknowledge, resume",
    ),
    Alarm(
        RATE_UNREACHABLE,
        "rate_unreachable",
        MEDIUM,
        False,
        False,
        "Rate not reached: the motor lags behind what is ordered",
        "Wait: after a late poll it ends by itself; if it stays, order a lower rate or fit a larger syringe",
    ),
    Alarm(
        COVER_OPEN,
        "cover_open",
        HIGH,
        True,
        True,
        "The cover is open",
        "Close the cover, acknowledge, resume",
    ),
    Alarm(
        BATTERY_LOW,
        "battery_low",
        MEDIUM,
        False,
        False,
        "Battery low: it lasts for another 30 minutes",
        "Plug the mains in",
    ),
    Alarm(
        BATTERY_DEPLETED,
        "battery_depleted",
        HIGH,
        True,
        True,
        "Battery depleted: the pump has stopped",
        "Plug the mains in, acknowledge, resume",
    ),
    Alarm(
        MAINS_LOST,
        "mains_lost",
        LOW,
        False,
        False,
        "Mains lost: the pump runs on its battery",
        "Look at the plug, or go on for as long as the battery lasts",
    ),
    Alarm(
        PAUSE_TOO_LONG,
        "pause_too_long",
        MEDIUM,
        False,
        False,
        "The pump has been paused for long",
        "Resume, or stop",
    ),
    Alarm(
        KEY_STUCK,
        "key_stuck",
        MEDIUM,
        False,
        False,
        "A key is stuck",
        "Free the key, or have it repaired",
    ),
    Alarm(
        SELF_TEST,
        "self_test",
        HIGH,
        True,
        True,
        "Self-test failed: the pump found an error in itself when it was switched on",
        "Switch off, do not use this pump before it is understood",
    ),
    Alarm(
        MEMORY,
        "memory",
        HIGH,
        True,
        True,
        "Memory fault: the program is no longer the one that was confirmed",
        "Switch off, do not use this pump before it is understood",
    ),
    Alarm(
        WATCHDOG,
        "watchdog",
        HIGH,
        True,
        True,
        "The watchdog restarted the pump: its firmware had hung",
        "Read the delivered volume, acknowledge, do not trust this pump before it is understood",
    ),
    Alarm(
        RESTARTS,
        "restarts",
        HIGH,
        True,
        True,
        "Restarted three times after an alarm, in ten minutes or without a flow in between",
        "Mend the cause, stop, program again",
    ),
    Alarm(
        TEMPERATURE,
        "temperature",
        HIGH,
        True,
        True,
        "The pump is too hot or too cold",
        "Bring it to room temperature, acknowledge, resume",
    ),
    Alarm(
        SENSOR_FAULT,
        "sensor_fault",
        HIGH,
        True,
        True,
        "A sensor gives no reading that can be true",
        "Look at its plug and wires, acknowledge, resume",
    ),
)

BY_CODE = {}
for _row in TABLE:
    BY_CODE[_row.code] = _row
