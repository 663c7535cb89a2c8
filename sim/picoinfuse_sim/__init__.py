"""PicoInfuse, the simulator: the world in which the very same firmware is tested. For teaching only."""

from .bench import Bench

__all__ = ["Bench"]
