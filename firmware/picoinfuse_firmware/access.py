"""Who may do what: the role of a person x what is asked (the requests of the wire, and the keys), and the lock levels.

Nobody logged in is the patient, and whoever stands at the pump. A level holds some of what the patient may do back; who
has logged in is not held by it, as the code of a real pump opens its lock. The levels are those of a real syringe pump:

    0  not locked: all that the patient's column of the table says
    1  no bolus; start and stop by the key, and a new syringe, are allowed
    2  no new syringe either; start and stop by the key are allowed
    3  for patient-controlled analgesia: the patient can only ask for a bolus

Only a pump with people in a file (people.py) has this in its memory; without that file everybody may do everything.
"""

PATIENT = "patient"
NURSE = "nurse"
PHARMACIST = "pharmacist"
PRESCRIBER = "prescriber"
TECHNICIAN = "technician"
ROLES = (PATIENT, NURSE, PHARMACIST, PRESCRIBER, TECHNICIAN)
LEVELS = 4
MAX_LEVEL = LEVELS - 1

# Reasons of a refusal.
LOG_IN = "log_in"  # nobody is logged in, and a patient may not do this
LOCKED = "locked"  # a patient may, but not at this lock level
NOT_YOUR_ROLE = "not_your_role"

# An action -> who may do it: p patient, n nurse, h pharmacist, r prescriber, t technician. What follows the space:
#   S  it only looks, or comes by itself (a sensor's reading): it keeps nobody logged in
#   L  it goes into the log with the name of who did it
#   K  it can deliver: it carries the keyed check value of who is logged in (seal.py)
# What is not in the table is allowed to nobody. On a real ward the prescriber orders, the pharmacist keeps the library,
# the nurse programs, a second person confirms, the patient asks for a bolus, sees and mutes [ASPMN, B. Braun].
TABLE = {
    "hello": "pnhrt S",
    "status": "pnhrt S",
    "outcome": "pnhrt S",
    "telemetry_every": "pnhrt S",
    "events_from": "pnhrt S",
    "log": "pnhrt S",
    "senses": "pnhrt S",
    "about": "pnhrt S",
    "health": "pnhrt S",
    "login": "pnhrt S",
    "answer": "pnhrt",
    "lock": "nr L",
    "load": "n",
    "phase": "n",
    "option": "n",
    "stage": "n L",
    "confirm": "nhr LK",
    "start": "n LK",
    "pause": "nhrt L",
    "resume": "n LK",
    "stop": "nr L",
    "prime": "n LK",
    "rate": "nr",
    "stay": "nr",
    "bolus": "nr",
    "apply": "nr LK",
    "override": "nr LK",
    "acknowledge": "nr L",
    "mute": "pnhrt",
    "demand": "p",
    "doses": "pnhrt S",
    "glucose": "pnhrt S",
    "refill": "pn L",
    "try_signal": "nt L",
    "leave": "t L",
    "key_start": "pnhrt",
    "key_bolus": "pnhrt",
    "key_mute": "pnhrt",
}

# What a patient may do, and the levels that hold it back.
HELD = {
    "demand": (1, 2),
    "key_bolus": (1, 2),
    "refill": (2, 3),
    "key_start": (3,),
}

_LETTER = {PATIENT: "p", NURSE: "n", PHARMACIST: "h", PRESCRIBER: "r", TECHNICIAN: "t"}


def refusal(role, level, action):
    """Return why this role may not do this at this lock level (LOG_IN, LOCKED, NOT_YOUR_ROLE), or "" if it may."""
    who = TABLE.get(action, "").split(" ")[0]
    if _LETTER[role] not in who:
        return LOG_IN if role == PATIENT else NOT_YOUR_ROLE
    if role == PATIENT and level in HELD.get(action, ()):
        return LOCKED
    return ""


def has_mark(action, mark):
    """Return whether an action has this mark (S, L or K) in the table."""
    return mark in TABLE.get(action, "").partition(" ")[2]
