"""What only a Pico has: the files here may import machine, rp2, time, os."""
