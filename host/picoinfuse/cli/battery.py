"""What `run` and `show` say of the battery before anything is started: how long it lasts with this therapy."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING

from picoinfuse_firmware.board import BATTERY, THERMOMETER
from picoinfuse_firmware.config import Config
from picoinfuse_firmware.dose import step_of

from ..errors import Refused

if TYPE_CHECKING:
    from ..battery import Reading
    from ..pump import Pump
    from ..therapy import Therapy

HEAD = "battery"


def tell_battery(pump: Pump, therapy: Therapy) -> None:
    """Say on standard error how long the pump's battery lasts with a therapy that is about to start. Refuses nothing.

    A pump without a battery is not spoken of, nor is the battery where the pump will not take the program.
    """
    from ..battery import forecast, words

    try:
        therapy.program.check_limits()
    except Refused:
        return
    if BATTERY in pump.absent():
        return
    its = forecast(therapy.program.compiled, reading_of(pump, therapy))
    now = None if pump.port.truth() is not None else datetime.now()
    for number, line in enumerate(words(its, now)):
        print(f"{'' if number else HEAD:<10}{line}", file=sys.stderr)


def reading_of(pump: Pump, therapy: Therapy) -> Reading:
    """Return what the pump and its archive know of its battery."""
    from ..archive_place import folder, journals, of_journal
    from ..battery import Reading, health_of
    from ..contact import meet

    about, contact = pump.about(), meet(pump)
    celsius = None if THERMOMETER in pump.absent() else pump.senses()["temperature_mc"] / 1000
    health = None
    if folder() is not None and about["journal"] in journals():
        step = step_of(Config(), therapy.program.compiled.barrel_um)
        with of_journal(about["journal"]) as archive:
            health = health_of(archive.contacts(), step.pl_num / step.pl_den / 1000)
    return Reading(
        mv=contact.battery_mv,
        fed=contact.fed == 1,
        low_mv=about["battery_low_mv"],
        empty_mv=about["battery_empty_mv"],
        celsius=celsius,
        health=health,
    )


def full_lines(therapy: Therapy) -> list[str]:
    """Return how long a full battery lasts with a therapy, for `show`."""
    from ..battery import Reading, forecast, words

    lines = words(forecast(therapy.program.compiled, Reading()))
    return [f"{'' if number else HEAD:<10}{line}" for number, line in enumerate(lines)]
