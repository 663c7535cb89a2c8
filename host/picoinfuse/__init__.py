"""PicoInfuse, the host: what a person or a script on the PC uses. For teaching only."""

import serial

# Makes sim:// known to every pyserial program that imports picoinfuse; the simulator is named here and only in data.
if "picoinfuse_sim.protocols" not in serial.protocol_handler_packages:
    serial.protocol_handler_packages.append("picoinfuse_sim.protocols")
