"""A pump that knows people: who gets what, and why not; the same bytes on every interpreter.

Run as `micropython -X heapsize=384k ward.py FIRMWARE_FOLDER`, or with CPython.
"""

from story import BARREL_UM, FRICTION_MN, Story  # first: it sets the heap and the path up

from binascii import crc32, hexlify
from hashlib import sha256

from picoinfuse_firmware import access, seal
from picoinfuse_firmware.program import RATE, Phase, Program

HOUR_MS = 3600000
ML = 1000000  # nanolitres
PEOPLE = (("anna", "nurse"), ("hugo", "pharmacist"), ("tom", "technician"))


def sealed(*rows):
    text = "".join([row + "\n" for row in rows])
    return text + "check %08x\n" % (crc32(text.encode()) & 0xFFFFFFFF)


def verifier(name):
    """What a host would make of a code in many rounds; here only something that is known."""
    return sha256(name.encode()).digest()


def people(double_check):
    rules = ("picoinfuse people 1", "level 3", "relock_ms 180000", "double_check %d" % double_check, "rounds 1000")
    return sealed(
        *rules,
        *["person %s %s %s %s" % (name, role, "0" * 32, hexlify(verifier(name)).decode()) for name, role in PEOPLE],
    )


def program():
    return Program(BARREL_UM, 60 * ML, 50 * ML, FRICTION_MN, 300, 0, [Phase(RATE, 40 * ML, HOUR_MS, 20 * ML)])


class Ward(Story):
    """A Story whose host can log in, and seals what the table wants sealed."""

    key = b""

    def log_in(self, name, code=None):
        said = self.ask("login", name, 1700000000)
        if len(said) == 3 and len(said[0]) == seal.NONCE_LETTERS:
            its = verifier(code or name)
            self.ask("answer", seal.answer(its, said[0], name))
            if code is None:
                self.key = seal.key(its, said[0], name)

    def sure(self, name, *values, about=""):
        """Ask, sealed by who is logged in."""
        its = seal.seal(self.key, self.seq + 1, name, values, about)
        return self.ask(name, values[0] + "." + its, *values[1:])


def who_may(story):
    """Somebody without a code, with a wrong one, and with the right one."""
    story.ask("load", *program().load_values())  # log_in
    story.ask("refill", 50 * ML)  # locked
    story.ask("login", "mallory", 0)
    story.ask("answer", "00")
    for _ in range(3):
        story.log_in("anna", "wrong")
        story.log_in("anna")  # she has to wait
        story.go(9000)
    story.log_in("anna")
    story.ask("acknowledge")
    story.ask("lock", 4)
    story.ask("lock", 1)
    story.ask("leave")  # not her role
    story.ask("status")


def every_role(story):
    """What each role gets while nothing runs; the last one lets the pump leave its firmware."""
    for name, _ in PEOPLE:
        story.log_in(name)
        for request in ("status", "pause", "stop", "acknowledge", "leave"):
            story.ask(request)
        story.ask("lock", 2)
        story.ask("try_signal", 1)
        story.ask("refill", 50 * ML)
        story.go(1000)
    print("left", story.board.left)
    story.ask("login", "-", 0)


def two_people(story):
    one = program()
    check = story.load(one)
    story.ask("confirm", check)  # not sealed
    story.sure("confirm", check, about="another program")
    story.sure("confirm", check, about=one.text())  # by who wrote it
    story.log_in("hugo")
    story.sure("confirm", check, about=one.text())
    story.sure("start", "00000001")  # not his role
    story.log_in("anna")
    story.sure("start", "00000001")
    story.go(3000)
    said = story.ask("rate", 30 * ML, HOUR_MS)
    story.sure("apply", "00000002", said[0], about="rate 300000000 3600000")
    story.sure("apply", "00000002", said[0], about="rate 30000000 3600000")
    story.ask("telemetry_every", 500)
    story.go(20000)
    story.ask("pause")
    story.sure("resume", "00000003")
    story.go(2000)


def main():
    print("roles", [(action, access.TABLE[action]) for action in sorted(access.TABLE)])
    story = Ward(texts={"access": people(1)})
    story.go(2000)
    story.hello("c0ffee")
    who_may(story)
    every_role(story)
    story.log_in("anna")
    two_people(story)
    story = story.after_power_cut()
    story.go(2000)
    story.hello("again")
    story.ask("status")
    story.ask("acknowledge")
    story.log_in("anna")
    story.ask("acknowledge")
    story.sure("resume", "00000004")
    story.go(3000)
    story.go(181000)  # she goes away
    story.ask("pause")
    story.board.texts["access"] = people(0)
    story.ask("login", "anna", 0)
    print("end")


if __name__ == "__main__":
    main()
