"""Target-controlled infusion: the host follows a model of the drug in the body and changes the pump's rate accordingly.

Only rate changes go to the pump, proposed and applied as any person's, within its limits, a fastest rate and a highest
plasma. The model is told what the pump really delivered, not what was asked for, and so the next rate makes good what
a pause or an alarm took away, as fast as those bounds allow and no faster. Teaching model, never for treating anyone.

Nothing flows: then the rate is the least that a pump gives, 0.01 mL/h, and not a pause. A pause is a person's word: who
sees the pump paused must be able to trust that somebody paused it, and this host never resumes one. At the least rate
the pump stays in one state with all its watches armed, no alarm comes for a pause that is too long, and the way back is
the change of rate that is used and checked all the time. It is 0.1 mg/h of propofol, and the model counts it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import states

from . import tci_kept, tci_order
from .errors import BadInput, Refused, Uncertain
from .models import TEACHING
from .status import Status
from .tci_body import NL_PER_ML, TciBody
from .tci_model import TciModel
from .tci_order import TciOrder, nl_h

if TYPE_CHECKING:
    from pathlib import Path

    from .program import Program
    from .pump import Pump
    from .record import Record
    from .stream import Event, OnEvent, OnTelemetry, Telemetry

# How a pump makes a change: it lays whole seconds, counted from when the motor started, at least LAID_MS ahead
# (docs/tour.md, step 7). Two requests go before it, each answered at the next poll. Who is wrong by a poll here may
# find a change a second earlier than reckoned: a pulse is too short then, and never too long.
LAID_MS = 700
SECOND_MS = 1000
ASKED_MS = 200
AGAIN_MS = 2000  # a rate that was refused is tried again so much later
UNDER_WAY = (states.INFUSING, states.PAUSED, states.ALARM)
SITE_WORDS = {"plasma": "in the plasma", "effect": "at the effect site"}


class Tci:
    """One target-controlled infusion, steered by `Pump.run(tci)`.

    model: a TciModel. order: the other fields of TciOrder.read, texts with units: target ("4 ug/mL", or several with
    their times, "4 ug/mL@0min,3 ug/mL@20min"), concentration, duration, site ("effect" or "plasma"), syringe, filled,
    syringes, max_rate, max_concentration (of the plasma), every, hold, fallback, occlusion, near_end. Raises BadInput.

    body: the model now. rows: (at_ms, target, plasma, effect site), in mg/L, at each telemetry. changes: rates
    that were changed. refused: reasons for which a pump did not take one, in order. folder: where the state of the
    model is kept at each decision, so that a host which is started again goes on (tci_kept.py); Pump.run sets it.
    """

    name = "tci"
    folder: Path | None = None

    def __init__(self, model: TciModel, **order: Any) -> None:
        self.said = order
        self.order = TciOrder.read(model, **order)
        self.order.check_supply()
        its = self.order
        self.title = f"Propofol, {tci_order.words(its.targets)} {SITE_WORDS[its.site]}"
        self.source = model.source
        self.body = TciBody(model.kinetics, its.mg_ml)
        self.targets = its.targets
        self.rows: list[tuple[float, ...]] = []
        self.changes = 0
        self.refused: list[str] = []
        self._pump: Pump | None = None
        self._check = its.program.check  # of the program as it was started
        self._zero_ms: int | None = None  # of the infusion, on the clock of the stream
        self._boot = 0  # of the pump, and ...
        self._pump_ms = 0  # ... its own clock, when the body was brought there
        self._most_nl_h = its.most_nl_h
        self._rate_nl_h = its.first_nl_h
        self._delivered_nl = self._drawn_nl = 0  # by the last word of the pump
        self._flows_since_ms: int | None = None
        self._due_ms = 0
        self._deciding = False
        self._uncertain: Uncertain | None = None

    @property
    def program(self) -> Program:
        """What the pump is given: one phase, whose rate is changed."""
        return self.order.program

    @property
    def target(self) -> float:
        """The target now, in mg/L (ug/mL)."""
        return tci_order.at(self.targets, self.body.now_ms)

    def set_target(self, target: str) -> None:
        """Aim at another target from now on, "3 ug/mL"; what was planned for later is dropped. 0 lets it wear off.

        While it runs the pump is asked first, and no target is taken from whoever has no contact: raises ContactLost,
        SilentPump, Uncertain if it is not known whether a rate was changed (`attach` finds out), and BadInput.
        """
        wanted = tci_order.per_l(target, "target")
        if wanted > self.order.most_per_l:
            raise BadInput(f"target = {target!r}: is above max_concentration = {self.order.most_per_l:g} ug/mL")
        if self._pump is not None:
            self._same_program(self._pump)
            if self._uncertain is not None:
                raise self._uncertain
        self.targets = (*[row for row in self.targets if row[0] < self.body.now_ms], (self.body.now_ms, wanted))

    # ---- with a pump

    def steer(
        self, pump: Pump, record: Record, on_telemetry: OnTelemetry | None, on_event: OnEvent | None
    ) -> tuple[OnTelemetry, OnEvent]:
        """Begin with a pump that is about to start the program; return what is to be called at telemetry and events.

        record: gets what this knows. Raises BadInput if this infusion was begun before: then the body is not empty.
        """
        if self._pump is not None:
            raise BadInput("tci: this one was begun already, and its model is not empty; attach, or make another Tci")
        self._pump = pump
        self._drawn_nl = 0
        record.meta["tci"] = self._description()
        record.tci = self.rows

        def telemetry(row: Telemetry) -> None:
            self._look(row, on_telemetry)

        def event(its: Event) -> None:
            if on_event is not None:
                on_event(its)
            self.event(its)

        return telemetry, event

    def attach(self, pump: Pump) -> None:
        """Go on after contact was lost, perhaps by another Pump: bring the model to now, by what was delivered since.

        Then wait: `pump.wait(on_telemetry=tci.telemetry, on_event=tci.event)`. What came in the meantime counts as
        given evenly. After a power cut the time without power counts as none, since nobody knows how long it was: the
        model then has more in the body than there may be. Raises ContactLost, and BadInput for another program.
        """
        if self._zero_ms is None:
            raise BadInput("tci: was never begun with a pump; begin with pump.run(tci)")
        if pump.notebook.open():
            pump.settle()
        status = self._same_program(pump)
        passed_ms = status.at_ms - self._pump_ms if status.boot == self._boot else status.at_ms
        at_ms = pump.stream.time_ms(status.at_ms)
        self._pump = pump
        self._uncertain = None
        self._zero_ms = at_ms - self.body.now_ms - max(0, passed_ms)
        self._drawn_nl = status.drawn_nl
        self._advance(at_ms, status.delivered_nl)
        self._rate_nl_h = status.rate_nl_h
        self._flows_since_ms = None
        self._due_ms = at_ms

    def kept(self) -> dict[str, Any]:
        """Return what `restore` needs, as plain data."""
        pump = self._pump
        starts = [entry.id for entry in pump.notebook.entries() if entry.verb == "start"] if pump else []
        return {
            "start": starts[-1] if starts else "",
            "check": self._check,
            "targets": [list(row) for row in self.targets],
            "boot": self._boot,
            "pump_ms": self._pump_ms,
            "body": self.body.kept(),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take what `kept` returned of one with the same model and order; `attach` brings it to a pump.

        Raises ValueError, TypeError, KeyError for what is something else.
        """
        self.body.restore(kept["body"])
        self.targets = tuple((int(at_ms), float(per_l)) for at_ms, per_l in kept["targets"])
        self._check, self._boot, self._pump_ms = str(kept["check"]), int(kept["boot"]), int(kept["pump_ms"])
        self._zero_ms = 0

    def telemetry(self, row: Telemetry) -> None:
        """Take one row in: bring the model to it, and decide on the rate if that is due."""
        self._look(row, None)

    def event(self, event: Event) -> None:
        """Take one event in. When the pump begins to infuse again the rate is decided at once."""
        if event.kind == "drawback":
            self._drawn_nl += event.value
        if event.kind != "state" or event.what != states.INFUSING:
            return
        self._flows_since_ms = event.at_ms
        if self._zero_ms is None:
            self._begin(event.at_ms)
        elif not self._deciding:
            self._advance(event.at_ms, self._delivered_nl)
            self._decide(event.at_ms)

    # ---- inside

    def _begin(self, at_ms: int) -> None:
        self._zero_ms = at_ms
        if self._pump is not None and self._pump.program is not None:
            self._check = self._pump.program.check  # with what the pump's drug library asks for
        # The first change is to take effect when the first interval is over.
        self._due_ms = at_ms + self.order.every_ms - LAID_MS - SECOND_MS - ASKED_MS

    def _look(self, row: Telemetry, on_telemetry: OnTelemetry | None) -> None:
        pump = self._pump
        if pump is not None and self._zero_ms is None and pump.stream.started_ms is not None:
            self._begin(pump.stream.started_ms)
        if self._zero_ms is not None and row.at_ms >= self._zero_ms:
            self._advance(row.at_ms, row.delivered_nl)
            self.rows.append((row.at_ms, self.target, self.body.plasma, self.body.effect))
            if len(self.rows) == 1:
                self._keep()
        if on_telemetry is not None:
            on_telemetry(row)
        if row.state != states.INFUSING or self._zero_ms is None or self._deciding:
            return
        self._rate_nl_h = row.rate_nl_h
        if row.at_ms >= self._due_ms:
            self._decide(row.at_ms)

    def _advance(self, at_ms: int, delivered_nl: int) -> None:
        """Bring the body to a time on the clock of the stream, by what was delivered until then."""
        assert self._zero_ms is not None
        assert self._pump is not None
        self._delivered_nl = delivered_nl
        self.body.bring(at_ms - self._zero_ms, delivered_nl - self._drawn_nl)
        its_own_ms = at_ms - self._pump.stream.time_ms(0)
        if its_own_ms >= 0:  # else it was told before the pump restarted
            self._boot = self._pump.session.welcome.get("boot", 0)
            self._pump_ms = its_own_ms

    def _lag_ms(self, at_ms: int) -> int:
        """Return after how long a change takes effect that is decided now."""
        laid_ms = at_ms + ASKED_MS + LAID_MS
        if self._flows_since_ms is None:
            return laid_ms + SECOND_MS // 2 - at_ms
        seconds = -((self._flows_since_ms - laid_ms) // SECOND_MS)
        return self._flows_since_ms + seconds * SECOND_MS - at_ms

    def _decide(self, at_ms: int) -> None:
        its, rate = self.order, self._rate_nl_h
        self._due_ms = at_ms + its.every_ms
        mg_per_min = rate / NL_PER_ML / 60 * its.mg_ml
        wanted = its.law.rate(self.body.model.state, self.target, mg_per_min, self._lag_ms(at_ms))
        new = rate if wanted is None else nl_h(wanted, its.mg_ml, self._most_nl_h)
        assert self._pump is not None
        self._keep()
        self._deciding = True
        try:
            if new == rate:
                self._pump.stay()  # the pump goes on by itself for a while only
            else:
                self._pump.rate(f"{new} nL/h")
                self._rate_nl_h = new
                self.changes += 1
        except Refused as refusal:
            # It infuses on at the rate of before. What is refused again and again the pump notices by itself: nobody
            # supervises it any more.
            self.refused.append(refusal.reason)
            if refusal.reason == "rate_too_high":
                self._most_nl_h = min(self._most_nl_h, refusal.limit)
            self._due_ms += AGAIN_MS - self.order.every_ms
        except Uncertain as error:
            self._uncertain = error
            raise
        finally:
            self._deciding = False

    def _keep(self) -> None:
        if self.folder is not None:
            tci_kept.keep(self, self.folder)

    def _same_program(self, pump: Pump) -> Status:
        """Return how the pump stands. Raises BadInput if it has another program, or this one is over."""
        status = pump.status()
        if status.check != self._check or status.state not in UNDER_WAY:
            raise BadInput(
                f"tci: the pump is {status.state} with the program {status.check}, not under way with this one "
                f"({self._check}); look at the pump. Another Tci begins with an empty body"
            )
        return status

    def _description(self) -> dict[str, Any]:
        """Return what a record keeps of it."""
        its = self.order
        signs = (
            ("target_ug_ml", "target"),
            ("model_plasma_ug_ml", "plasma, model"),
            ("model_effect_ug_ml", "effect site, model"),
        )
        return {
            "for": TEACHING,
            "title": its.model.title,
            "site": its.site,
            "targets": [list(row) for row in its.targets],
            "mg_ml": its.mg_ml,
            "every_ms": its.every_ms,
            "hold_ms": its.hold_ms,
            "max_rate_nl_h": its.most_nl_h,
            "max_plasma_ug_ml": its.most_per_l,
            "signs": [{"name": name, "label": label, "unit": its.model.drug.shown} for name, label in signs],
        }
