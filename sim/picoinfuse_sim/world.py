"""The world of one bench: which drive, syringe and line are built, and how far each is from what it ought to be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from picoinfuse import syringes
from picoinfuse.errors import BadInput
from picoinfuse_firmware.config import Config

from .drive import BACKLASH_UM, ENCODER_ERROR_DEG, PITCH_ERROR_UM, Drive
from .ideal import IdealPlant
from .line import Line
from .plant import Plant
from .syringe import AREA_ERROR, STATIC_RATIO, Syringe
from .tubing import Tubing


class World:
    """Drive, line and plant, and new syringes for it.

    frictions, tolerances: what friction and the errors of make are drawn from. line_options: keywords of Line. The
    other keywords are Bench's. Raises BadInput as Bench says.
    """

    def __init__(
        self,
        config: Config,
        syringe: str | syringes.Syringe,
        filled_ml: float | None,
        frictions: np.random.Generator,
        errors: np.random.Generator,
        *,
        friction_varies: bool,
        stick_slip: bool,
        tolerances: bool,
        calibrated: bool,
        ideal: bool,
        captured: bool,
        volume_error_ppm: int,
        tubing: Tubing | None,
        line_options: dict[str, Any],
    ) -> None:
        if ideal and not captured:
            raise BadInput("captured = False, ideal = True: only a bench that is not ideal lets a plunger run ahead")
        self._config = config
        self._frictions = frictions
        self._friction_varies = friction_varies and not ideal
        phase, area_error = errors.uniform(), errors.uniform(-AREA_ERROR, AREA_ERROR)
        # One error for every syringe of the bench, as if they came from one batch.
        self._area_error = float(area_error) if tolerances and not ideal else 0.0
        self._calibrated = calibrated
        self._pitch_um = config.pitch_um * (1 + volume_error_ppm / 1e6)  # of the real screw
        self.drive = Drive(
            config.steps_per_turn,
            config.encoder_counts_per_turn,
            self._pitch_um,
            pitch_error_um=0.0 if ideal else PITCH_ERROR_UM,
            backlash_um=0.0 if ideal else BACKLASH_UM,
            encoder_error_deg=0.0 if ideal else ENCODER_ERROR_DEG,
            phase=phase,
        )
        self.aside_ml: float | None = None  # in the syringe that is set aside (hands.py); None: a full one
        fitted = self.new_syringe(self.kind(syringe), filled_ml)
        tubing = tubing or Tubing()
        softness = fitted.kind.compliance_nl_mmhg if ideal else fitted.barrel_nl_per_mmhg
        self.line = Line(softness + tubing.nl_per_mmhg, tubing=tubing, **line_options)
        self.plant: Plant
        if ideal:
            self.plant = IdealPlant(self.drive, fitted, self.line)
        else:
            ratio = STATIC_RATIO if stick_slip else 1.0
            self.plant = Plant(self.drive, fitted, self.line, captured=captured, static_ratio=ratio)

    def kind(self, name: str | syringes.Syringe) -> syringes.Syringe:
        """Return a row of the catalogue; on a calibrated bench with the bore that weighing found."""
        row = syringes.find(name)
        if not self._calibrated:
            return row
        return replace(row, barrel_um=round(row.barrel_um * (1 + self._area_error) ** 0.5))

    def new_syringe(self, kind: syringes.Syringe, filled_ml: float | None = None) -> Syringe:
        """Return a syringe with filled_ml in it; None: full. Raises BadInput for more than it holds."""
        capacity_ml = kind.capacity_nl / 1e6
        if filled_ml is not None and not 0 <= filled_ml <= capacity_ml:
            raise BadInput(f"filled = {filled_ml:g} mL: a {kind.name} syringe holds 0 to {capacity_ml:g} mL")
        # One that was calibrated stays as it was made: its error counts from what the catalogue said before.
        made = (kind.made_um / kind.barrel_um) ** 2 if self._area_error and kind.made_um else 1.0
        return Syringe(
            kind,
            kind.capacity_nl if filled_ml is None else filled_ml * 1e6,
            self._pitch_um,
            self._config.steps_per_turn,
            rng=self._frictions,
            friction_varies=self._friction_varies,
            area_error=0.0 if self._calibrated else made * (1 + self._area_error) - 1,
        )
