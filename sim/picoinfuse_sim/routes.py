"""What the fluid meets at the patient: the pressure there by route, and what it goes in through.

Pressures in mmHg, resistances in mmHg per mL/h (for water at 20 C, where it is fluid in a tube).
"""

from dataclasses import dataclass

from .ranges import one_of

# By Poiseuille, water at 20 C (REFERENCE section 4, derived); the epidural catheter is 0.45 mm x 0.9 m.
CANNULA_MMHG_H_PER_ML = {"24G": 0.033, "22G": 0.016, "20G": 0.0066, "18G": 0.0033, "epidural": 1.9}
VEIN_MMHG = 10.0  # peripheral vein, 5-20 mmHg (REFERENCE section 4, engineer's memory)
# A vein against the tissue around it: 62 against 544 mmHg per L/h (Scott 1996, in REFERENCE section 4).
INFILTRATION_MMHG_H_PER_ML = 0.544 - 0.062
# 1.36 cm of water are 1 mmHg (REFERENCE section 4).
CM_PER_MMHG = 1.36


@dataclass(frozen=True)
class Route:
    """One way into a patient.

    mmhg: the pressure there; usual_mmhg: its usual range, both engineer's memory (REFERENCE section 4). cannula: what
    is usually put in, a key of CANNULA_MMHG_H_PER_ML. tissue_mmhg_h_per_ml: what the body adds to it.
    """

    name: str
    mmhg: float
    usual_mmhg: tuple[float, float]
    cannula: str
    tissue_mmhg_h_per_ml: float = 0.0


# Which cannula is usual is engineer's memory. For a spinal catheter the numbers of the epidural one are used; a real
# one is thinner. Of tissue only that of an infiltrated vein is published; under the skin it is taken to be the same.
ROUTES = {
    route.name: route
    for route in (
        Route("peripheral vein", VEIN_MMHG, (5, 20), "22G"),
        Route("central vein", 6.0, (0, 12), "18G"),
        Route("subcutaneous", 20.0, (10, 50), "24G", INFILTRATION_MMHG_H_PER_ML),
        Route("epidural", 10.0, (5, 20), "epidural"),
        Route("intrathecal", 12.0, (10, 15), "epidural"),
        Route("intraperitoneal", 6.0, (2, 10), "18G"),
        Route("intra-arterial", 100.0, (80, 120), "20G"),
    )
}


def find(name: str) -> Route:
    """Return the route of this name. Raises BadInput with the known names."""
    return ROUTES[one_of("route", name, tuple(ROUTES))]


def cannula_mmhg_h_per_ml(name: str) -> float:
    """Return the resistance of a cannula by its gauge. Raises BadInput with the known names."""
    return CANNULA_MMHG_H_PER_ML[one_of("cannula", name, tuple(CANNULA_MMHG_H_PER_ML))]
