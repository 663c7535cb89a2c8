"""A change of the rate, or a bolus, while a program runs: proposed and compared, then applied; a part of Pump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .acting import Acting
from .errors import PicoInfuseError
from .program import Context
from .units import Rate


@dataclass(frozen=True)
class Proposal:
    """What the pump understood of a change, and has not applied. verb: rate or bolus. volume_nl: of a bolus, else 0.

    check: names it when it is applied. detail: it in the words of who asked.
    """

    verb: str
    check: str
    volume_nl: int
    rate: Rate
    detail: str

    @property
    def about(self) -> str:
        """What the seal of its `apply` is about."""
        volume = f" {self.volume_nl}" if self.verb == "bolus" else ""
        return f"{self.verb}{volume} {self.rate.nl} {self.rate.ms}"


class Changing(Acting):
    """The changes of a Pump, which can send a request that delivers."""

    def _deliver(self, name: str, values: Any, verb: str, detail: str, about: str = "") -> str:
        raise NotImplementedError

    def propose_rate(self, rate: str, *, context: Context | None = None, override: str = "") -> Proposal:
        """Ask for another rate of the phase that runs, and return what the pump understood. Nothing changes yet.

        context: the concentration and the body that the rate leans on. override: why soft limits of the drug library
        are passed, one word. Raises Refused, BadInput.
        """
        wanted = (context or Context()).rate(rate)
        fields = self._proposed("rate", (wanted.nl, wanted.ms), override, f"rate = {rate!r}")
        _same(fields, wanted)
        return Proposal("rate", fields["check"], 0, wanted, rate)

    def propose_bolus(self, volume: str, rate: str, *, context: Context | None = None, override: str = "") -> Proposal:
        """Ask for a bolus beside the basal rate, and return what the pump understood. Nothing is given yet.

        volume: also an amount of drug; rounded down to whole nanolitres. The rest as in `propose_rate`.
        """
        its = context or Context()
        nl, wanted = int(its.volume(volume)), its.rate(rate)
        fields = self._proposed("bolus", (nl, wanted.nl, wanted.ms), override, f"bolus = {volume!r} at {rate!r}")
        _same(fields, wanted, nl)
        return Proposal("bolus", fields["check"], nl, wanted, f"{volume} at {rate}")

    def apply(self, proposal: Proposal) -> str:
        """Let the pump do what it proposed. Returns the request's identity.

        Raises Refused, also if something happened meanwhile by which the proposal is void, and Uncertain.
        """
        its = proposal
        return self._deliver("apply", lambda id: (id, its.check), its.verb, its.detail, its.about)

    def rate(self, rate: str, *, concentration: str | None = None, override: str = "") -> str:
        """Change the rate of the phase that runs: proposed, compared, applied. Returns the request's identity.

        override: why soft limits of the drug library are passed, one word.
        """
        return self.apply(self.propose_rate(rate, context=Context.of_concentration(concentration), override=override))

    def bolus(self, volume: str, rate: str, *, concentration: str | None = None, override: str = "") -> str:
        """Give a bolus beside the basal rate: proposed, compared, applied. Returns the request's identity.

        override: why soft limits of the drug library are passed, one word.
        """
        its = Context.of_concentration(concentration)
        return self.apply(self.propose_bolus(volume, rate, context=its, override=override))


def _same(fields: dict[str, Any], rate: Rate, volume_nl: int | None = None) -> None:
    """Compare what the pump proposes with what was asked for; nothing is applied unless it is the same."""
    if fields["rate_nl"] * rate.ms != rate.nl * fields["rate_ms"] or volume_nl not in (None, fields["volume_nl"]):
        raise PicoInfuseError(f"The pump understood something else than was asked for ({fields}); nothing was applied")
