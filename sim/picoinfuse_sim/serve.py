"""A simulated pump in real time (or N times as fast) behind a pseudo-terminal or TCP; it goes on with nobody there."""

from __future__ import annotations

import time
from collections.abc import Callable

from picoinfuse_firmware.states import MOVING

from .bench import Bench
from .links import Link
from .served_hands import ServedHands

_LONGEST_WAIT_S = 0.1  # so that `stop` is heard soon
_STRIDE_MS = 1_000  # at speed "max": virtual time between two looks at the link


def serve(
    bench: Bench,
    link: Link,
    speed: float | None = 1.0,
    *,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
    stop: Callable[[], bool] = lambda: False,
    hands: bool = True,
) -> None:
    """Serve the bench until `stop()` is true or Ctrl-C; the first thing said is the address that a client opens.

    speed: virtual seconds in a real one. None is "max": as fast as it goes while the motor may step, and real time
    otherwise, since a person or a program at the other end needs time to load and confirm. hands: the syringe that a
    host tells of is fitted. Closes the link at the end.
    """
    port = bench.port()
    at_pump = ServedHands(bench)
    pace = speed or 1.0
    connected = False
    bench.host_unplugged()
    say(link.address)
    anchor_s, anchor_ms = time.monotonic(), bench.now_ms
    try:
        while not stop():
            if link.connected() != connected:
                connected = not connected
                # As with a real cable: nothing old waits for whoever plugs in.
                bench.host_unplugged(not connected)
            data = link.receive()
            if data and not connected and link.connected():
                connected = True  # a client came since: what it said at once is not lost
                bench.host_unplugged(False)
            if data:
                if hands:
                    at_pump.hear(data)
                port.write(data)
            now_s = time.monotonic()
            racing = speed is None and bench.controller.state in MOVING
            if racing:
                bench.run_until(bench.now_ms + _STRIDE_MS, or_sent=True)
                anchor_s, anchor_ms = now_s, bench.now_ms
            else:
                bench.run_until(anchor_ms + int((now_s - anchor_s) * pace * 1000))
            sent = bench.board.sent
            if sent:
                del sent[: link.send(bytes(sent))]
            if not racing:
                wait_s = (bench.next_poll_ms + 1 - bench.now_ms) / 1000 / pace
                link.wait(min(wait_s, _LONGEST_WAIT_S))
    except KeyboardInterrupt:
        pass
    finally:
        link.close()
