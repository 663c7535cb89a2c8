"""One therapy through the whole firmware core, by real frames and in virtual time: the same bytes on every interpreter.

Run as `micropython -X heapsize=384k conformance.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import BARREL_UM, FRICTION_MN, Story  # first: it sets the heap and the path up

from picoinfuse_firmware import program as programs


def order():
    """Return a program that uses every kind of phase: about 1.2 mL in some minutes, from a 60 mL syringe."""
    phases = [
        programs.Phase(programs.RATE, rate_nl=40000000, rate_ms=3600000, volume_nl=300000),
        programs.Phase(programs.PAUSE, duration_ms=4000),
        programs.Phase(
            programs.RAMP, rate_nl=10000000, rate_ms=3600000, duration_ms=20000, to_nl=50000001, to_ms=3600007
        ),
        programs.Phase(programs.BOLUS, rate_nl=100000000, rate_ms=3600000, volume_nl=100000),
        programs.Phase(programs.RATE, rate_nl=33333333, rate_ms=3000001, duration_ms=15000),
        programs.Phase(programs.KVO, rate_nl=500000, rate_ms=3600000, duration_ms=10000),
        programs.Phase(programs.REPEAT, to_nl=4, to_ms=2),
    ]
    return programs.Program(BARREL_UM, 60000000, 50000000, FRICTION_MN, 300, 180000, phases)


def main():
    story = Story()
    story.type("status\r\n")  # before anything, as a person in a terminal
    story.ask("status")  # refused: no session
    story.hello("c0ffee")
    story.ask("start", "00000001")  # refused: nothing is loaded
    program = order()
    check = story.load(program)
    print("check agrees", check == program.check(), program.volume_nl(), program.duration_ms())
    story.ask("confirm", "00000000")  # refused: not what the pump understood
    story.ask("confirm", check)
    story.ask("prime", "00000002", 50000, 100000000, 3600000, 0)  # refused: connected
    story.ask("prime", "00000002", 50000, 100000000, 3600000, 1)
    story.until("ready", 10000)
    story.ask("outcome", "00000002")
    story.ask("telemetry_every", 5000)
    story.ask("start", "00000003")
    story.ask("start", "00000003", again=True)  # answered again, not done again
    story.board.rx += b"\x00\xff$$noise*\r\n\x03\n" + b"x" * 1000 + b"\n"
    story.go(5000)
    proposed = story.ask("rate", 60000000, 3600000)
    story.ask("apply", "00000004", proposed[0])
    story.go(3000)
    proposed = story.ask("bolus", 70000, 200000000, 3600000)
    story.ask("apply", "00000005", proposed[0])
    story.ask("outcome", "00000005")
    story.ask("pause")
    story.go(2000)
    story.ask("resume", "00000006")
    story.go(1000)
    story.board.clamp()
    story.until("alarm", 30000)
    story.ask("mute", 120000)
    story.ask("acknowledge")  # while the cause is there
    story.ask("resume", "00000007")  # refused: the alarm stands
    story.board.release()
    story.go(10000)  # the pressure is drawn back first
    story.ask("acknowledge")
    story.ask("resume", "00000008")
    story.until("complete", 600000)
    story.ask("status")
    story.ask("outcome", "00000003")
    story.ask("events_from", 1)
    story.go(2000)
    story.type("help\r")
    story.ask("acknowledge")
    story.ask("stop")
    story.go(1000)
    # The same again until the power fails in mid-infusion.
    story.hello("beef")
    story.ask("confirm", story.load(program))
    story.ask("start", "00000009")
    story.go(7000)
    story = story.after_power_cut()
    story.go(2000)
    story.hello("feed")
    story.ask("events_from", 1)  # what happened before anybody greeted the pump
    story.go(500)
    story.ask("status")
    story.ask("outcome", "00000009")
    story.ask("outcome", "deadbeef")
    story.ask("acknowledge")
    story.ask("status")
    story.ask("resume", "0000000a")
    story.go(4000)
    proposed = story.ask("rate", 61000000, 3600000)
    story.ask("apply", "0000000b", proposed[0])
    story.go(3000)
    # Again, in mid-infusion and at another rate than the program's, and once more while it waits.
    story = story.after_power_cut()
    story.go(2000)
    story = story.after_power_cut()
    story.go(2000)
    story.hello("dead")
    story.ask("events_from", 1)
    story.go(500)
    story.ask("acknowledge")
    story.ask("resume", "0000000c")
    story.until("complete", 600000)
    story.ask("status")
    print("turned in all", story.board.turned + story.board.steps())
    print("end")


if __name__ == "__main__":
    main()
