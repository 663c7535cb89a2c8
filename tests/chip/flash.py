"""Decides what befalls the emulated flash: how long it takes, what is counted, when power goes, which files it has.

rp2040py erases and programs at once; here the processor waits as long as a usual chip takes, while the PIO goes on.
"""

from io import BytesIO
from pathlib import PurePosixPath

from littlefs import LittleFS, UserContext
from rp2040py.peripherals.ssi import CMD_BLOCK_ERASE, CMD_PAGE_PROGRAM, CMD_SECTOR_ERASE, FLASH_SECTOR_SIZE

FLASH_BYTES = 2 * 1024 * 1024  # of a Pico
FILES_START, FILES_BYTES = 0xA0000, 1408 * 1024  # MICROPY_HW_FLASH_STORAGE_BYTES of RPI_PICO, at the end
PAGE = 256

# Typical times of the Pico's W25Q16JV, its data sheet, table "AC electrical characteristics".
PROGRAM_US, SECTOR_ERASE_US, BLOCK_ERASE_US = 400, 45_000, 150_000


class Flash:
    """The flash of a chip. `image` is what it holds without power.

    `cut_at`: so many more writing commands are obeyed (erase or program), then the next is done by `cut_part` of its
    bytes and the power goes.
    """

    def __init__(self, chip):
        self.chip = chip
        self.image = b""
        self.erased, self.programmed = [], []  # address of each command
        self.cut_at, self.cut_part = None, 0.0
        self.power_cut_due = False
        self.slow = True
        self.erase_us = SECTOR_ERASE_US  # of a sector

    def attach(self):
        ssi = self.chip.rp2040.ssi
        obeys = ssi._apply_command
        ssi._apply_command = lambda: self._command(ssi, obeys)

    def _command(self, ssi, obeys):
        command = ssi._tx_buffer[0] if ssi._tx_buffer else None
        erases = command in (CMD_SECTOR_ERASE, CMD_BLOCK_ERASE)
        if not ssi._write_enabled or not (erases or command == CMD_PAGE_PROGRAM):
            obeys()
            return
        address = ssi._address_from_buffer()
        size = {CMD_SECTOR_ERASE: FLASH_SECTOR_SIZE, CMD_BLOCK_ERASE: FLASH_SECTOR_SIZE * 16}.get(command, PAGE)
        flash = self.chip.rp2040.flash
        before = bytes(flash[address : address + size])
        if self.power_cut_due:
            obeys()
            flash[address : address + size] = before
            return
        obeys()
        (self.erased if erases else self.programmed).append(address)
        if self.cut_at == 0:
            kept = round(size * self.cut_part)
            flash[address + kept : address + size] = before[kept:]
            self.cut_at, self.power_cut_due = None, True
            self.chip.stopped = True
            return
        if self.cut_at is not None:
            self.cut_at -= 1
        if self.slow:
            times = {CMD_SECTOR_ERASE: self.erase_us, CMD_BLOCK_ERASE: BLOCK_ERASE_US}
            self.chip.clock.tick(times.get(command, PROGRAM_US) * 1000)

    def write_files(self, files):
        """Put files into the file system of `image`, a new one if there is none: path -> bytes. Without power."""
        system = self._mount()
        for name, data in files.items():
            folder = str(PurePosixPath("/", name).parent)
            if folder != "/":
                system.makedirs(folder, exist_ok=True)
            with system.open(name, "wb") as file:
                file.write(data)
        system.unmount()
        start, end = FILES_START, FILES_START + FILES_BYTES
        self.image = self.image[:start] + bytes(system.context.buffer) + self.image[end:]

    def read_files(self):
        """All files of the file system, as they are in the flash now: path -> bytes."""
        system = self._mount()
        found = {}
        for folder, _, names in system.walk("/"):
            for name in names:
                path = str(PurePosixPath(folder, name))
                with system.open(path, "rb") as file:
                    found[path] = BytesIO(file.read()).getvalue()
        return found

    def _mount(self):
        image = self.chip.flash_image()[FILES_START : FILES_START + FILES_BYTES]
        fresh = image == b"\xff" * FILES_BYTES
        context = UserContext(buffsize=FILES_BYTES)
        context.buffer = bytearray(image)
        system = LittleFS(
            context=context,
            block_size=FLASH_SECTOR_SIZE,
            block_count=FILES_BYTES // FLASH_SECTOR_SIZE,
            prog_size=PAGE,
            mount=False,
        )
        if fresh:
            system.format()
        system.mount()
        return system
