"""The Raspberry Pi Pico as a board: the only files that know machine and rp2."""
