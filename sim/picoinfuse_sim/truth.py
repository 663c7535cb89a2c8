"""What no real pump knows of its world: volumes that left, pressure, force, and the signs of the patient."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .bench import Bench


def truth(bench: Bench) -> dict[str, float]:
    """Return it, volumes in mL since the bench was built.

    patient_ml left the cannula, of which drug_ml was drug and air_ml air; flow_ml_h does so now. leaked_ml and
    spilled_ml reached nobody, second_ml came from a second pump, plunger_ml was displaced. pressure_mmhg at the
    syringe, force_mn on the plunger, now_s. With a patient also the signs, as the bench last saw them.
    """
    at_ms = bench.board.bring_plant()
    account = bench.line.account_at(at_ms)
    return {
        "patient_ml": account.patient_nl / 1e6,
        "drug_ml": account.drug_nl / 1e6,
        "air_ml": account.air_nl / 1e6,
        "leaked_ml": account.leaked_nl / 1e6,
        "spilled_ml": account.spilled_nl / 1e6,
        "second_ml": account.second_nl / 1e6,
        "flow_ml_h": bench.line.flow_ml_h(at_ms),
        "pressure_mmhg": bench.line.pressure_mmhg(at_ms),
        "plunger_ml": bench.plant.displaced_nl() / 1e6,
        "force_mn": bench.plant.force_mn(at_ms),
        "now_s": bench.now_ms / 1000,
        **(bench.bedside.signs() if bench.bedside else {}),
    }
