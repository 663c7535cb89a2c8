"""The drug library on the pump: which drugs in which concentrations, and between which limits each may be given.

    picoinfuse library 1 VERSION
    drug NAME.UNIT conc=AMOUNT/NL,... PARAMETER=HARD_MIN,SOFT_MIN,SOFT_MAX,HARD_MAX ...
    ...
    check XXXXXXXX

Amounts are whole numbers of UNIT: `ng` (mass), `uU` (activity), `nmol` or `nEq`; `-`: there is no such limit.
Only the concentrations that stand there may be used, as exact ratios: no limit is passed by naming another.

A soft limit is passed by a person who says why (`override`), a hard limit by nobody. A limit per kg needs the patient's
weight; one that is not per kg holds beside it, so that a weight that was typed wrongly is no way around both.

Pure: the host asks it too. A check returns None or a refusal (reason, value, limit), as in limits.py; the parameter
stands behind the reason: `hard_limit.rate`. A value is rounded away from its limit, so that it never looks like it.
"""

from . import options
from .drug import MAX_NAME, UNITS, is_name
from .program import BOLUS, KVO, RAMP, RATE
from .texts import number_of, read

HEAD = ["picoinfuse", "library", "1"]
MAX_DRUGS = 200
MAX_CONCENTRATIONS = 8
MAX_REASON = 20  # letters: it fits into an entry of the log
MAX_NUMBER = 1000000000000000000  # 18 digits
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

# What can be limited. The place of each is its number in an override.
PARAMETERS = (
    "rate",  # drug per hour, of every flow but a bolus
    "rate_kg",  # ... per kg
    "bolus",  # drug in one bolus, whoever orders it
    "bolus_kg",
    "speed",  # drug per hour, of the flow of a bolus
    "dose",  # drug of the whole program, with what was added to it
    "dose_kg",
    "in_1h",  # the most drug that the program itself lets pass in any hour ...
    "in_4h",  # ... and in any four hours
    "lockout",  # milliseconds between two boluses that the patient asks for
    "weight",  # grams of the patient
    "drug",  # that the program says which drug it gives; not of the file
)
PER_KG = ("rate_kg", "bolus_kg", "dose_kg")
WINDOWS = ((3600000, "in_1h"), (14400000, "in_4h"))
KVO_ROOM_MS = 60000  # an endless keep-vein-open needs room for so much of it below the hard dose
_G_PER_KG = 1000
_MS_PER_H = 3600000
HARD_MIN, SOFT_MIN, SOFT_MAX, HARD_MAX = 0, 1, 2, 3
NONE = -1  # no limit


class Drug:
    """One line of the library. concentrations: of (amount, volume_nl); limits: parameter -> four numbers, or NONE."""

    def __init__(self, name, unit, concentrations, limits):
        self.name = name
        self.unit = unit
        self.concentrations = concentrations
        self.limits = limits

    def needs_weight(self):
        """Return whether a limit of this drug is per kg."""
        return bool([name for name in PER_KG if name in self.limits])


class Library:
    """What a file holds: its version, its check value, how many drugs, and the Drug whose name is `wanted`, or None.

    problem: "" if the file is whole, else a word as texts.read gives it, and the rest is of no meaning.
    """

    def __init__(self, lines, wanted=""):
        self.version = ""
        self.count = 0
        self.drug = None
        self._wanted = wanted
        self.check, self.problem = read(lines, HEAD, self._take)
        if self.problem:
            self.drug = None

    def _take(self, number, words):
        if number == 0:
            self.version = words[3]
            return len(words) == 4 and is_word(words[3])
        self.count = number
        name = words[1].partition(".")[0] if len(words) > 2 else ""
        if words[0] != "drug" or not name or number > MAX_DRUGS:
            return False
        if name == self._wanted:  # the others are only known to be as they were written
            if self.drug is not None:
                return False  # twice
            self.drug = _drug(words)
            return self.drug is not None
        return True


def is_word(word):
    """Return whether a word can be a version, a name, or a reason: 1 to 24 letters, digits, _ and -."""
    return 0 < len(word) <= MAX_NAME and not word.strip(_LETTERS)


def _drug(words):
    """Return the Drug of a line, or None. Raises ValueError."""
    name, _, unit = words[1].partition(".")
    if not is_name(name) or unit not in UNITS:
        return None
    concentrations = []
    limits = {}
    for word in words[2:]:
        key, _, value = word.partition("=")
        if key == "conc" and not concentrations:
            for ratio in value.split(","):
                amount, _, volume = ratio.partition("/")
                concentrations.append((number_of(amount, 1, MAX_NUMBER), number_of(volume, 1, MAX_NUMBER)))
        elif key in PARAMETERS[:-1] and key not in limits:
            its = [NONE if one == "-" else number_of(one, 0, MAX_NUMBER) for one in value.split(",")]
            there = [number for number in its if number != NONE]
            if len(its) != 4 or not there or there != sorted(there):
                return None
            limits[key] = tuple(its)
        else:
            return None
    if not 0 < len(concentrations) <= MAX_CONCENTRATIONS:
        return None
    return Drug(name, unit, concentrations, limits)


