"""Everything of the firmware that knows pins, PIO, flash and clock of a Pico, and the start of the pump on it."""
