"""Which companions the options of a program bring along, and what they need of the pump."""

from .board import LIBRARY as LIBRARY_FILE
from .options import DEMAND, DRUG, HOLD, LIBRARY, LIMIT, LOOP, find, syringes


def is_counted(program):
    """Return whether it is remembered what this program gives."""
    for option in program.options:
        if option.kind in (DRUG, LIMIT, DEMAND):
            return True
    return False


def history_of(pump):
    """Return the History of a pump (a Controller), read now if it was not since the pump started."""
    requests = pump.requests
    if requests.history is None:
        from .history import History

        requests.history = History(pump)
    return requests.history


def stage_refusal(pump, program, step):
    """Return why a program that is good by itself may not be taken now, or None."""
    if not is_counted(program):
        return None
    from .doses import stage_refusal

    return stage_refusal(history_of(pump), program, step)


def begin(pump):
    """The program of this pump was taken: return the companions that its options need, in the order of asking."""
    program = pump.program
    pump.content.planned = syringes(program) - 1
    companions = []
    if is_counted(program):
        from .doses import Doses

        doses = Doses(pump, history_of(pump))
        companions.append(doses)
        option = find(program, DEMAND)
        if option:
            from .demand import Demand

            companions.append(Demand(pump, option, doses, history_of(pump)))
        if find(program, LOOP):
            from .glucose_loop import GlucoseLoop

            companions.append(GlucoseLoop(pump, history_of(pump), doses.ledger))
        elif find(program, DRUG) and history_of(pump).line("insulin"):
            from .insulin_account import account_of

            account = account_of(pump, history_of(pump), doses.ledger)
            if account:
                companions.append(account)
    # A program from before a power cut that names no library is not gone on with where there is one now.
    if find(program, LIBRARY) or pump.board.text(LIBRARY_FILE) is not None:
        from .by_library import ByLibrary

        companions.append(ByLibrary(pump))
    option = find(program, HOLD)
    if option:
        from .supervised import Hold

        companions.append(Hold(pump, option))
    return companions
