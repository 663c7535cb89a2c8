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
        backlash_um=100,
        draw_back=True,
        force_min_mn=-50000,
        force_max_mn=196000,
        force_noise_mn=10,
        battery_low_mv=7200,
        battery_empty_mv=6600,
        temperature_min_mc=5000,
        temperature_max_mc=60000,
    ):
        self.steps_per_turn = steps_per_turn  # motor steps per turn of the screw
        self.pitch_um = pitch_um  # travel of the plunger per turn of the screw
        self.encoder_counts_per_turn = encoder_counts_per_turn
        self.min_interval_us = min_interval_us  # a 200-step motor still starts from rest at this interval
        self.travel_um = travel_um  # the longest stroke the frame has; teaching value, for the 121 mm of a full 140 mL
        self.backlash_um = backlash_um  # the most that nut and coupling give way when the screw turns back
        self.draw_back = draw_back  # after an occlusion (relief.py); off for measuring what it is good for
        self.force_min_mn = force_min_mn  # what the load cell can read: tension below 0 ...
        self.force_max_mn = force_max_mn  # ... and 20 kg; a reading at either end is no reading
        # The least that a live load cell's reading trembles, one standard deviation: half of what an HX711 gives with a
        # cell of 20 kg (20 mN; engineer's memory, measure it). 0: it need not tremble, then a jammed one is not told.
        self.force_noise_mn = force_noise_mn
        # Teaching values, as the discharge curve of the simulator's battery has them; measure yours.
        self.battery_low_mv = battery_low_mv  # two lithium cells: 30 minutes are left at the highest rate ...
        self.battery_empty_mv = battery_empty_mv  # ... and none
        self.temperature_min_mc = temperature_min_mc  # of the inside; both are engineer's memory, teaching values
        self.temperature_max_mc = temperature_max_mc