class Order:
    """A drug as it is ordered: amount in volume_nl (its concentration), of unit; weight_g of the patient, 0: not told.

    overrides: numbers of parameters whose soft limits a person has passed with a reason.
    """

    def __init__(self, unit, amount, volume_nl, weight_g=0, overrides=()):
        self.unit = unit
        self.amount = amount
        self.volume_nl = volume_nl
        self.weight_g = weight_g
        self.overrides = overrides


def check(option, program, step, config):
    """Check an option `library` or `override` by itself."""
    if not is_word(option.what) or (option.kind == options.OVERRIDE and len(option.what) > MAX_REASON):
        return ("bad_option", 0, 0)
    if option.kind == options.LIBRARY:
        return None if len(option.numbers) == 1 and option.numbers[0] >= 0 else ("bad_option", 0, 1)
    if not option.numbers:
        return ("bad_option", 0, 1)
    for i in range(len(option.numbers)):
        if not 0 <= option.numbers[i] < len(PARAMETERS) or option.numbers[i] in option.numbers[:i]:
            return ("bad_option", 0, i + 1)
    return None


def judge(lines, program):
    """Return (why a program may not be given by a pump with this library, as a refusal or None; its Drug or None).

    lines: of its file; None: it has none, and a program that was made with one is refused.
    """
    named = options.find(program, options.LIBRARY)
    if lines is None:
        return ("other_library", named.numbers[0], 0) if named else None, None
    found = Library(lines, name_of(program))
    drug = found.drug
    if found.problem:
        return ("library_damaged", 0, 0), None
    if named is None or named.numbers[0] != found.check:
        return ("other_library", named.numbers[0] if named else 0, found.check), None
    if not name_of(program):
        passed = options.find(program, options.OVERRIDE)
        return None if passed and PARAMETERS.index("drug") in passed.numbers else ("soft_limit.drug", 0, 0), None
    if drug is None:
        return ("unknown_drug", 0, found.count), None
    return program_refusal(drug, order_of(program), program), drug


def name_of(program):
    """Return the name of the drug that a program gives, "" if it does not say."""
    drug = options.find(program, options.DRUG)
    return drug.what.partition(".")[0] if drug else ""


def order_of(program):
    """Return the Order of a program that says which drug it gives."""
    drug = options.find(program, options.DRUG)
    weight = options.find(program, options.WEIGHT)
    passed = options.find(program, options.OVERRIDE)
    amount, volume_nl = drug.numbers
    return Order(
        drug.what.partition(".")[2],
        amount,
        volume_nl,
        weight.numbers[0] if weight else 0,
        passed.numbers if passed else (),
    )


def is_soft(refusal):
    """Return whether a person with a reason may pass this limit."""
    return refusal is not None and refusal[0].startswith("soft_limit")


def drug_refusal(drug, order):
    """Check unit, concentration and weight of an Order."""
    if order.unit != drug.unit:
        return ("drug_unit", 0, 0)
    if order.amount < 1 or order.volume_nl < 1:
        return ("drug_concentration", order.amount, order.volume_nl)
    if not [1 for amount, nl in drug.concentrations if amount * order.volume_nl == order.amount * nl]:
        return ("drug_concentration", order.amount, order.volume_nl)
    if order.weight_g <= 0:
        return ("weight_missing", 0, 0) if drug.needs_weight() or "weight" in drug.limits else None
    return _judged(drug, order, "weight", order.weight_g, 1)


def program_refusal(drug, order, program):
    """Check all that a program.Program orders of a drug, with its options. Hard limits are told before soft ones."""
    worst = drug_refusal(drug, order)
    if worst is not None and not is_soft(worst):
        return worst
    for phase in program.phases:
        if phase.kind == BOLUS:
            worst = _harder(worst, _bolus(drug, order, phase.volume_nl, phase.rate_nl, phase.rate_ms))
        elif phase.kind == RATE or phase.kind == KVO:
            # A vein is kept open at less than any dose.
            worst = _harder(worst, _flow(drug, order, phase.rate_nl, phase.rate_ms, phase.kind == RATE))
        elif phase.kind == RAMP:
            worst = _harder(worst, _flow(drug, order, phase.rate_nl, phase.rate_ms, False))
            worst = _harder(worst, _flow(drug, order, phase.to_nl, phase.to_ms, False))
    worst = _harder(worst, _dose(drug, order, program.volume_nl(), kept_open_nl(program)))
    windows = [option.numbers for option in program.options if option.kind == "limit"]
    demand = options.find(program, "demand")
    if demand is not None:
        volume_nl, rate_nl, rate_ms, lockout_ms = demand.numbers
        worst = _harder(worst, _bolus(drug, order, volume_nl, rate_nl, rate_ms))
        worst = _harder(worst, _judged(drug, order, "lockout", lockout_ms, 1))
    hold = options.find(program, "hold")
    if hold is not None and hold.numbers[2]:  # the rate of a pump that is left alone
        worst = _harder(worst, _flow(drug, order, hold.numbers[1], hold.numbers[2], True))
    loop = options.find(program, "loop")
    if loop is not None:  # the fastest basal rate that it may come to
        worst = _harder(worst, _flow(drug, order, loop.numbers[3], _MS_PER_H, False))
    for ms, parameter in WINDOWS:
        # What bounds a longer time bounds a shorter one too.
        its = [most for window_ms, most in windows if window_ms >= ms]
        if its:
            worst = _harder(worst, _judged(drug, order, parameter, min(its), 1))
        elif demand is not None and parameter in drug.limits:
            worst = _harder(worst, ("limit_missing." + parameter, 0, max(drug.limits[parameter])))
    return worst


