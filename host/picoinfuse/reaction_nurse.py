"""A nurse at a bedside where somebody may react to the infusion: does what reaction.py says, with a pump's usual verbs.

She stops the drug's program, puts a syringe and a line with saline to the cannula and lets them keep the vein open with
a program of their own, looks at the patient until everything is over and for as long as the answer says, and gives
the rest of the dose slower, or does not. What was given of the drug is what its programs gave.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from picoinfuse_firmware import options as kinds
from picoinfuse_firmware import states

from .courses import DRUG, KEY, REACTIONS, SALINE, program_data
from .errors import Refused
from .nurse import AutoNurse
from .options import Option
from .program import Phase, Program
from .reaction import ANSWERS, FELT, GONE, GRADE, SALINE_ML, SALINE_ML_H, SEVERE, SEVERITIES, SYMPTOMS, Answer
from .status import Status
from .stream import Telemetry

if TYPE_CHECKING:
    from .port import Port
    from .pump import Nurse, Pump
    from .record import Record

LOOK_BACK_MS = 5 * 60_000  # the rate at which it came is the lowest of so long before: a step up takes time to be felt
WORTH_NL = 100_000  # what is left in a syringe below that is thrown away
KEPT = (kinds.DRUG, kinds.WEIGHT, kinds.LIMIT)  # of the order's options those that hold for the rest of it too
LOOK_S, LOOKS, STILL_LOOKS = 1.0, 150, 5  # after an occlusion, until nothing is drawn back any more
NO_DRUG = "no_drug"  # why a drug library has nothing to say about saline
_RATE, _AT = Telemetry._fields.index("rate_nl_h"), Telemetry._fields.index("at_ms")


def with_reactions(
    port: Port, nurse: Nurse | None, order: Program, record: Record, start: Callable[[Program], object]
) -> Nurse | None:
    """Return who attends this run: where the patient at the line may react, an AutoNurse sees to that as well."""
    its = port.patient()
    may_react = its is not None and SYMPTOMS in [sign["name"] for sign in its["signs"]]
    return ReactionNurse(nurse, order, record, start) if may_react and isinstance(nurse, AutoNurse) else nurse


class ReactionNurse:
    """An AutoNurse who looks at the patient too.

    order: what is given. record: gets meta["reactions"] and meta["courses"]. start: loads, confirms and starts a
    program of the drug.
    """

    def __init__(self, nurse: AutoNurse, order: Program, record: Record, start: Callable[[Program], object]) -> None:
        self._nurse = nurse
        self._order = order
        self._record = record
        self._start = start
        self._given_nl = 0  # of the drug, by programs that have ended
        self._left_nl = 0  # in the syringe that was taken off
        self._came_ms: int | None = None
        self._rate_nl_h = 0
        self._due_ms: int | None = None
        self._answer: Answer | None = None  # while she keeps the line open
        self._gone_ms: int | None = None

    def attend(self, pump: Pump) -> bool:
        """Do what is due now, by the pump's clock; False: she gives up an alarm."""
        symptoms, grade = _seen(pump.port)
        now_ms = pump.stream.newest_ms
        if self._answer is not None:
            self._gone_ms = (self._gone_ms or now_ms) if symptoms < GONE else None
            if self._gone_ms is None or now_ms - self._gone_ms < self._answer.wait_ms:
                return self._nurse.attend(pump)
            self._end_saline(pump, self._answer)
            return True
        if symptoms > 0 and self._came_ms is None:
            self._came_ms, self._rate_nl_h = now_ms, _lowest_rate(pump, now_ms)
        elif not symptoms:
            self._came_ms = None
        if symptoms >= FELT and self._due_ms is None:
            self._due_ms = now_ms + self._nurse.walk_ms()
        if self._due_ms is None or now_ms < self._due_ms:
            return self._nurse.attend(pump)
        self._due_ms = None
        self._stop(pump, SEVERITIES[max(0, grade - 1)])
        return True

    # --- what she does ---------------------------------------------------------------------------------------------

    def _stop(self, pump: Pump, grade: str) -> None:
        """Stop the drug, and keep the vein open without it."""
        stream, record = pump.stream, self._record
        stream.keeps = True  # one record over all the programs
        first = not record.meta.get(KEY)
        if first:
            program = pump.program or self._order
            record.meta[KEY] = [_course(DRUG, stream.started_ms or 0, program)]
            record.meta[REACTIONS] = []
        stopped_ms = stream.newest_ms
        status = _stopped(pump)
        self._left_nl = status.left_nl
        self._close(status.delivered_nl)
        self._given_nl += status.delivered_nl
        self._answer = ANSWERS[grade if first else SEVERE]  # who reacts once more has had enough of it
        self._gone_ms = None
        record.meta[REACTIONS].append({
            "grade": grade,
            "came_s": stream.seconds(self._came_ms or stopped_ms),
            "rate_ml_h": self._rate_nl_h / 1e6,
            "stopped_s": stream.seconds(stopped_ms),
            "given_ml": self._given_nl / 1e6,
            "answer": list(self._answer.steps()),
            "over_s": None,
            "ended_s": None,
            "saline_ml": None,
            "rest_ml": (self._order.volume_nl - self._given_nl) / 1e6,
            "resumed_ml_h": None,
            "refused": "",
        })  # fmt: skip
        if not pump.port.act("fit_saline"):
            self._its["refused"] = "there is no saline within reach: the line is not kept open"
            return
        saline = Program([Phase.rate(f"{SALINE_ML_H:g} mL/h", volume=f"{SALINE_ML:g} mL")], syringe=self._order.syringe)
        self._begin(pump, SALINE, saline, lambda program: pump.start(program, override=NO_DRUG))

    def _end_saline(self, pump: Pump, answer: Answer) -> None:
        """Stop the saline, and give the rest of the dose slower, or not."""
        stream = pump.stream
        status = _stopped(pump)
        self._close(status.delivered_nl)
        its = self._its
        its["saline_ml"] = status.delivered_nl / 1e6
        its["over_s"] = stream.seconds(self._gone_ms or stream.newest_ms)
        its["ended_s"] = stream.seconds(stream.time_ms(status.at_ms))
        self._answer = self._came_ms = None
        if answer.resume_part is None or not self._rate_nl_h or self._given_nl >= self._order.volume_nl:
            return
        rate_nl_h = int(self._rate_nl_h * answer.resume_part)
        pump.port.act("fit_drug")
        program = self._rest(pump, rate_nl_h)
        its["resumed_ml_h"] = rate_nl_h / 1e6
        self._nurse.refill = f"{self._order.refill_nl} nL"
        self._begin(pump, DRUG, program, self._start)

    def _rest(self, pump: Pump, rate_nl_h: int) -> Program:
        """Return the program of what is still to be given, from the syringe that was taken off and the next ones."""
        order, rest_nl = self._order, self._order.volume_nl - self._given_nl
        left_nl, each_nl = self._left_nl, order.refill_nl
        if left_nl < min(rest_nl, WORTH_NL):
            pump.port.act("change_syringe")
            left_nl = each_nl
        count = 1 + max(0, -((left_nl - rest_nl) // each_nl))
        _, occlusion, near_end = order.typed
        options = [option for option in order.options if option.kind in KEPT]
        return Program(
            [Phase.rate(f"{rate_nl_h} nL/h", volume=f"{rest_nl} nL")],
            syringe=order.syringe,
            filled=f"{left_nl} nL",
            occlusion=occlusion,
            near_end=near_end,
            options=[*options, Option.syringes(count)] if count > 1 else options,
        )

    # --- what is written down --------------------------------------------------------------------------------------

    @property
    def _its(self) -> dict[str, Any]:
        its: dict[str, Any] = self._record.meta[REACTIONS][-1]
        return its

    def _begin(self, pump: Pump, what: str, program: Program, start: Callable[[Program], object]) -> None:
        try:
            start(program)
        except Refused as refusal:
            self._its["refused"] = f"{what}: {refusal}"
            return
        at_ms = pump.stream.time_ms(pump.status().at_ms)
        self._record.meta[KEY].append(_course(what, at_ms, pump.program or program))

    def _close(self, given_nl: int) -> None:
        self._record.meta[KEY][-1]["delivered_nl"] = given_nl


def _seen(port: Port) -> tuple[float, int]:
    """Return the patient's symptoms, and the grade of a reaction, 0 before any."""
    its = port.patient()
    if its is None:
        return 0.0, 0
    values = dict(zip([sign["name"] for sign in its["signs"]], its["values"], strict=True))
    return values[SYMPTOMS], round(values[GRADE])


def _stopped(pump: Pump) -> Status:
    """Stop the pump and return how it stands, with no alarm any more and nothing that is still drawn back.

    What is refused then, the next start says.
    """
    in_alarm = pump.status().state == states.ALARM
    pump.stop()
    status = pump.status()
    drawn_nl, still = -1, 0
    for _ in range(LOOKS):
        still = still + 1 if status.drawn_nl == drawn_nl else 0
        drawn_nl = status.drawn_nl
        if not in_alarm or still >= STILL_LOOKS:
            break
        pump.session.listen(LOOK_S)
        status = pump.status()
    with suppress(Refused):
        if status.alarms:
            pump.acknowledge()
    return status


def _lowest_rate(pump: Pump, now_ms: int) -> int:
    """Return the lowest rate that ran in the last minutes, in nL/h; 0 if none did."""
    rates = []
    for row in reversed(pump.stream.rows):
        if row[_AT] < now_ms - LOOK_BACK_MS:
            break
        if row[_RATE]:
            rates.append(row[_RATE])
    return min(rates, default=0)


def _course(what: str, from_ms: int, program: Program) -> dict[str, Any]:
    return {"what": what, "from_ms": from_ms, "delivered_nl": None, "program": program_data(program)}
