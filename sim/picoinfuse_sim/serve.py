"""A simulated pump in real time (or N times as fast) behind a pseudo-terminal or TCP; it goes on with nobody there."""

from __future__ import annotations

import time
from collections.abc import Callable

from picoinfuse_firmware.states import MOVING

from .bench import Bench
from .links import Link

_LONGEST_WAIT_S = 0.1  # so that `stop` is heard soon
_STRIDE_US = 1_000_000  # at speed "max": virtual time between two looks at the link


def serve(
    bench: Bench,
    link: Link,
    speed: float | None = 1.0,
    *,
    say: Callable[[str], None] = lambda line: print(line, flush=True),
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Serve the bench until `stop()` is true or Ctrl-C; the first thing said is the address that a client opens.

    speed: virtual seconds in a real one. None is "max": as fast as it goes while the motor may step, and real time
    otherwise, since a person or a program at the other end needs time to load and confirm. Closes the link at the end.
    """
    port = bench.port()
    connected = False
    bench.host_unplugged()
    say(link.address)
    behind_s = time.monotonic()
    try:
        while not stop():
            if link.connected() != connected:
                connected = not connected
                # As with a real cable: nothing old waits for whoever plugs in.
                bench.host_unplugged(not connected)
            data = link.receive()
            if data:
                port.write(data)
            now_s = time.monotonic()
            racing = speed is None and bench.controller.state in MOVING
            if racing:
                bench.run_until(bench.now_us + _STRIDE_US, or_sent=True)
                behind_s = now_s
            else:
                # A clock that is carried along, so that time lost in a slow send is caught up and the pace may change.
                end_us = bench.now_us + round((now_s - behind_s) * (speed or 1.0) * 1e6)
                bench.run_until(end_us)
                behind_s = now_s
            sent = bench.board.sent
            if sent:
                del sent[: link.send(bytes(sent))]
            if not racing:
                wait_s = (bench.next_poll_us + 1 - bench.now_us) / 1e6 / (speed or 1.0)
                link.wait(min(wait_s, _LONGEST_WAIT_S))
    except KeyboardInterrupt:
        pass
    finally:
        link.close()
