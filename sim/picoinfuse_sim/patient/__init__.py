"""Patients of the simulated world: teaching models of what an infusion does to a body. Never for treating anyone."""

from .base import Patient, Sign
from .bedside import Bedside

__all__ = ["Bedside", "Patient", "Sign"]
