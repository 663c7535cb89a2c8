"""Every message of the wire, declared once; both ends import this table.

A field is `name:kind`. Kinds: `i` whole number; `w` word of letters, digits, `_`, `.` and `-`; `l` whole numbers joined
by commas, `-` for none. Times are device milliseconds since the pump started. A rate is two numbers: so many nanolitres
in so many milliseconds.
"""

from binascii import crc32

# Host to pump. Each is answered by one message that carries the same sequence number.
REQUESTS = (
    # Opens a session: numbers start again at 1. Never changes what runs.
    ("hello", "nonce:w version:i table:w"),
    # Begins a new program; `phases` phase messages follow. capacity: of the barrel; filled: fluid in it now.
    # friction_mn: of the plunger in this barrel. near_end_ms 0: no near-end alarm.
    ("load", "barrel_um:i capacity_nl:i filled_nl:i friction_mn:i occlusion_mmhg:i near_end_ms:i phases:i"),
    # One phase; the meaning of the numbers by kind is in program.py.
    ("phase", "index:i kind:w rate_nl:i rate_ms:i volume_nl:i duration_ms:i to_nl:i to_ms:i"),
    # All phases sent: answered with `staged`, what the pump understood.
    ("stage", ""),
    ("confirm", "check:w"),
    # `id` names a request that can deliver, so that its outcome can be asked for later: 8 hex digits of the host.
    ("start", "id:w"),
    ("pause", ""),
    ("resume", "id:w"),
    ("stop", ""),
    # Prime or purge: only with not_connected 1, said by the person who disconnected the line from the patient.
    ("prime", "id:w volume_nl:i rate_nl:i rate_ms:i not_connected:i"),
    # A change while the pump infuses is proposed, answered with `proposed`, and applied with its check value.
    ("rate", "rate_nl:i rate_ms:i"),
    ("bolus", "volume_nl:i rate_nl:i rate_ms:i"),
    ("apply", "id:w check:w"),
    ("acknowledge", ""),
    # Audio pause, at most 120000 ms; 0 ends it.
    ("mute", "for_ms:i"),
    # A new, full syringe of the same kind was fitted; only while the pump does not move.
    ("refill", "filled_nl:i"),
    ("status", ""),
    ("outcome", "id:w"),
    # Push telemetry every so many milliseconds (at least 100); 0: none.
    ("telemetry_every", "period_ms:i"),
    # Push the events again from number n on.
    ("events_from", "n:i"),
)

# Pump to host, in answer to a request.
ANSWERS = (
    # sensors: 1 force + 2 encoder + 4 end switch + 8 syringe switch + 16 cover switch + 32 air detector + 64 mains
    # sense + 128 barrel gauge + 256 battery + 512 thermometer + 1024 keys. last_event: the number of the newest event,
    # 0 for none.
    (
        "welcome",
        "version:i table:w boot:i at_ms:i state:w sensors:i steps_per_turn:i pitch_um:i encoder_counts:i last_event:i",
    ),
    ("ok", ""),
    # reason: a name from limits.REASONS, with the value that was refused and the limit it broke.
    ("refused", "reason:w value:i limit:i"),
    # check is to be repeated in `confirm`. duration_ms -1: without end.
    ("staged", "check:w volume_nl:i duration_ms:i step_pl:i"),
    ("proposed", "check:w rate_nl:i rate_ms:i volume_nl:i"),
    # check: of the program on the pump, `-` if none. alarms: codes that are active. battery_mv: 0 if none is fitted.
    # drawn_nl: drawn back after occlusions; delivered less that went into the line. friction_mn: as it was learnt.
    # uncertain_nl: power was lost, and up to so much of delivered may not have been given.
    (
        "is",
        (
            "boot:i at_ms:i state:w phase:i rate_nl_h:i delivered_nl:i ordered_nl:i kvo_nl:i prime_nl:i left_nl:i "
            "remaining_ms:i check:w alarms:l muted_ms:i last_event:i battery_mv:i drawn_nl:i friction_mn:i "
            "uncertain_nl:i"
        ),
    ),
    # what: unknown (never came, so nothing was delivered for it; or long forgotten: the newest 12 are kept), running,
    # done, stopped (cut short), or power_lost (power failed before it ended). verb: start, resume, prime, rate, bolus,
    # or `-`.
    ("outcome_is", "id:w what:w verb:w"),
)

# Pump to host, unasked, sequence number 0.
PUSHED = (
    # delivered_nl, kvo_nl: the dose account, each apart. plunger_nl: forward less reverse steps since power-on.
    # ordered_nl: what the program and its boluses order in all, changes included. limit_mmhg: the occlusion threshold.
    (
        "telemetry",
        (
            "at_ms:i state:w phase:i rate_nl_h:i delivered_nl:i ordered_nl:i kvo_nl:i plunger_nl:i "
            "encoder:i force_mn:i pressure_mmhg:i limit_mmhg:i priority:i"
        ),
    ),
    # Numbered from 1 at each start of the pump. kind: boot, state, phase, rate, bolus, bolus_end, prime, alarm,
    # alarm_end, mute, refill, drawback, note. what: a name; value: a number that goes with it.
    ("event", "n:i at_ms:i kind:w what:w value:i"),
)


def _table(rows):
    table = {}
    for name, fields in rows:
        names = tuple([f.split(":")[0] for f in fields.split()])
        kinds = "".join([f.split(":")[1] for f in fields.split()])
        table[name] = (names, kinds)
    return table


TABLE = _table(REQUESTS + ANSWERS + PUSHED)  # name -> (field names, kinds)
IS_REQUEST = _table(REQUESTS)
FINGERPRINT = "%08x" % (crc32(repr(REQUESTS + ANSWERS + PUSHED).encode()) & 0xFFFFFFFF)
