"""THE SEAM: every sense and every action the firmware has. A Pico is one board, a simulated pump is another.

A board MUST override: ticks_ms, move, room, halt, steps, steps_forward, steps_reverse, save, load, read, write.
It MUST override the verb of each sensor named in `has` (its constant says which one), and only those are called.
It MAY override: angle, reset_cause, signal, feed, idle, silent, leave, health, problem, log, logged, log_range,
journal_id, text, entropy, and show with `shows`.

All numbers are whole. Nothing here blocks, except `idle`.
"""

TICKS_MASK = (1 << 30) - 1  # ticks_ms and the microsecond clock wrap where MicroPython's do

# Sensors, each with the verb that reads it.
FORCE = "force"  # force_mn
ENCODER = "encoder"  # encoder
END_SWITCH = "end_switch"  # at_end
SYRINGE_SWITCH = "syringe_switch"  # switches: SYRINGE_OUT
COVER_SWITCH = "cover_switch"  # switches: COVER_OPEN
AIR_DETECTOR = "air_detector"  # switches: AIR_SEEN
MAINS_SENSE = "mains_sense"  # switches: MAINS_GONE
BARREL_GAUGE = "barrel_gauge"  # barrel_um
BATTERY = "battery"  # battery_mv
THERMOMETER = "thermometer"  # temperature_mc
KEYS = "keys"  # keys

# In the order of their bits in `welcome`.
SENSORS = (
    FORCE,
    ENCODER,
    END_SWITCH,
    SYRINGE_SWITCH,
    COVER_SWITCH,
    AIR_DETECTOR,
    MAINS_SENSE,
    BARREL_GAUGE,
    BATTERY,
    THERMOMETER,
    KEYS,
)

# Bits of `switches`: none is set when all is well.
SYRINGE_OUT = 1
COVER_OPEN = 2
AIR_SEEN = 4  # also for a bubble that passed the detector since the last call: the board holds it until then
MAINS_GONE = 8

# Bits of `keys`.
KEY_START = 1
KEY_BOLUS = 2
KEY_MUTE = 4

# What `health` tells, in this order: how long the polls took, and the collections of garbage between them; and how much
# of the heap is free after a collection, now and at the least. 0 where nothing is measured.
HEALTH = ("poll_us_mean", "poll_us_max", "collect_us_mean", "collect_us_max", "free_bytes", "least_free_bytes")

# What is kept without power, each whole: after a power cut `load` gives the newest, or the one before.
STATE = "state"  # at most 512 bytes; written when something changes
PROGRAM = "program"  # at most 4000 bytes; written only while the motor stands
RESERVE = "reserve"  # at most 112 bytes; written while the motor runs, so it must be cheap
HISTORY = "history"  # at most 512 bytes; what outlives programs, only of a pump that had one with options
MOST_BYTES = {STATE: 512, PROGRAM: 4000, RESERVE: 112, HISTORY: 512}

# Names of text files that a person keeps on the board.
PEOPLE = "access"
LIBRARY = "library"

# Values of `reset_cause`.
RESET_POWER = 0
RESET_WATCHDOG = 1


