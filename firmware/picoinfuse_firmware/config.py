"""What the pump is built from: every field of settings.py as an attribute, the defaults if a board says no other."""

TYPE_CHECKING = False


class Config:
    """The drive and its sensors: Config(pitch_um=8000) has that, and the defaults of settings.py for all the rest.

    draw_back: after an occlusion (relief.py); off for measuring what it is good for. force_noise_mn: the least that a
    live load cell's reading trembles, one standard deviation; 0: it need not tremble, then a jammed one is not told.
    Raises ValueError for a name that is no field. The values are not checked here: settings.check does that.
    """

    def __init__(self, **values):
        from . import settings  # not above: a Pico needs the table once, and then lets it go

        for row in settings.FIELDS:
            setattr(self, row[0], values.pop(row[0], row[1]))
        for name in values:
            raise ValueError("no field of the configuration: " + name)

    def has(self):
        """Return the names of the sensors that are fitted, for Board.has."""
        from . import settings

        return settings.has({name: getattr(self, name) for name in settings.NAMES})

    if TYPE_CHECKING:  # the attributes come from the table

        def __getattr__(self, name: str) -> int: ...
        def __setattr__(self, name: str, value: int) -> None: ...
