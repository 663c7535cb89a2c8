"""A pump with a drug library: what it gives and what not; the same bytes on every interpreter.

Run as `micropython -X heapsize=384k dispensary.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import BARREL_UM, FRICTION_MN, Story  # first: it sets the heap and the path up

from binascii import crc32

from picoinfuse_firmware.options import Option
from picoinfuse_firmware.program import RATE, Phase, Program

HOUR_MS = 3600000
ML = 1000000  # nanolitres
DRUGS = (
    "drug morphine.ng conc=1000000/1000000 rate=-,-,2000000,5000000 in_1h=-,-,-,10000000 bolus=-,500000,2000000,-",
    "drug remifentanil.ng conc=50000/1000000 rate_kg=-,-,-,12000 weight=3000,-,-,150000",
)


def sealed(*rows):
    text = "".join([row + "\n" for row in rows])
    return text + "check %08x\n" % (crc32(text.encode()) & 0xFFFFFFFF)


DRUG_FILE = sealed("picoinfuse library 1 ward-1", *DRUGS)
CHECK = int(DRUG_FILE.split(" ")[-1], 16)
MADE_WITH = Option("library", "ward-1", [CHECK])
MORPHINE = Option("drug", "morphine.ng", [1, 1])


def program(*options, ml_h=1):
    phases = [Phase(RATE, ml_h * ML, HOUR_MS, 20 * ML)]
    return Program(BARREL_UM, 60 * ML, 50 * ML, FRICTION_MN, 300, 0, phases, options)


def what_the_library_says(story):
    story.load(program(ml_h=100))  # made with none
    story.load(program(Option("library", "ward-0", [7]), MORPHINE))
    story.load(program(MADE_WITH))
    story.load(program(MADE_WITH, Option("drug", "heroin.ng", [1, 1])))
    story.load(program(MADE_WITH, Option("drug", "morphine.uU", [1, 1])))
    story.load(program(MADE_WITH, Option("drug", "morphine.ng", [1, 2])))
    remifentanil = Option("drug", "remifentanil.ng", [50000, ML])
    story.load(program(MADE_WITH, remifentanil))
    for grams in (2000, 10000, 20000):
        story.load(program(MADE_WITH, remifentanil, Option("weight", "-", [grams]), ml_h=4))
    story.load(program(MADE_WITH, MORPHINE, ml_h=6))
    story.load(program(MADE_WITH, MORPHINE, ml_h=3))
    story.load(program(MADE_WITH, MORPHINE, Option("demand", "-", [ML, 60 * ML, HOUR_MS, 360000])))
    story.board.texts["library"] = DRUG_FILE[:-3]
    story.load(program(MADE_WITH, MORPHINE))
    story.board.texts["library"] = DRUG_FILE


def what_people_change(story):
    one = program(MADE_WITH, MORPHINE)
    story.ask("confirm", story.load(one))
    story.ask("start", "00000001")
    story.ask("telemetry_every", 500)
    story.go(5000)
    story.ask("rate", 6 * ML, HOUR_MS)
    story.ask("rate", 3 * ML, HOUR_MS)
    story.ask("bolus", ML // 4, 60 * ML, HOUR_MS)
    story.ask("override", "no.word", [0])
    story.ask("override", "pain", [0])
    said = story.ask("rate", 3 * ML, HOUR_MS)
    story.ask("apply", "00000002", said[0])
    story.ask("rate", 4 * ML, HOUR_MS)
    story.go(20000)


def main():
    story = Story(texts={"library": DRUG_FILE})
    story.go(2000)
    story.hello("c0ffee")
    what_the_library_says(story)
    what_people_change(story)
    story = story.after_power_cut()
    story.board.texts["library"] = sealed("picoinfuse library 1 ward-2", *DRUGS)
    story.go(2000)
    story.hello("again")
    story.ask("acknowledge")
    story.ask("resume", "00000003")
    story = story.after_power_cut()
    story.board.texts["library"] = DRUG_FILE
    story.go(2000)
    story.hello("later")
    story.ask("acknowledge")
    story.ask("resume", "00000003")
    story.ask("telemetry_every", 500)
    story.go(20000)
    story.ask("rate", 6 * ML, HOUR_MS)
    print("end")


if __name__ == "__main__":
    main()
