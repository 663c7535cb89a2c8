"""Decides how another program reaches the emulated chip: through a pseudo-terminal, in real time at most."""

import os
import select
import subprocess
import time
import tty

SLICE_US = 1000  # of the chip's time, between two looks at the terminal


class Terminal:
    """The chip's serial port as a device file, `port`, while `call` runs a program that opens it."""

    def __init__(self, chip):
        self.chip = chip
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        self.port = os.ttyname(self._theirs)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        os.close(self._ours)
        os.close(self._theirs)

    def call(self, *command, timeout_s=600):
        """Run a program to its end while the chip goes on, and return what it printed. It must succeed."""
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            self._serve(process, time.monotonic() + timeout_s)
            printed = process.communicate(timeout=1)[0]
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        assert process.returncode == 0, printed
        return printed

    def _serve(self, process, until_s):
        began_s, began_us = time.monotonic(), self.chip.now_us
        while process.poll() is None:
            now_s = time.monotonic()
            if now_s > until_s:
                raise TimeoutError(f"{process.args} did not end")
            ahead_s = (self.chip.now_us - began_us) / 1e6 - (now_s - began_s)
            if select.select([self._ours], [], [], max(0, ahead_s))[0]:
                self.chip.type(os.read(self._ours, 4096))
            self.chip.run(SLICE_US)
            sent = self.chip.read()
            if sent:
                os.write(self._ours, sent)
