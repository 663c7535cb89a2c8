"""What takes part in a program because of its options: the hooks there are, each of which does nothing here.

The pump asks the companions of its program (Requests.companions) in their order. All times are device milliseconds.
"""


class Companion:
    """To be derived from; override what is needed."""

    answers = ()  # names of requests of the wire that it answers, by methods of these names

    def look(self, now_ms):
        """Once a second, whatever the state."""

    def ahead(self, now_ms):
        """Before the first run of a flow that begins or changes is laid (pump.delivery stands at its horizon).

        What must be written before that is given is written here; if it cannot be, the run is not laid.
        """

    def rested(self, now_ms):
        """The motor stands, halted or since all is given: what had begun only on paper has been taken back."""

    def refusal(self, now_ms, volume_nl, rate_nl, rate_ms):
        """Return why a bolus of volume_nl may not be given now, or (volume_nl 0) a rate not be set; None: it may."""

    def resume_refusal(self, now_ms):
        """Return why the program may not be gone on with now, or None."""

    def bolus(self, now_ms, volume_nl, rate_nl, rate_ms):
        """A bolus that a person asked for is given now; whatever must be written before that is written here."""

    def rate(self, now_ms, rate_nl, rate_ms):
        """A person, or a host, has changed the rate; not the pump itself."""

    def key(self, now_ms, identity):
        """The bolus key was pressed; the identity is new. Return whether that was the business of this one."""
        return False

    def logged_out(self):
        """Nobody is logged in any more, or somebody else will be."""

    def leaves(self):
        """The program is over, and another one is to be taken."""
