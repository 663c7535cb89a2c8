"""One area of the journal: where its newest record is, where the next one goes, and which sector is erased for it.

A record is one line of text:

    CCCCCCCCLL PAYLOAD\\n

CCCCCCCC is the CRC-32 of the area's letter, the number of the slot and the payload; LL is the length of the payload (in
hex; three digits where slots are long). Spaces fill the slot. A slot is written once: what a power cut tore stays
torn, is skipped, and its number is not given to another.
"""

from array import array
from binascii import crc32

NONE = (1 << 30) - 1  # the generation of a sector without a good header
TRIES = 3  # of one record: in the next slot, in the next sector
EIO = 5


class Ring:
    """The records of one area, newest last. number: counts its slots for good, from 1."""

    def __init__(self, sectors, area):
        self.area = area
        self._sectors = sectors
        self._generations = array("I", [NONE] * area.sectors)
        self._digits = 2 if area.payload < 256 else 3
        self._form = b"%08x%0" + str(self._digits).encode() + b"x "
        self._head = 8 + self._digits + 1
        self._top = 0  # the highest generation that was tried
        self.generation = 0  # of the sector that is being filled
        self.slot = 0  # of it, which is written next
        self.newest = 0  # number of the newest good record, 0 for none
        if not sectors.problem:
            self._find()

    # ---- at the start -------------------------------------------------------------------------------------------

    def _find(self):
        """Find the newest record: by the headers, then by halves in the newest sector that is not blank."""
        area, generations = self.area, self._generations
        oldest = NONE
        for i in range(area.sectors):
            generation = self._sectors.generation(area.first + i, area.letter)
            if generation >= 0 and generation % area.sectors == i:
                generations[i] = generation
                self._top = max(self._top, generation)
                oldest = min(oldest, generation)
        at = self._before(self._top + 1)
        while at > oldest and at != NONE and self._is_blank(at, 0):
            at = self._before(at)
        if at == NONE:  # no header is good, which a power cut cannot do: it may have been anything
            self.slot = area.slots
            return
        self.generation = at
        low, high = 0, area.slots
        while low < high:
            middle = (low + high) // 2
            if self._is_blank(at, middle):
                high = middle
            else:
                low = middle + 1
        self.slot = low
        self._sectors.prove(area.first + at % area.sectors)
        self.newest = self._good_before(self._number(at, low))

    def _before(self, generation):
        """Return the highest generation below this one that a sector has, or NONE."""
        best = -1
        for other in self._generations:
            if best < other < generation:
                best = other
        return best if best >= 0 else NONE

    def _is_blank(self, generation, slot):
        area = self.area
        index = area.first + generation % area.sectors
        return self._sectors.blank(index, area.start + slot * area.slot, area.slot)

    def _number(self, generation, slot):
        return generation * self.area.slots + slot + 1

    def _good_before(self, number):
        """Return the number of the newest good record before this number, 0 for none."""
        slots = self.area.slots
        while number > 1:
            number -= 1
            if self.record(number) is not None:
                return number
            if (number - 1) % slots == 0:
                generation = self._before((number - 1) // slots)
                if generation == NONE:
                    return 0
                number = (generation + 1) * slots + 1
        return 0

    # ---- reading ------------------------------------------------------------------------------------------------

    def record(self, number):
        """Return what was kept under this number; None if it never was, was torn, or is gone."""
        area = self.area
        generation = (number - 1) // area.slots
        i = generation % area.sectors
        if number < 1 or self._generations[i] != generation:
            return None
        offset = area.start + (number - 1) % area.slots * area.slot
        head = bytearray(self._head)
        self._sectors.read(area.first + i, offset, head)
        try:
            length = int(bytes(head[8 : 8 + self._digits]).decode(), 16)
        except ValueError:
            return None
        if not 0 <= length <= area.payload:
            return None
        data = bytearray(length)
        if length:
            self._sectors.read(area.first + i, offset + self._head, data)
        return bytes(data) if self._line_head(number, data) == head else None

    def load(self):
        """Return the newest good record, or None."""
        data = self.record(self.newest)
        while data is None and self.newest:
            self.newest = self._good_before(self.newest)  # it was good, and is not any more
            data = self.record(self.newest)
        return data

    def oldest(self):
        """Return the first number that a sector can still hold; 0 if nothing was ever kept."""
        if not self.newest:
            return 0
        return self._number(min(self._generations), 0)

    # ---- writing ------------------------------------------------------------------------------------------------

    def _line_head(self, number, data):
        seed = crc32(("%s%d" % (self.area.letter, number)).encode())
        return self._form % (crc32(data, seed) & 0xFFFFFFFF, len(data))

    def append(self, data):
        """Keep a record in the next slot and return its number. Raises OSError if the flash does not take it."""
        area = self.area
        if len(data) > area.payload:
            raise ValueError("%d bytes for %s: at most %d" % (len(data), area.name, area.payload))
        for _ in range(TRIES):
            if self.slot >= area.slots and not self._turn_over():
                continue
            index = area.first + self.generation % area.sectors
            offset = area.start + self.slot * area.slot
            if not self._sectors.blank(index, offset, area.slot):
                self.slot = area.slots  # it should be: nothing more goes into this sector
                continue
            number = self._number(self.generation, self.slot)
            head = self._line_head(number, data)
            line = bytearray(b" " * area.slot)
            line[: len(head)] = head
            line[len(head) : len(head) + len(data)] = data
            line[-1] = 10  # the line end
            self.slot += 1
            self._sectors.program(index, offset, line)
            if self._sectors.holds(index, offset, line):
                self.newest = number
                return number
            self.slot = area.slots  # a sector that forgets is left
            if self._sectors.problem:
                break
        raise OSError(EIO, "the flash did not keep a record of " + area.name)

    def _turn_over(self):
        """Go on in the next sector that is clean, or erase one now. Returns False if that failed."""
        generation = NONE
        for ready in self._generations:
            if self.generation < ready < generation:
                generation = ready
        if generation == NONE and not self._erase_next():
            return False
        self.generation = self._top if generation == NONE else generation
        self.slot = 0
        return True

    def _next_to_erase(self):
        """Return the generation to erase for: of the oldest sector that can be spared; NONE if there is none."""
        area, generations = self.area, self._generations
        newest_in = (self.newest - 1) // area.slots % area.sectors if self.newest else -1
        for generation in range(self._top + 1, self._top + 1 + area.sectors):
            i = generation % area.sectors
            clean = self.generation < generations[i] < NONE
            filling = generations[i] == self.generation and self.slot < area.slots
            if not (i == newest_in or clean or filling):
                return generation
        return NONE

    def _erase_next(self):
        """Erase one sector for what comes. Returns False if there is none to spare, or the flash does not obey."""
        generation = self._next_to_erase()
        if generation == NONE:
            return False
        area = self.area
        self._top = generation
        i = generation % area.sectors
        self._generations[i] = NONE
        if not self._sectors.renew(area.first + i, area.letter, generation):
            return False
        self._generations[i] = generation
        return True

    def prepare(self):
        """Erase one sector ahead if one is wanted. Returns whether it did: then there may be more to do."""
        ready = 0
        for generation in self._generations:
            if self.generation < generation < NONE:
                ready += 1
        return ready < self.area.ahead and self._erase_next()
