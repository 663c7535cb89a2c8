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
    # Begins a new program; so many `phase` and then `option` messages follow. capacity: of the barrel; filled: fluid in
    # it now. friction_mn: of the plunger in this barrel. near_end_ms 0: no near-end alarm.
    ("load", "barrel_um:i capacity_nl:i filled_nl:i friction_mn:i occlusion_mmhg:i near_end_ms:i phases:i options:i"),
    # One phase; the meaning of the numbers by kind is in program.py.
    ("phase", "index:i kind:w rate_nl:i rate_ms:i volume_nl:i duration_ms:i to_nl:i to_ms:i"),
    # One option, after all phases; which kinds there are, and what word and numbers mean, is in options.py.
    ("option", "index:i kind:w what:w numbers:l"),
    # All phases and options sent: answered with `staged`, what the pump understood.
    ("stage", ""),
    # Where people are known (docs/access.md) the first word of confirm, start, resume, prime, apply and override is
    # WORD.SEAL, with the keyed check value of who is logged in.
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
    # Why soft limits of the drug library (by their places in library.PARAMETERS) are passed by the next change that is
    # applied within a minute; only with an option `library`.
    ("override", "why:w parameters:l"),
    ("acknowledge", ""),
    # Audio pause, at most 120000 ms; 0 ends it.
    ("mute", "for_ms:i"),
    # The patient asks for a bolus: only with an option `demand`. One step, and given at most once for an `id`.
    ("demand", "id:w"),
    # The host lives, and does not change the rate: only with an option `hold`.
    ("stay", ""),
    # How much was asked for and given: only with an option `drug`, `limit` or `demand`.
    ("doses", ""),
    # A reading of the glucose sensor, taken age_ms ago: only with an option `loop`. Answered with `loop_is`.
    ("glucose", "mg_dl:i age_ms:i"),
    # A new, full syringe of the same kind was fitted; only while the pump does not move.
    ("refill", "filled_nl:i"),
    ("status", ""),
    ("outcome", "id:w"),
    # Push telemetry every so many milliseconds (at least 100); 0: none.
    ("telemetry_every", "period_ms:i"),
    # Push the events again from number n on.
    ("events_from", "n:i"),
    # Entry n of the log that is kept without power; 0 is never kept, and so refused with the numbers that are.
    ("log", "n:i"),
    # For checking the hardware: what the sensors read now, and what the board says of itself.
    ("senses", ""),
    ("about", ""),
    # Light and sound of a priority (1 low, 2 medium, 3 high) for 3 s; only while nothing is under way and no alarm is.
    ("try_signal", "priority:i"),
    # How long polls and collections take, and how much memory is free: answered with `health_is`.
    ("health", ""),
    # Who wants to be logged in; `-`: log out. wall_s: the host's time in seconds since 1970, for the log only; 0: none.
    ("login", "name:w wall_s:i"),
    # The answer to the pump's nonce, as seal.py makes it from the code: 64 hex digits.
    ("answer", "digest:w"),
    # What a person who is not logged in may do from now on: levels 0 to 3 of access.py.
    ("lock", "level:i"),
    # The pump leaves its firmware and ends at MicroPython's prompt; only while nothing is loaded or under way.
    ("leave", ""),
)

