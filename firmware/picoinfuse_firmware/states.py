"""The state machine as a table: (state, event) -> state. Nothing else changes the state of the pump.

selftest   power is on, the pump looks at itself
idle       nothing is loaded
staged     a program is loaded and waits for its check value to be confirmed
ready      confirmed; waits for start (or for priming)
priming    fluid runs into a line that is not connected to a patient
infusing   the program runs
paused     the motor stands still, the program waits
kvo        a keep-vein-open phase runs
alarm      an alarm stopped the motor; acknowledge it when its cause is gone
complete   everything ordered was pumped
"""

SELFTEST = "selftest"
IDLE = "idle"
STAGED = "staged"
READY = "ready"
PRIMING = "priming"
INFUSING = "infusing"
PAUSED = "paused"
KVO = "kvo"
ALARM = "alarm"
COMPLETE = "complete"

# Events: what a person asks for ...
LOAD = "load"
CONFIRM = "confirm"
START = "start"
PRIME = "prime"
PAUSE = "pause"
RESUME = "resume"
STOP = "stop"
# ... and what the pump finds.
TESTED = "tested"
PRIMED = "primed"
KVO_BEGINS = "kvo_begins"
DOSE_BEGINS = "dose_begins"
ENDED = "ended"
STOPPED_BY_ALARM = "stopped_by_alarm"
CLEARED_RUNNING = "cleared_running"  # the last alarm that stops is gone, a program was under way
CLEARED_READY = "cleared_ready"  # ... a confirmed program has not started yet
CLEARED_IDLE = "cleared_idle"  # ... there is no program

TABLE = {
    (SELFTEST, TESTED): IDLE,
    (IDLE, LOAD): STAGED,
    (STAGED, LOAD): STAGED,
    (STAGED, CONFIRM): READY,
    (READY, LOAD): STAGED,
    (READY, START): INFUSING,
    (READY, PRIME): PRIMING,
    (PRIMING, PRIMED): READY,
    (PRIMING, PAUSE): READY,
    (INFUSING, PAUSE): PAUSED,
    (INFUSING, KVO_BEGINS): KVO,
    (INFUSING, ENDED): COMPLETE,
    (KVO, PAUSE): PAUSED,
    (KVO, DOSE_BEGINS): INFUSING,
    (KVO, ENDED): COMPLETE,
    (PAUSED, RESUME): INFUSING,
    (COMPLETE, LOAD): STAGED,
    (STAGED, STOP): IDLE,
    (READY, STOP): IDLE,
    (PRIMING, STOP): IDLE,
    (INFUSING, STOP): IDLE,
    (PAUSED, STOP): IDLE,
    (KVO, STOP): IDLE,
    (ALARM, STOP): IDLE,
    (COMPLETE, STOP): IDLE,
    (SELFTEST, STOPPED_BY_ALARM): ALARM,
    (IDLE, STOPPED_BY_ALARM): ALARM,
    (STAGED, STOPPED_BY_ALARM): ALARM,
    (READY, STOPPED_BY_ALARM): ALARM,
    (PRIMING, STOPPED_BY_ALARM): ALARM,
    (INFUSING, STOPPED_BY_ALARM): ALARM,
    (PAUSED, STOPPED_BY_ALARM): ALARM,
    (KVO, STOPPED_BY_ALARM): ALARM,
    (COMPLETE, STOPPED_BY_ALARM): ALARM,
    (ALARM, STOPPED_BY_ALARM): ALARM,
    (ALARM, CLEARED_RUNNING): PAUSED,
    (ALARM, CLEARED_READY): READY,
    (ALARM, CLEARED_IDLE): IDLE,
}

MOVING = (PRIMING, INFUSING, KVO)  # the states in which the motor may step


def after(state, event):
    """Return the state that follows, or None if the event is not allowed in this state."""
    return TABLE.get((state, event))
