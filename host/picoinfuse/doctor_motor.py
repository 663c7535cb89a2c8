"""The doctor's turn of the motor: a quarter turn by priming, counted by the pump and seen by encoder or person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from picoinfuse_firmware import alarm_texts, alarms, board, states

from .doctor_person import ABSENT, FAILED, OK, SKIPPED, Item, Visit
from .errors import Refused
from .program import Program

TURN = 4  # a part of one
TURN_S = 3  # it takes about so long
FASTEST_ML_H = 600
PROGRAM_ML_H = 5
TOLERANCE = 0.1  # of what the encoder should see
SLACK_COUNTS = 8
REASON = "doctor"  # why no drug is named, for a pump with a drug library
ENCODER_PARTS = "the encoder's magnet (at most 3 mm away, in the middle), its supply and its two wires"
MOTOR_PARTS = "the four wires of the motor, its driver, the supply of the driver, and the current that is set"


def motor(visit: Visit) -> Iterator[Item]:
    """Turn the screw a little and see it. The program that this needs is dropped again."""
    said = visit.person.says(
        "The motor will turn by a quarter of a turn. Is it true that the line is NOT connected to a patient?"
    )
    if not said:
        yield Item("motor", SKIPPED, "nobody said that nothing is connected to a patient")
        return
    try:
        yield from _turn(visit)
    finally:
        with suppress(Refused):
            visit.pump.stop()


def _turn(visit: Visit) -> Iterator[Item]:
    pump = visit.pump
    if pump.status().state == states.ALARM:
        yield Item("motor", SKIPPED, "the pump is in alarm and turns nothing", "Mend that first, then run this again")
        return
    program = Program.continuous(rate=f"{PROGRAM_ML_H} mL/h", volume="0.1 mL", syringe=visit.syringe)
    try:
        staged = pump.load(program, override=REASON)
        pump.confirm()
        its = pump.session.welcome or pump.hello()
        steps = its["steps_per_turn"] // TURN
        volume_nl = steps * staged.step_pl // 1000
        rate_ml_h = min(FASTEST_ML_H, volume_nl * 36 // (TURN_S * 10_000))
        before = pump.senses()["encoder"]
        pump.prime(f"{volume_nl / 1e6:.6f} mL", f"{max(1, rate_ml_h)} mL/h", not_connected=True)
    except Refused as refusal:
        yield Item("motor", FAILED, f"the pump does not turn it: {refusal}", "Mend that first, then run this again")
        return
    for _ in range(100):
        visit.let_pass(0.4)
        status = pump.status()
        if status.state != states.PRIMING:
            break
    made = status.prime_nl * 1000 // staged.step_pl
    counts = pump.senses()["encoder"] - before
    stopped = [alarms.BY_CODE[code] for code in status.alarms if alarms.BY_CODE[code].stops]
    said = f"{made} of {steps} steps" + (f", then the alarm {stopped[0].name}" if stopped else "")
    if not visit.has(board.ENCODER):
        yield from _by_eye(visit, said, bool(stopped))
        return
    due = made * its["encoder_counts"] // its["steps_per_turn"]
    yield from _by_encoder(visit, said, counts, due, stopped)


def _by_eye(visit: Visit, said: str, stopped: bool) -> Iterator[Item]:
    """Without an encoder only the person can tell."""
    answer = (
        None if stopped else visit.person.says("Did the screw turn by a quarter (or the LED of a bare board blink)?")
    )
    if stopped or answer is False:
        yield Item("motor", FAILED, f"{said}; nobody saw it turn", f"Look at {MOTOR_PARTS}")
    elif answer is None:
        yield Item("motor", SKIPPED, f"{said}; nobody said whether it turned")
    else:
        yield Item("motor", OK, f"{said}; " + ("it was seen to turn" if visit.person.looks else "nobody looked"))
    yield Item("encoder", ABSENT, "not fitted, so the configuration says: a stalled motor raises no alarm")


def _by_encoder(visit: Visit, said: str, counts: int, due: int, stopped: list[Any]) -> Iterator[Item]:
    """The encoder is the second opinion; where both differ the person is the third."""
    found = f"{said}; the encoder saw {counts} counts of {due}"
    if abs(counts - due) <= due * TOLERANCE + SLACK_COUNTS:
        if stopped:
            yield Item("motor", FAILED, f"{found}: it turned rightly until then", alarm_texts.action(stopped[0]))
        else:
            yield Item("motor", OK, found)
        yield Item("encoder", OK, f"{counts} counts for {due}")
    elif counts < -SLACK_COUNTS:
        yield Item("motor", FAILED, f"{found}: it turns the wrong way", "Set motor_reversed, or turn the encoder's DIR")
        yield Item("encoder", OK, "it turns")
    elif abs(counts) <= SLACK_COUNTS:
        turned = visit.person.says("Did the screw turn by itself?") if visit.person.looks else None
        motor_result = {True: OK, False: FAILED, None: FAILED}[turned]
        yield Item("motor", motor_result, found, f"If the screw stood still, look at {MOTOR_PARTS}")
        if turned is False:
            yield Item("encoder", SKIPPED, "nothing turned")
        else:
            yield Item("encoder", FAILED, "it saw nothing turn", f"If the screw did turn, look at {ENCODER_PARTS}")
    else:
        yield Item("motor", FAILED, found, f"Steps are lost, or steps_per_turn is wrong. Look at {MOTOR_PARTS}")
        yield Item("encoder", FAILED, f"{counts} counts for {due}", f"Or it slips: look at {ENCODER_PARTS}")