class Board:
    """What the pump can sense and do, at the height of what it means and not of pins."""

    # The sensors that are fitted: any of SENSORS. What is absent is not armed and never faked.
    has: "tuple[str, ...]" = ()
    config: "object" = None  # a Config; every board has its own
    # Why this board must not infuse, as a word of the wire; "" if all is well. The self-test fails with it.
    problem = ""
    shows = False  # there is a display: `show` is called

    def ticks_ms(self):
        """Return milliseconds modulo 2**30, from the same counter as the microsecond clock of `move`."""
        raise NotImplementedError

    def move(self, count, interval_us, first_at_us):
        """Append a bounded run: |count| steps (count < 0: backwards), interval_us apart.

        The first step is at first_at_us on the board's microsecond clock (modulo 2**30), or at once if that is past.
        Runs follow each other without a gap; none replaces another, and one may turn back behind another. No step comes
        sooner than config.min_interval_us after the one before. Raises RuntimeError if room() is 0.
        """
        raise NotImplementedError

    def room(self):
        """Return how many more runs can be appended now (a Pico holds the running one and two more)."""
        raise NotImplementedError

    def halt(self):
        """Drop every queued run, let a started pulse finish, and return steps() exactly."""
        raise NotImplementedError

    def steps(self):
        """Return forward minus reverse steps since the board started, counted at the STEP pin."""
        raise NotImplementedError

    def steps_forward(self):
        """Return all forward steps since the board started."""
        raise NotImplementedError

    def steps_reverse(self):
        """Return all reverse steps since the board started."""
        raise NotImplementedError

    def encoder(self):
        """Return counts the screw has turned since the board started, signed, turns added up. Only with ENCODER."""
        raise NotImplementedError

    def angle(self):
        """Return where the screw stands within its turn, in encoder counts (0 up to those of a turn), or None.

        Absolute: the same place gives the same number after a power cut. It may be as old as the last reading.
        """
        return None

    def force_mn(self):
        """Return the force on the plunger in millinewton. Only with FORCE."""
        raise NotImplementedError

    def at_end(self):
        """Return True when the plunger has reached the end of its barrel. Only with END_SWITCH."""
        raise NotImplementedError

    def switches(self):
        """Return the bits of the fitted switches (SYRINGE_OUT, COVER_OPEN, AIR_SEEN, MAINS_GONE); 0: all is well.

        Only with one of SYRINGE_SWITCH, COVER_SWITCH, AIR_DETECTOR, MAINS_SENSE; the bit of an absent one stays 0.
        """
        raise NotImplementedError

    def barrel_um(self):
        """Return the inner diameter in micrometres that belongs to the barrel in the clamp. Only with BARREL_GAUGE."""
        raise NotImplementedError

    def battery_mv(self):
        """Return the battery's voltage in millivolt. Only with BATTERY."""
        raise NotImplementedError

    def temperature_mc(self):
        """Return the temperature inside the pump in thousandths of a degree Celsius. Only with THERMOMETER."""
        raise NotImplementedError

    def keys(self):
        """Return the bits of the keys that are pressed now (KEY_START, KEY_BOLUS, KEY_MUTE). Only with KEYS.

        Called in every poll and now and then beside it, so it takes nothing away. The board removes what a contact
        bounces. A press, or a pause between two, that was shorter than a poll is told for as long as one lasts, and
        what follows after it.
        """
        raise NotImplementedError

    def silent(self):
        """Return the fitted sensors that gave no reading within their time: bits in the order of SENSORS; 0 for none.

        Called once a second, also while nothing moves. A sensor that does not answer is not one that is absent: it
        fails the self-test, and later it is the alarm sensor_fault. How long it may take is the board's.
        """
        return 0

    def reset_cause(self):
        """Return why the board started: RESET_POWER or RESET_WATCHDOG."""
        return RESET_POWER

    def save(self, what, data):
        """Keep `data` (at most MOST_BYTES[what]) without power: then `load` gives all of it, or all of the one before.

        what: STATE, PROGRAM, RESERVE or HISTORY. Raises OSError if it cannot be written.
        """
        raise NotImplementedError

    def load(self, what):
        """Return what `save` kept last of this, or None."""
        raise NotImplementedError

    def read(self):
        """Return the bytes that came over the wire since the last call, at most 256; b"" or None if there are none."""
        raise NotImplementedError

    def write(self, data):
        """Send what fits now of `data` and return how many bytes that was."""
        raise NotImplementedError

    def log(self, entry):
        """Append an entry (at most 52 bytes) to the log that is kept without power, and return its number.

        Numbers go on for ever. Raises OSError if it cannot be written. A board without a log returns 0.
        """
        return 0

    def logged(self, n):
        """Return entry n of the log; None if it is not kept, or was damaged when power failed."""
        return None

    def log_range(self):
        """Return the numbers of the first and the last entry that are kept, (0, 0) for none."""
        return 0, 0

    def journal_id(self):
        """Return eight hex digits that were drawn when the journal with this log was made, "-" for none."""
        return "-"

    def text(self, name):
        """Return the lines of a text file (PEOPLE, LIBRARY) as an iterable of str, None if there is no such file.

        Called while the motor stands or runs, so it must not be slow to open. What cannot be read may raise OSError or
        UnicodeError while it is iterated over.
        """
        return None

    def entropy(self):
        """Return some bytes that nobody can foresee; b"" if there are none."""
        return b""

    def signal(self, priority, audible):
        """Show an alarm priority (0 none, 1 low, 2 medium, 3 high) by light, and by sound if audible.

        The firmware calls this when it changes, and not again: from now on the board plays the pulses that `signals.py`
        gives for this priority and the time since this call, by whatever it has (a timer, PWM), without the firmware.
        So an alarm goes on blinking and sounding when the firmware hangs. At power-on the firmware tries the highest
        priority for a second. How loud it is, is the board's: high never quieter than medium, medium not than low.
        """

    def show(self, lines):
        """Show up to eight lines of up to 16 characters. Only if `shows`; called once a second, also with the same.

        Returns "", or why nothing can be seen, as a word: that is told by a note, and `show` is not called again.
        """
        return ""

    def feed(self):
        """Tell the watchdog that the firmware is alive."""

    def idle(self, ms):
        """Wait until the next poll; the only place where a real board may wait. A simulated one advances its clock."""

    def leave(self):
        """Reset into MicroPython's prompt, without firmware and watchdog. Called only while nothing is under way."""

    def health(self):
        """Return the numbers of HEALTH."""
        return (0,) * len(HEALTH)
