"""Tests after IEC 60601-2-24: start-up curve, trumpet curve, occlusion test. Teaching simulation, no certified test."""

from .curves import WINDOWS_MIN, Trumpet, trumpet

__all__ = ["WINDOWS_MIN", "Trumpet", "trumpet"]
