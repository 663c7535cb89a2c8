"""What the pump is built from: whole numbers, one place, the same for every board that does not say otherwise."""


class Config:
    """The drive and its sensors.

    Defaults: a 200-step motor at 16 microsteps on a lead screw of 2 mm pitch, and a 12-bit encoder on the screw.
    """

    def __init__(
        self,
        steps_per_turn=3200,
        pitch_um=2000,
        encoder_counts_per_turn=4096,
        min_interval_us=500,
        travel_um=140000,
    ):
        self.steps_per_turn = steps_per_turn  # motor steps per turn of the screw
        self.pitch_um = pitch_um  # travel of the plunger per turn of the screw
        self.encoder_counts_per_turn = encoder_counts_per_turn
        self.min_interval_us = min_interval_us  # a 200-step motor still starts from rest at this interval
        self.travel_um = travel_um  # the longest stroke the frame has
