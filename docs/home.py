"""Writes the measured parts of docs/home.md and its pictures, from simulated pumps; takes a minute or two.

python docs/home.py          write them again, after a change of physics, firmware or diary
A test measures a part of them again and compares (tests/test_numbers_bag.py).
"""

import os
import re
import tempfile
import time
from pathlib import Path

from picoinfuse import Phase, Program, battery, diary, syringes
from picoinfuse.archive import Archive
from picoinfuse.contact import gather, journal_of
from picoinfuse.diary_plot import plot
from picoinfuse.diary_source import of_archive
from picoinfuse.diary_words import lines
from picoinfuse_firmware.alarms import BATTERY_DEPLETED
from picoinfuse_sim import Bench, bag

HERE = Path(__file__).parent
DOCUMENT = HERE / "home.md"
PART = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
MOVES = [(syringe, rate) for syringe in ("BD 20 mL", "BD 60 mL") for rate in (1.0, 5.0, 10.0)]
COLD = (("peripheral vein", 5.0), ("peripheral vein", 20.0), ("epidural", 5.0), ("epidural", 20.0))
BATTERY = (("BD 20 mL", "1 mL/h"), ("BD 60 mL", "4 mL/h"), ("BD 60 mL", "20 mL/h"))
BEGAN_S = 1_700_049_600.0  # a noon in November 2023


def table(head, rows):
    """Return a Markdown table."""
    cells = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in row) + " |\n" for row in cells)


def told(alarms):
    """Return alarms with how often each came."""
    return ", ".join(f"`{name}` {alarms.count(name)}" for name in dict.fromkeys(alarms)) or "none"


def move_row(syringe, rate_ml_h):
    """Return one row of the table of moves: 50 cm up, 50 cm down."""
    up, down = bag.moved(syringe, rate_ml_h, 50), bag.moved(syringe, rate_ml_h, -50)
    minutes = up.extra_ml / rate_ml_h * 60
    return [syringe, f"{rate_ml_h:g}", f"{up.extra_ml:+.3f}", f"{minutes:.1f}", f"{up.peak:.1f}",
            f"{down.extra_ml:+.3f}", f"{down.pause_s / 60:.1f}", told(up.alarms + down.alarms)]  # fmt: skip


def move_table():
    """Return the table of moves."""
    head = ("syringe", "mL/h", "50 cm up: mL more", "= min of infusion", "highest minute, x rate",
            "50 cm down: mL", "nothing for, min", "alarms")  # fmt: skip
    return table(head, [move_row(*each) for each in MOVES])


def walk_row(syringe, rate_ml_h):
    """Return one row of the table of an hour in a bag."""
    its, _ = bag.carried(syringe, rate_ml_h)
    return [syringe, f"{rate_ml_h:g}", f"{100 * its.error:+.1f}", f"{its.highest:.1f}", f"{its.lowest:.1f}",
            its.without, told(its.alarms)]  # fmt: skip


def walk_table():
    """Return the table of hours in a bag."""
    head = ("syringe", "mL/h", "given in the hour, %", "highest minute, x rate", "lowest", "minutes without", "alarms")
    return table(head, [walk_row(*each) for each in MOVES])


def cold_row(route, rate_ml_h):
    """Return one row of the table of cold drugs."""
    warm, cold, part = bag.cold(route, rate_ml_h)
    return [route, f"{rate_ml_h:g}", f"{warm:.1f}", f"{cold:.1f}", f"{100 * (part - 1):+.1f}"]


def cold_table():
    """Return the table of cold drugs."""
    head = ("route", "mL/h", "20 degC, mmHg", "4 degC, mmHg", "volume of half an hour, %")
    return table(head, [cold_row(*each) for each in COLD])


def battery_row(syringe, rate):
    """Return what was foretold for a full battery, and how long the simulated pump ran on it."""
    volume = f"{syringes.find(syringe).capacity_nl * 9 // 10} nL"
    program = Program.continuous(rate, volume, syringe=syringe)
    bench = Bench(seed=1, syringe=syringe)
    bench.advance("5 s")
    foretold_h = battery.forecast(program.compiled, battery.Reading()).lasts_ms / 3_600_000
    bench.mains(False)
    bench.pump.start(program)
    began = bench.now_ms
    while BATTERY_DEPLETED not in bench.controller.alarms.codes:
        bench.advance("1 min")
    lasted_h = (bench.now_ms - began) / 3_600_000
    watt = battery.loads(program.compiled)[0][0]
    return [syringe, rate.split()[0], f"{watt:.2f}", f"{foretold_h:.1f}", f"{lasted_h:.1f}"]


def battery_table():
    """Return the table of batteries."""
    head = ("syringe", "mL/h", "watt while it infuses", "foretold, h", "simulated, h")
    return table(head, [battery_row(*each) for each in BATTERY])


def story():
    """Return the diary of a day at home: a battery that was changed, an occlusion, and no cable."""
    bench = Bench(seed=1)
    phases = [Phase.rate("50 mL/h", volume="10 mL"), Phase.kvo("1 mL/h", duration="468 min"), Phase.repeat(3)]
    program = Program(phases)
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "x.sqlite", journal_of(bench.pump)) as archive:

        def meet():
            gather(bench.pump, archive, lambda: BEGAN_S + bench.now_ms / 1000)

        bench.mains(False)
        archive.keep_program(program.check, {"name": "antibiotic", "title": "An antibiotic every 8 h, at home",
                                             "text": str(program.compiled.text())})  # fmt: skip
        meet()
        bench.pump.start(program)
        bench.host_unplugged()
        bench.advance("7 h")
        bench.swap_battery(150)
        bench.advance("55 min")  # it calls; nobody hears it
        bench.act("hold_start")
        bench.advance("6 s")
        bench.press("start")
        bench.advance("2 h")
        bench.mains()  # for the night
        bench.advance("6 h")
        bench.line.clamp()
        bench.advance("62 min")
        bench.press("mute")
        bench.advance("10 min")
        bench.line.release()
        bench.advance("1 min")
        bench.act("hold_start")
        bench.advance("6 s")
        bench.press("start")
        bench.advance("3 h")
        bench.host_unplugged(False)
        meet()
        return diary.read(of_archive(archive))


def diary_text():
    """Return the words of that day, and draw it."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    its = story()
    plot(its, HERE / "home-diary.png")
    return "```text\n" + "\n".join(lines(its)) + "\n```\n"


PARTS = {"moves": move_table, "walks": walk_table, "cold": cold_table, "battery": battery_table, "diary": diary_text}


def main():
    """Measure everything and write it."""
    text = DOCUMENT.read_text("utf-8")
    new = PART.sub(lambda part: part.group(1) + PARTS[part.group(2)]() + part.group(3), text)
    DOCUMENT.write_text(new, "utf-8")
    bag.draw(HERE / "home-bag.png")
    print("written: docs/home.md, docs/home-bag.png and docs/home-diary.png")


if __name__ == "__main__":
    main()
