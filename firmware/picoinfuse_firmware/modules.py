"""Which modules are forgotten once they have done what they are for.

On a Pico a module fills its memory as long as somebody can find it; read anew, it takes 10 ms for each 1000 bytes. So
what is needed at power-on or while nothing moves is imported inside the function that asks it, and forgotten then.
"""

import sys


def forget(*names):
    """Forget modules of the firmware, on MicroPython. Whoever imports one again reads it anew.

    names: relative to the package, "pico.manifest". What else still refers to one keeps it alive.
    """
    if sys.implementation.name != "micropython":
        return
    for name in names:
        package, _, name = (__name__.rpartition(".")[0] + "." + name).rpartition(".")
        if sys.modules.pop(package + "." + name, None) is not None:
            delattr(sys.modules[package], name)
