"""The firmware of the PicoInfuse syringe pump: runs unchanged on a Pico, on MicroPython on a PC, and on CPython.

A teaching device. It is not for treating anyone.
"""

VERSION = 1  # of the wire; the host refuses to talk to another one
