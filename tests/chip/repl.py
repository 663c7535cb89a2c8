"""Decides how a test talks to the interpreter on the chip: the raw prompt, as mpremote does."""

PROMPT = b">>> "
RAW_PROMPT = b"raw REPL; CTRL-B to exit\r\n>"
CTRL_A, CTRL_B, CTRL_C, CTRL_D = b"\x01", b"\x02", b"\x03", b"\x04"
BOOT_US = 3_000_000


class Refused(AssertionError):  # noqa: N818  (named after what happened)
    """What the chip was asked to run raised an exception: its traceback."""


class Repl:
    """The prompt of a chip that runs no program. `interrupt`: stop the program that runs."""

    def __init__(self, chip, interrupt=False):
        self.chip = chip
        if not chip.run_until(lambda: chip.usb.connections, BOOT_US):
            raise AssertionError("the chip did not appear on USB")
        chip.run(20_000)  # the prompt hears only what comes after the port was opened
        chip.type(CTRL_C * 2 if interrupt else b"\r\n")
        chip.read_until(PROMPT)
        chip.type(CTRL_A)
        chip.read_until(RAW_PROMPT)

    def run(self, source, limit_us=10_000_000):
        """Run some lines and return what they printed, as text."""
        self.start(source)
        printed = self.chip.read_until(CTRL_D, limit_us)[:-1]
        failed = self.chip.read_until(CTRL_D)[:-1]
        self.chip.read_until(b">")
        if failed:
            raise Refused(failed.decode())
        return printed.decode().replace("\r\n", "\n")

    def start(self, source):
        """Begin to run some lines, and do not wait for their end."""
        self.chip.type(source.encode() + CTRL_D)
        self.chip.read_until(b"OK")