# Pump to host, in answer to a request.
ANSWERS = (
    # sensors: 1 force + 2 encoder + 4 end switch + 8 syringe switch + 16 cover switch + 32 air detector + 64 mains
    # sense + 128 barrel gauge + 256 battery + 512 thermometer + 1024 keys. last_event: the number of the newest event,
    # 0 for none. problem: a word for why this pump does not infuse, whatever is asked; `-` if all is well.
    (
        "welcome",
        (
            "version:i table:w boot:i at_ms:i state:w sensors:i steps_per_turn:i pitch_um:i encoder_counts:i "
            "last_event:i problem:w"
        ),
    ),
    ("ok", ""),
    # reason: a name from reasons.REASONS, with the value that was refused and the limit it broke.
    ("refused", "reason:w value:i limit:i"),
    # check is to be repeated in `confirm`. duration_ms -1: without end.
    ("staged", "check:w volume_nl:i duration_ms:i step_pl:i"),
    ("proposed", "check:w rate_nl:i rate_ms:i volume_nl:i"),
    # check: of the program on the pump, `-` if none. alarms: codes that are active. battery_mv: 0 if none is fitted.
    # drawn_nl: drawn back after occlusions; delivered less that went into the line. friction_mn: as it was learnt.
    # uncertain_nl: power was lost, and up to so much of delivered may not have been given. who: NAME.ROLE of who is
    # logged in, `-` for nobody. lock: its level, -1: nobody is known to this pump, and everybody may do everything.
    (
        "is",
        (
            "boot:i at_ms:i state:w phase:i rate_nl_h:i delivered_nl:i ordered_nl:i kvo_nl:i prime_nl:i left_nl:i "
            "remaining_ms:i check:w alarms:l muted_ms:i last_event:i battery_mv:i drawn_nl:i friction_mn:i "
            "uncertain_nl:i who:w lock:i"
        ),
    ),
    # Of the program that runs: boluses that the patient asked for, and was given. wait_ms: until lockout and limits let
    # the next one be given, -1: never. full, most: for each limit how much its window counts for now, and can hold.
    ("doses_are", "asked:i given:i wait_ms:i full:l most:l"),
    # The basal that a closed loop lets flow from now on; why it wants what it wants (closed_loop.py), of which a limit
    # may let less flow; the glucose that it expects, and insulin on board beyond the set basal rate.
    ("loop_is", "rate_nl_h:i why:w predicted_mg_dl:i on_board_uu:i"),
    # what: unknown (never came, so nothing was delivered for it; or long forgotten: the newest 12 are kept), running,
    # done, stopped (cut short), or power_lost (power failed before it ended). verb: start, resume, prime, rate, bolus,
    # demand, or `-`.
    ("outcome_is", "id:w what:w verb:w"),
    # To be answered within a minute, once: how a code becomes the key of the answer is in host/picoinfuse/people.py.
    ("challenge", "nonce:w salt:w rounds:i"),
    # An event as it was told in start number `boot` of the pump, at_ms after that start. Entries are numbered for ever.
    ("entry", "n:i boot:i at_ms:i kind:w what:w value:i"),
    # One reading of each fitted sensor; 0 for what is not fitted. switches: 1 syringe out + 2 cover open + 4 air seen
    # + 8 mains gone, at the last look within a second. keys: 1 start + 2 bolus + 4 mute. at_end: 1 at the barrel's end.
    ("senses_are", "force_mn:i encoder:i switches:i keys:i at_end:i barrel_um:i battery_mv:i temperature_mc:i"),
    # reset: 0 power, 1 watchdog. silent: fitted sensors that do not answer, bits as in `welcome`. *_calibrated:
    # yyyymmdd, 0 never. battery_*: where battery_low and battery_depleted come. journal: eight hex digits drawn when
    # the journal was made, by which a host knows the log again; `-` where none is kept.
    (
        "about_is",
        "reset:i silent:i volume_calibrated:i force_calibrated:i battery_low_mv:i battery_empty_mv:i journal:w",
    ),
    # Since the pump started; 0 where nothing is measured. free_bytes: of the heap, after the last collection.
    (
        "health_is",
        "poll_us_mean:i poll_us_max:i collect_us_mean:i collect_us_max:i free_bytes:i least_free_bytes:i",
    ),
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
    # Numbered from 1 at each start of the pump. kind: boot, program, state, phase, rate, bolus, bolus_end, prime,
    # alarm, alarm_end, mute, refill, drawback, key, demand, hold, loop, by, denied, override, note. what: a name;
    # value: a number. program: one is started, its check value, and what it orders in nL. state: the value is
    # delivered_nl. key: what a key of the pump did (start, pause, resume, acknowledge, mute, bolus), or `refused.` and
    # why not; of start and resume the value is the identity that the pump gave it, as a number. demand: `given` and its
    # nL, or why not and the ms until it is allowed. hold: `fallback` and its nL/h, `paused`, or `heard`. loop: why a
    # closed loop changed the rate, and to how many nL/h. by: NAME.ACTION, of login the host's time, of lock the level.
    # denied: the same of what was refused for who asked; of a wrong code NAME.code, and how many in a row. override:
    # the reason, and the numbers of the limits of the drug library that it passes, as bits.
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
IS_REQUEST = {row[0]: TABLE[row[0]] for row in REQUESTS}
FINGERPRINT = "%08x" % (crc32(repr(REQUESTS + ANSWERS + PUSHED).encode()) & 0xFFFFFFFF)
