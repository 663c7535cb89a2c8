"""What each alarm says to people and what they are to do about it: two sentences for each row of alarms.py.

Only the host loads this file.
"""

from . import alarms

TEXTS = {
    alarms.OCCLUSION: (
        "Occlusion: the pressure in the line is above its threshold",
        "Look for a closed clamp or a kink, open it, acknowledge, resume",
    ),
    alarms.MOTOR_STALLED: (
        "Motor stalled: the screw does not turn as it was told",
        "Look at the coupling, the wires and the motor current, acknowledge, resume",
    ),
    alarms.OVER_DELIVERY: (
        "Over-delivery: the screw turned further than ordered",
        "Clamp the line, do not use this pump before it is understood",
    ),
    alarms.UNDER_DELIVERY: (
        "Under-delivery: the screw turned less than 90 % of what was ordered",
        "Look at the drive, acknowledge, resume",
    ),
    alarms.EMPTY: (
        "Empty: the plunger has reached the end of the syringe",
        "Fit a full syringe, acknowledge, resume",
    ),
    alarms.NEAR_END: (
        "Near end: the infusion will soon be complete",
        "Have the next syringe ready",
    ),
    alarms.END: (
        "Infusion complete: everything ordered was pumped",
        "If there was an occlusion, look whether anything was drawn back; acknowledge, stop, load the next program",
    ),
    alarms.CALL_BACK: (
        "Call-back: a setting was begun and not finished",
        "Confirm and start it, or stop it",
    ),
    alarms.POWER_LOST: (
        "Power was lost during an infusion; it was not restarted",
        "Read the delivered volume, decide with the prescriber, acknowledge, then resume or stop",
    ),
    alarms.SYSTEM_FAULT: (
        "System fault: the pump found an error in itself",
        "Switch off, do not use this pump before it is understood",
    ),
    alarms.GUARD: (
        "The second channel stopped the motor: it turned too far, or not at all, or back, or pressed too hard",
        "Clamp the line, do not use this pump before it is understood",
    ),
    alarms.PRESSURE_RISING: (
        "Pressure rising: the line resists more and more",
        "Look for a kink, a closing clamp, a swollen site before it becomes an occlusion",
    ),
    alarms.NOT_ENGAGED: (
        "Drive not engaged: the pusher moves and nothing resists it",
        "Close the clamp of the line, look whether the plunger is held, acknowledge, resume",
    ),
    alarms.SYRINGE_REMOVED: (
        "Syringe removed",
        "Close the clamp of the line, fit the syringe, acknowledge, resume",
    ),
    alarms.SYRINGE_UNKNOWN: (
        "Syringe not recognised: its barrel is not the one of the program",
        "Fit the syringe that was programmed, or stop and program the one that is fitted",
    ),
    alarms.AIR: (
        "Air in the line",
        "Close the clamp, disconnect the patient, remove the air, acknowledge, resume",
    ),
    alarms.RATE_UNREACHABLE: (
        "Rate not reached: the motor lags behind what is ordered",
        "Wait: after a late poll it ends by itself; if it stays, order a lower rate or fit a larger syringe",
    ),
    alarms.COVER_OPEN: (
        "The cover is open",
        "Close the cover, acknowledge, resume",
    ),
    alarms.BATTERY_LOW: (
        "Battery low: it lasts for another 30 minutes",
        "Plug the mains in",
    ),
    alarms.BATTERY_DEPLETED: (
        "Battery depleted: the pump has stopped",
        "Plug the mains in, acknowledge, resume",
    ),
    alarms.MAINS_LOST: (
        "Mains lost: the pump runs on its battery",
        "Look at the plug, or go on for as long as the battery lasts",
    ),
    alarms.PAUSE_TOO_LONG: (
        "The pump has been paused for long",
        "Resume, or stop",
    ),
    alarms.KEY_STUCK: (
        "A key is stuck",
        "Free the key, or have it repaired",
    ),
    alarms.SELF_TEST: (
        "Self-test failed: the pump found an error in itself when it was switched on",
        "Switch off, do not use this pump before it is understood",
    ),
    alarms.MEMORY: (
        "Memory fault: the program is no longer the one that was confirmed",
        "Switch off, do not use this pump before it is understood",
    ),
    alarms.WATCHDOG: (
        "The watchdog restarted the pump: its firmware had hung",
        "Read the delivered volume, acknowledge, do not trust this pump before it is understood",
    ),
    alarms.RESTARTS: (
        "Restarted three times after an alarm, in ten minutes or without a flow in between",
        "Mend the cause, stop, program again",
    ),
    alarms.TEMPERATURE: (
        "The pump is too hot or too cold",
        "Bring it to room temperature, acknowledge, resume",
    ),
    alarms.SENSOR_FAULT: (
        "A sensor gives no reading that can be true",
        "Look at its plug and wires, acknowledge, resume",
    ),
    alarms.SYRINGE_CHANGE: (
        "Syringe change: this syringe is empty, the program goes on from the next one",
        "Close the clamp of the line, fit the next syringe, say how much is in it (refill), acknowledge, resume",
    ),
    alarms.GLUCOSE_LOW: (
        "Glucose is low: no basal insulin is given until it rises",
        "Measure it with another device; if it is true, give sugar",
    ),
    alarms.GLUCOSE_LOST: (
        "No reading of the glucose sensor that can be believed: the set basal rate runs",
        "Look at the sensor and at what passes its readings on; measure glucose yourself meanwhile",
    ),
    alarms.WRONG_CODE: (
        "Wrong codes: somebody typed three or more in a row",
        "Look who is at the pump, acknowledge; the log says for which name",
    ),
    alarms.SUPERVISION_LOST: (
        "Supervision lost: the computer that sets the rate is not heard; the rate is the one ordered for that, or 0",
        "Look at the patient, the computer and its cable; set the rate or resume by hand, or stop and program anew",
    ),
}


def text(alarm):
    """Return what a row of alarms.TABLE says."""
    return TEXTS[alarm.code][0]


def action(alarm):
    """Return what is to be done about a row of alarms.TABLE."""
    return TEXTS[alarm.code][1]