def rate_refusal(drug, order, rate_nl, rate_ms, ordered_nl, least=True, kvo_nl=0):
    """Check a rate that somebody wants now; ordered_nl: of the whole program, with what this change adds.

    least: also whether it is too little; a closed loop may always give less. kvo_nl: what keeps the vein open.
    """
    no = _flow(drug, order, rate_nl, rate_ms, least)
    return _harder(no, _dose(drug, order, ordered_nl, kvo_nl, False))


def bolus_refusal(drug, order, volume_nl, rate_nl, rate_ms, ordered_nl, kvo_nl=0):
    """Check a bolus that a person wants now; ordered_nl: of the whole program, with this bolus."""
    no = _bolus(drug, order, volume_nl, rate_nl, rate_ms)
    return _harder(no, _dose(drug, order, ordered_nl, kvo_nl, False))


def kept_open_nl(program):
    """Return what a program gives to keep the vein open, rounded up; of one without end KVO_ROOM_MS."""
    total = 0
    times = program.passes()
    for i in range(len(times)):
        phase = program.phases[i]
        if phase.kind == KVO:
            total -= -phase.rate_nl * (phase.duration_ms or KVO_ROOM_MS) * times[i] // phase.rate_ms
    return total


def most_nl(drug, order):
    """Return the volume that the hard limits of the dose allow, NONE without one."""
    most = NONE
    for name, per in (("dose", 1), ("dose_kg", order.weight_g)):
        limit = drug.limits[name][HARD_MAX] if name in drug.limits else NONE
        if limit != NONE:
            nl = limit * per * order.volume_nl // (order.amount * (_G_PER_KG if name == "dose_kg" else 1))
            most = nl if most == NONE else min(most, nl)
    return most


def _harder(one, other):
    """Return the refusal of the two that no reason passes, else the first there is."""
    return other if one is None or (is_soft(one) and other is not None and not is_soft(other)) else one


def _flow(drug, order, rate_nl, rate_ms, least):
    return _amount(drug, order, "rate", rate_nl * _MS_PER_H, rate_ms, least)


def _dose(drug, order, nl, kvo_nl, least=True):
    """Check a dose. What keeps the vein open counts for the hard limit; it is no part of what is ordered."""
    no = _amount(drug, order, "dose", nl, 1, least)
    more = _amount(drug, order, "dose", nl + kvo_nl, 1, False) if kvo_nl else None
    return _harder(no, None if is_soft(more) else more)


def _bolus(drug, order, volume_nl, rate_nl, rate_ms):
    no = _amount(drug, order, "bolus", volume_nl, 1)
    return _harder(no, _judged(drug, order, "speed", rate_nl * _MS_PER_H * order.amount, rate_ms * order.volume_nl))


def _amount(drug, order, parameter, num, den, least=True):
    """Check num/den nanolitres (or nanolitres per hour) as an amount of drug, and as one per kg."""
    num = num * order.amount
    den = den * order.volume_nl
    no = _judged(drug, order, parameter, num, den, least)
    return _harder(no, _judged(drug, order, parameter + "_kg", num * _G_PER_KG, den * order.weight_g, least))


def _judged(drug, order, parameter, num, den, least=True):
    """Check num/den against the four limits of a parameter. least: also whether it is too little."""
    limits = drug.limits.get(parameter)
    if limits is None:
        return None
    for place in (HARD_MAX, HARD_MIN, SOFT_MAX, SOFT_MIN):
        limit = limits[place]
        soft = place == SOFT_MAX or place == SOFT_MIN
        if limit == NONE or (soft and PARAMETERS.index(parameter) in order.overrides):
            continue
        if place >= SOFT_MAX:
            if num > limit * den:
                return ("soft_limit." if soft else "hard_limit.") + parameter, -(-num // den), limit
        elif least and num < limit * den:
            return ("soft_limit." if soft else "hard_limit.") + parameter, num // den, limit
    return None
