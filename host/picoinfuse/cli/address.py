"""How the options of `run` become the address of a pump: what the simulated world is told travels in its query."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode

from ..errors import BadInput

SIMULATED = "sim://"
MAX_SPEED = "max"  # virtual time: no waiting at all


def speed(text: str | None) -> str | None:
    """Return the speed as the address carries it; None for virtual time. Raises BadInput."""
    if text is None or text == MAX_SPEED:
        return None
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 1_000_000:
        raise BadInput(
            f"--speed = {text!r}: write a number above 0 (1 is real time) and up to 1000000, or {MAX_SPEED!r}"
        )
    return text


def pairs(world: Sequence[str]) -> list[tuple[str, str]]:
    """Return the (key, value) pairs of texts KEY=VALUE. Raises BadInput for a text without both."""
    found = []
    for text in world:
        key, equals, value = text.partition("=")
        if not (equals and key.strip() and value.strip()):
            raise BadInput(f"--world = {text!r}: write KEY=VALUE, e.g. absent=encoder or height='50 cm'")
        found.append((key.strip(), value.strip()))
    return found


def address(
    port: str,
    *,
    speed_text: str | None = None,
    seed: int | None = None,
    faults: Sequence[str] = (),
    world: Sequence[str] = (),
    syringe: str | None = None,
    filled: str | None = None,
    route: str | None = None,
    patient: str | None = None,
) -> str:
    """Return the address to open. What `port` says in its own query goes first, options add to it.

    syringe, filled, route: as the therapy has them, so that the simulated world fits to it.

    Raises BadInput for an option that only a simulated pump has, with any other port.
    """
    its_speed = speed(speed_text)
    if not port.startswith(SIMULATED):
        for name, given in (
            ("--speed", speed_text),
            ("--fault", faults),
            ("--world", world),
            ("--patient", patient),
        ):
            if given:
                raise BadInput(
                    f"{name}: only a simulated pump has that; {port} is not one (leave out --port, or {name})"
                )
        return port
    head, _, query = port.partition("?")
    fields = parse_qsl(query, keep_blank_values=True) + pairs(world)
    said = {name for name, _ in fields}
    options = (
        ("seed", None if seed is None else str(seed)),
        ("speed", its_speed),
        ("syringe", None if "syringe" in said else syringe),
        ("filled", None if "filled" in said else filled),
        ("route", None if "route" in said else route),
        ("patient", patient),
    )
    for name, value in options:
        if value is None:
            continue
        if name in said:
            raise BadInput(f"--{name} = {value!r}: the address {port} or --world says {name} as well; say it once")
        fields.append((name, value))
    fields += [("fault", fault) for fault in faults]
    return f"{head}?{urlencode(fields, quote_via=quote)}" if fields else head
