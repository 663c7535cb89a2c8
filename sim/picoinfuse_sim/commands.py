"""The subcommands that the simulator adds to `picoinfuse`: serve, faults, benchmark."""

from __future__ import annotations

import json as json_module
import sys
from secrets import token_hex
from typing import Annotated

import typer


def serve(
    tcp: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve TCP instead of a pseudo-terminal; port 0: any free one."),
    ] = None,
    speed: Annotated[str, typer.Option(metavar="N|max", help="Virtual seconds in a real one.")] = "1",
    syringe: Annotated[str, typer.Option(metavar="NAME", help="The syringe that is fitted first.")] = "BD 60 mL",
    seed: Annotated[str, typer.Option(metavar="N", help="Of everything that is drawn.")] = "0",
    fault: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME@TIME", help="From the start of the infusion; see `picoinfuse faults`."),
    ] = None,
    world: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="How the world is, e.g. absent=encoder; see docs/simulator.md."),
    ] = None,
    no_hands: Annotated[
        bool, typer.Option("--no-hands", help="Nobody fits the syringe that a program or `picoinfuse refill` tells of.")
    ] = False,
) -> None:
    """A simulated pump in real time; the first line of output is the address to open."""
    from picoinfuse.cli.address import pairs

    from .links import Link, PtyLink, TcpLink, tcp_address
    from .serve import serve as serve_bench
    from .settings import bench_of, speed_of

    pace = speed_of(speed)
    said = pairs(world or [])
    usual = [(key, value) for key, value in (("seed", seed), ("syringe", syringe)) if key not in dict(said)]
    bench = bench_of([*usual, *said, *(("fault", text) for text in fault or [])])
    bench.board.flash.journal_id = token_hex(4)  # a pump of its own, whatever the seed: an archive keeps them apart
    link: Link
    if tcp is None and sys.platform == "win32":
        tcp = "127.0.0.1:0"
    link = PtyLink() if tcp is None else TcpLink(*tcp_address(tcp))
    print("For teaching only. Open the address below; Ctrl-C ends this pump.", file=sys.stderr, flush=True)
    serve_bench(bench, link, pace, hands=not no_hands)


def faults(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Only this one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object on one line instead of words.")] = False,
) -> None:
    """What can be made to go wrong, what it does, and which alarm ought to see it, or why none can."""
    from . import faults as catalogue

    chosen = [catalogue.find(name)] if name is not None else list(catalogue.CATALOGUE.values())
    if json:
        print(json_module.dumps({"faults": catalogue.as_json(chosen)}))
        return
    if name is None:
        print("NAME@TIME or NAME@TIME:ARGUMENT, the time from the start of the infusion (`on`: at once), as in:")
        print("  picoinfuse run hydration --fault clamp@10min --fault release@20min\n")
    for line in catalogue.words(chosen):
        print(line)


def benchmark(
    json: Annotated[bool, typer.Option("--json", help="The last line is one JSON object.")] = False,
    hours: Annotated[str, typer.Option(metavar="HOURS", help="Simulated hours of each run.")] = "24",
) -> None:
    """How much faster than real time this machine simulates the pump at 5 mL/h, and where the time goes."""
    from picoinfuse.cli.numbers import decimal

    from . import benchmark as measure

    result = measure.run(decimal(hours, "--hours", 0.1, 240))
    for line in measure.words(result):
        print(line)
    if json:
        print(json_module.dumps(result))
