"""How a pump is put together of its parts on a Pico. Once, at power-on; then this is forgotten."""


def build(problem, make):
    """Return (board, controller, health, way back), the parts of a pump.

    problem: what was found so far, or "". make: `pico`, or what builds another board as it does.
    """
    from ..board import RESET_POWER, RESET_WATCHDOG
    from ..controller import Controller
    from . import watchdog, way_back
    from .health import Health

    cause = RESET_WATCHDOG if watchdog.fired() else RESET_POWER
    board, wire = make(watchdog.Watchdog(), cause, problem)
    health = Health()
    back = way_back.WayBack(wire)
    board.health = health.numbers
    board.leave = back.leave
    return board, Controller(board), health, back


def pico(watchdog, cause, problem):
    """Return (board, wire) of a Pico as its configuration says it is wired."""
    from rp2 import Flash

    from . import configuration, pins
    from . import wire as wires
    from .board import PicoBoard
    from .sectors import Files, Sectors
    from .stepper import Stepper
    from .store import Store

    config, its_problem = configuration.read()
    wire = wires.uart(pins.UART_TX, pins.UART_RX) if config.wire_uart else wires.console()
    store = Store(Sectors(Flash(), Files()))
    stepper = Stepper(pins.STEP, pins.DIR, pins.ENABLE, config.min_interval_us, config.motor_reversed)
    board = PicoBoard(
        config=config,
        stepper=stepper,
        store=store,
        wire=wire,
        watchdog=watchdog,
        cause=cause,
        problem=problem or its_problem or store.problem,
    )
    return board, wire
