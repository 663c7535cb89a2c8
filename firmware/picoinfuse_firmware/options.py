"""What a program can ask for beyond its phases: kinds, words and numbers; which file decides about a kind.

    drug      NAME.UNIT amount,volume_nl: the concentration; UNIT ng (mass), uU (activity), nmol or nEq
    weight    - g: of the patient
    limit     - window_ms,most: in no window of this length more than `most`, in the unit of the drug, else in nL
    demand    - volume_nl,rate_nl,rate_ms,lockout_ms: a bolus that the patient asks for, by key or by `demand`
    hold      - for_ms,rate_nl,rate_ms: so long without a word of the host, then this rate; 0,0: paused
    syringes  - n: planned syringes; when one is empty the pump waits for the next
    loop      - target_min_mg_dl,target_max_mg_dl,isf_ug_dl_per_u,max_basal_nl_h,max_on_board_uu,peak_ms,lost_ms:
              closed-loop insulin, the basal rate follows glucose readings
    library   VERSION check: the drug library that the program was made with, and the check value of its file
    override  REASON n,...: soft limits of the library that a person passes, by their numbers in library.py, and why

Each kind has a module with `check(option, program, step, config)`, which returns None or a refusal like limits.py; a
check is pure arithmetic, and the host asks it too. All of it is loaded only when a program has options.
"""

DRUG = "drug"
WEIGHT = "weight"
LIMIT = "limit"
DEMAND = "demand"
HOLD = "hold"
SYRINGES = "syringes"
LOOP = "loop"
LIBRARY = "library"
OVERRIDE = "override"

# Which kinds there are, and how many of each a program can hold.
MOST = {DRUG: 1, WEIGHT: 1, LIMIT: 2, DEMAND: 1, HOLD: 1, SYRINGES: 1, LOOP: 1, LIBRARY: 1, OVERRIDE: 1}
MAX_OPTIONS = 12
MAX_TEXT = 1000  # characters of all options: with the longest phases a program still fits into its record
MAX_NUMBER = 1000000000000000000  # 18 digits, as on the wire


class Option:
    """One option of a program. what: a word, `-` for none; numbers: a list of whole numbers."""

    def __init__(self, kind, what="-", numbers=()):
        self.kind = kind
        self.what = what
        self.numbers = list(numbers)

    def values(self):
        """Return what an `option` message carries after its index."""
        return [self.kind, self.what, self.numbers]

    def text(self):
        """Return it as a line of words; `of_line` reads it."""
        return "+%s %s %s" % (self.kind, self.what, ",".join([str(n) for n in self.numbers]) or "-")


def of_line(line):
    """Return the Option that a line writes down. Raises ValueError or IndexError if it is none."""
    words = line.split(" ")
    digits = [] if words[2] == "-" else words[2].split(",")
    return Option(words[0][1:], words[1], [int(word) for word in digits])


def find(program, kind):
    """Return the first option of a kind, or None."""
    for option in program.options:
        if option.kind == kind:
            return option
    return None


def syringes(program):
    """Return how many syringes a program takes, as it plans."""
    option = find(program, SYRINGES)
    return option.numbers[0] if option else 1


def supply_nl(program):
    """Return what is in the first syringe and will be in those that are planned to follow, each of them full."""
    return program.filled_nl + (syringes(program) - 1) * program.capacity_nl


def check(program, step, config):
    """Check all options of a program whose phases and syringe are good. step: a dose.StepVolume."""
    if len(program.options) > MAX_OPTIONS:
        return ("too_many_options", len(program.options), MAX_OPTIONS)
    length = 0
    seen = []
    for i in range(len(program.options)):
        option = program.options[i]
        if option.kind not in MOST:
            return ("unknown_option", i, 0)
        for j in range(len(option.numbers)):
            if not -MAX_NUMBER < option.numbers[j] < MAX_NUMBER:
                return ("bad_option", i, j + 1)
        seen.append(option.kind)
        if seen.count(option.kind) > MOST[option.kind]:
            return ("option_twice", i, MOST[option.kind])
        length += len(option.text()) + 1
        if length > MAX_TEXT:
            return ("options_too_long", length, MAX_TEXT)
    for i in range(len(program.options)):
        option = program.options[i]
        no = module_of(option.kind).check(option, program, step, config)
        if no:
            return (no[0], i, no[2]) if no[0] == "bad_option" else no
    return None


def module_of(kind):
    """Return the module that decides about a kind, loaded now if it was not before."""
    if kind == SYRINGES:
        from . import syringe_plan

        return syringe_plan
    if kind == LOOP:
        from . import loop_limits

        return loop_limits
    if kind == LIMIT:
        from . import dose_limit

        return dose_limit
    if kind == DEMAND:
        from . import demand

        return demand
    if kind == LIBRARY or kind == OVERRIDE:
        from . import library

        return library
    if kind == HOLD:
        from . import hold

        return hold
    from . import drug

    return drug
