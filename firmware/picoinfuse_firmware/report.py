"""What the pump tells of itself: the fields of `welcome`, `is` and `telemetry`, and a line for a person."""

from . import alarms
from .board import BARREL_GAUGE, BATTERY, ENCODER, FORCE, KEYS, SENSORS, THERMOMETER


def about(pump):
    """Return what `welcome` carries after version and table."""
    config = pump.board.config
    has = pump.board.has
    sensors = 0
    for i in range(len(SENSORS)):
        if SENSORS[i] in has:
            sensors += 1 << i
    return [
        pump.journal.boot,
        pump.now_ms,
        pump.state,
        sensors,
        config.steps_per_turn,
        config.pitch_um,
        config.encoder_counts_per_turn,
        pump.outbox.last_event,
        pump.board.problem or "-",
    ]


def delivered_nl(pump):
    """Return the dose account; before a program is loaded, what the journal holds of the last one."""
    return pump.delivery.dose_nl() if pump.delivery else pump.journal.reserved_nl


def status(pump):
    """Return what `is` carries."""
    delivery = pump.delivery
    gate = pump.requests.gate
    return (
        pump.journal.boot,
        pump.now_ms,
        pump.state,
        delivery.phase if delivery else 0,
        pump.rate_nl_h(),
        delivered_nl(pump),
        pump.ordered_nl,
        delivery.kvo_nl() if delivery else 0,
        pump.prime_nl(),
        pump.left_nl(),
        pump.remaining_ms(),
        pump.program.check() if pump.program else pump.journal.check,
        pump.alarms.codes,
        pump.alarms.muted_ms(pump.now_ms),
        pump.outbox.last_event,
        pump.board.battery_mv() if BATTERY in pump.board.has else 0,
        delivery.step.nl_of(pump.relief.drawn_steps()) if delivery else 0,
        pump.lookout.friction.mn if delivery else 0,
        delivery.step.nl_of(delivery.uncertain) if delivery else 0,
    ) + (("-", -1) if gate is None else gate.shown(pump.now_ms))


def telemetry(pump):
    """Return what `telemetry` carries."""
    delivery = pump.delivery
    board = pump.board
    has = board.has
    has_force = FORCE in has
    force_mn = board.force_mn() if has_force else 0
    pressure_mmhg = limit_mmhg = dose_nl = kvo_nl = phase = plunger_nl = 0
    if delivery:
        dose_nl = delivery.dose_nl()
        if delivery.kvo.laid:
            kvo_nl = delivery.kvo_nl()
        phase = delivery.phase
        plunger_nl = delivery.step.nl_of(board.steps())
        if has_force:
            pressure_mmhg = pump.occlusion.pressure_mmhg(force_mn)
            limit_mmhg = pump.occlusion.limit_mmhg
    return (
        pump.now_ms,
        pump.state,
        phase,
        pump.rate_nl_h(),
        dose_nl,
        pump.ordered_nl,
        kvo_nl,
        plunger_nl,
        board.encoder() if ENCODER in has else 0,
        force_mn,
        pressure_mmhg,
        limit_mmhg,
        pump.alarms.priority,
    )


def senses(pump):
    """Return what `senses_are` carries."""
    board = pump.board
    has = board.has
    return (
        board.force_mn() if FORCE in has else 0,
        board.encoder() if ENCODER in has else 0,
        # As the watch saw them within a second: a bubble that the board holds for the watch is not taken from it.
        pump.lookout.around.bits,
        board.keys() if KEYS in has else 0,
        1 if pump.at_end() else 0,
        board.barrel_um() if BARREL_GAUGE in has else 0,
        board.battery_mv() if BATTERY in has else 0,
        board.temperature_mc() if THERMOMETER in has else 0,
    )


def about_board(pump):
    """Return what `about_is` carries. silent: bits, in the order of SENSORS, of fitted sensors that do not answer."""
    board = pump.board
    config = board.config
    return (
        board.reset_cause(),
        board.silent(),
        config.volume_calibrated,
        config.force_calibrated,
        config.battery_low_mv,
        config.battery_empty_mv,
        board.journal_id(),
    )


def in_words(pump):
    """Return the state of the pump as a line for a person who typed `status`."""
    names = " ".join([alarms.BY_CODE[code].name for code in pump.alarms.codes]) or "none"
    problem = pump.board.problem
    text = "# %s, %d nL of %d nL delivered, %d nL/h, %d s left, alarms: %s%s\n" % (
        pump.state,
        delivered_nl(pump),
        pump.ordered_nl,
        pump.rate_nl_h(),
        pump.remaining_ms() // 1000,
        names,
        ", does not infuse: " + problem if problem else "",
    )
    return text.encode()
