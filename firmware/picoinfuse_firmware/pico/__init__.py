"""The board of a Raspberry Pi Pico: the only part of the firmware that knows machine, rp2 and the pins."""
