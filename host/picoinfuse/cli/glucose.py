"""The commands `glucose` and `meal`: a reading for a closed loop, and a bolus for food, at a pump that runs one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import BadInput, Refused
from .before import answered_before
from .board import YES, sure
from .choose import reach
from .known import on_pump
from .look import THERAPY
from .noted import noted
from .options import LIBRARY, OVERRIDE, PORT
from .who import USER_OPTION

if TYPE_CHECKING:
    from ..glucose import Decision

# After these the pump does not believe the sensor until a good reading comes (the firmware's closed_loop.py).
DOUBTED = ("glucose_range", "glucose_jump")


def glucose(
    reading: Annotated[
        str, typer.Argument(help="What the sensor shows, '6.4 mmol/L' or '115 mg/dL'.", metavar="GLUCOSE")
    ],
    age: Annotated[str, typer.Option(help="How long ago it was taken.", metavar="TIME")] = "0 s",
    port: PORT = "auto",
) -> None:
    """Tell a closed loop a glucose reading, and say what the loop made of it. Teaching only."""
    from ..glucose import mg_dl, tell
    from ..units import duration_ms

    its, age_ms = mg_dl(reading), duration_ms(age, "--age")
    with reach(port) as pump:
        try:
            decision = tell(pump, its, age_ms)
        except Refused as refusal:
            raise _explained(refusal, its) from None
        print(_words(decision))
        noted(pump)


def _explained(refusal: Refused, mg_dl: int) -> Refused:
    """Return a refusal with what the pump does now."""
    does = "the loop goes on with the readings that it has"
    if refusal.reason == "not_ordered":
        does = "no closed loop runs on this pump: picoinfuse run insulin-loop is one"
    elif refusal.reason in DOUBTED:
        does = (
            "the loop does not believe it: no more than the set rate runs until the next good reading, and nothing if "
            "this one was low. Measure it with another device"
        )
    text = f"glucose = {mg_dl} mg/dL: {refusal}; {does}"
    return Refused(refusal.reason, refusal.value, refusal.limit, text)


def _words(its: Decision) -> str:
    """Return what the loop made of a reading."""
    from ..glucose import MG_DL_PER_MMOL_L
    from .view import LOOP

    def both(mg_dl: int) -> str:
        return f"{mg_dl} mg/dL ({float(mg_dl / MG_DL_PER_MMOL_L):.1f} mmol/L)"

    rate = f"{its.rate_nl_h / 1e6:g} mL/h" if its.rate_nl_h else "no basal insulin"
    return (
        f"glucose    {both(its.mg_dl)}\n"
        f"loop       {rate}: {LOOP.get(its.why, its.why)}\n"
        f"expected   {both(its.predicted_mg_dl)} if it goes on so for half an hour, when insulin on board has worked\n"
        f"on board   {round(its.on_board_uu / 1e6, 2) or 0.0:.2f} U beyond the set basal rate (teaching model)"
    )


def meal(
    therapy: THERAPY,
    food: Annotated[str, typer.Argument(help="Carbohydrate in what is eaten, e.g. '45 g'.", metavar="FOOD")],
    ratio: Annotated[str, typer.Option(help="Carbohydrate for a unit of insulin, e.g. '15 g/U'.", metavar="RATIO")],
    rate: Annotated[str, typer.Option(help="How fast it is given.", metavar="RATE")] = "10 mL/h",
    port: PORT = "auto",
    user: USER_OPTION = None,
    library: LIBRARY = None,
    override: OVERRIDE = "",
    yes: YES = False,
) -> None:
    """Give a bolus of insulin for food beside the therapy that runs, said in units before it is given. Teaching only.

    THERAPY is what was started: it says what is in the syringe, and must be the program on the pump.
    """
    from ..glucose import food_g, ratio_g_per_u
    from ..therapy import Therapy

    its = Therapy.read(therapy)
    if its.strength is None or not its.strength.has("[activity]"):
        raise BadInput(f"therapy = {therapy!r}: says no concentration in units, so nothing is known of its insulin")
    grams, per_unit = food_g(food), ratio_g_per_u(ratio, "--ratio")
    u_per_ml = its.strength.value / 1000
    volume_nl = int(grams / per_unit / u_per_ml * 10**6)  # down to the nanolitre: never more than the ratio says
    with reach(port) as pump:
        check = pump.status().check
        answered_before(pump, "meal")
        pump.program = on_pump(check, its, library)
        print(
            f"{float(grams):g} g of carbohydrate at {float(per_unit):g} g for a unit: {float(grams / per_unit):.2f} U "
            f"of {its.drug}, {volume_nl / 1e6:.4f} mL of {its.concentration} at {rate}.\n"
            "What is on board already is not taken off (picoinfuse glucose tells it)."
        )
        sure("Give this bolus now, beside the basal rate?", "meal", yes)
        pump.bolus(f"{volume_nl} nL", rate, override=override)
        print("The bolus is being given. Stop it: picoinfuse stop")
        noted(pump)
