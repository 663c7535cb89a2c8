"""From an address to a pump that answered: `connect`, and the choice among several Picos for "auto"."""

from __future__ import annotations

from .errors import NoPump, PicoInfuseError, SeveralPumps, SilentPump, WrongDevice
from .notebook import Notebook
from .port import SerialPort, picos, present
from .pump import Pump

AUTO = "auto"
PROBE_TRIES = 2  # a pump answers at once; two seconds are enough to tell one from another Pico


def connect(url: str = AUTO, *, notebook: Notebook | None = None) -> Pump:
    """Return the pump at a pyserial URL (a device name, socket://host:port, sim://), or the one that is plugged in.

    "auto" looks at every Raspberry Pi board by its USB vendor number and takes the one that answers as a pump.
    Connecting never changes what runs. Raises a PortError that says what is wrong, BadInput for a wrong address.
    """
    if url == AUTO:
        url = _only_one()
    pump = Pump(SerialPort(url), notebook=notebook)
    try:
        pump.hello()
    except BaseException:
        pump.close()
        raise
    return pump


def _only_one() -> str:
    """Return the port of the only pump among the Picos of this machine. Raises NoPump, SeveralPumps, or why not."""
    found = picos()
    if not found:
        others = ", ".join(present()) or "none"
        raise NoPump(
            "No pump found: no Raspberry Pi Pico is plugged in (USB vendor 2E8A). Is its cable one that carries data? "
            f"Serial ports present: {others}; name one with --port if it is the pump, or try the simulated one: sim://"
        )
    if len(found) == 1:
        return found[0]  # whatever is wrong with it, its own error says it best
    pumps, problems = [], []
    for url in found:
        try:
            with Pump(SerialPort(url)) as pump:
                pump.hello(PROBE_TRIES)
            pumps.append(url)
        except (SilentPump, WrongDevice):
            problems.append(f"{url}: does not answer as a pump")
        except PicoInfuseError as error:
            problems.append(str(error))
    if len(pumps) > 1:
        raise SeveralPumps(
            f"{len(pumps)} pumps are plugged in: {', '.join(pumps)}. Choose one, e.g. --port {pumps[0]}", pumps
        )
    if not pumps:
        raise NoPump(f"{len(found)} Picos are plugged in, and none of them answers as a pump. {'; '.join(problems)}")
    return pumps[0]
