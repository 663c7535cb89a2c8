"""Who is logged in, and may that person have what is asked: stands before the requests of a pump with known people.

A login is two requests: `login NAME` is answered with a nonce, `answer` proves that the code is known (seal.py). It
lasts until another one, a `login -`, a new session of a host, a restart, or until nothing but looking was done for as
long as the file of people says. It is needed for all that access.py gives to no patient.

A host that looks after a program (option `hold`) by a login sends rates and signs of life by itself, so these keep
nobody logged in: keys and everything else are locked as if there were none. They alone go on to be taken from it, for
as long as they come.

Whatever can deliver is sealed by who is logged in, and confirming may need a second person. What was done by whom is an
event `by` (NAME.ACTION), what was refused for who asked it an event `denied`; both are in the log.
"""

from . import access, seal
from .alarms import WRONG_CODE
from .board import HISTORY, KEY_BOLUS, KEY_MUTE, KEY_START, PEOPLE
from .companions import history_of
from .people import People
from .watch import codes

NOBODY = "-"
LINE = "access"  # of the history: check value of the file of people, lock level, wrong codes in a row of each of them
ANSWER_WITHIN_MS = 60000  # a nonce is good for so long: the host asks the person for the code before it asks for one
STEER_MS = 600000  # who applies one change of rate after the other is told so often; each change is an event itself
DENIED_MS = 60000  # a refusal is told so often: else whoever is refused could fill the log and push all else out of it
_KEYS = {KEY_START: "key_start", KEY_BOLUS: "key_bolus", KEY_MUTE: "key_mute"}
_PROGRAMS = ("load", "phase", "option", "stage")
_STEERS = ("stay", "rate", "apply")  # what a host sends by itself to a program that it looks after


def gate_of(pump, lines):
    """Return the Gate of a pump (a Controller) with this file of people; None if it is damaged: nothing infuses."""
    rules = People(lines)
    if rules.problem:
        pump.board.problem = pump.board.problem or "access_" + rules.problem
        return None
    return Gate(pump, rules)


def _refuse(reason, value=0, limit=0):
    return "refused", (reason, value, limit)


class Gate:
    """rules: a People. level: the lock level. person: who is logged in (a people.Person), or None."""

    def __init__(self, pump, rules):
        self._pump = pump
        self._rules = rules
        self.level = access.MAX_LEVEL  # until it is known which was set last
        self.person = None
        self._key = b""  # of this login
        self._used_ms = 0  # when who is logged in did something last
        self._steers = None  # whose login is over but for a host that steers by it
        self._steered_ms = 0  # when a host steered last
        self._challenge = None  # (nonce, Person, wall_s, until_ms)
        self._challenges = 0  # nonces so far in this start of the pump
        self._wrong = [0] * len(rules.names)  # wrong codes in a row, of each person
        self._free_ms = [0] * len(rules.names)  # when each may try again
        self._authors = []  # who programs what is being sent: names
        self._staged_by = []  # who programmed what is staged
        self._applied = NOBODY, 0  # who applied a change last, and when that was told
        self._denied_ms = -DENIED_MS

    # ---- what the pump asks ----------------------------------------------------------------------------------

    def ask(self, now_ms, seq, name, values):
        """Do what is asked for if it is allowed, and return (answer, values)."""
        self.look(now_ms)
        if name == "login":
            return self._login(now_ms, *values)
        if name == "answer":
            return self._answer(now_ms, *values)
        steers = name in _STEERS and self._is_steering(name)
        person = self.person or (self._steers if steers else None)
        why = access.refusal(person.role if person else access.PATIENT, self.level, name)
        if why:
            return self._denied(now_ms, name, why, self.level)
        if access.has_mark(name, "K"):
            values[0], its = seal.opened(values[0])
            if its != seal.seal(self._key, seq, name, values, self._about(name)):
                return self._denied(now_ms, name, "bad_seal", 0)
        if name == "confirm" and self._rules.double_check and person.name in self._staged_by:
            return _refuse("second_person")
        requests = self._pump.requests
        proposal = requests.proposal
        if name == "lock":
            answer = self._lock(*values)
        else:
            answer = (getattr(requests, name, None) or requests.special(name))(now_ms, *values)
        if person is not None and answer[0] != "refused":
            if steers:
                self._steered_ms = now_ms
            elif name != "stay" and not access.has_mark(name, "S"):  # a host says it also when all is over
                self._used_ms = now_ms
            self._done(now_ms, name, values, person.name, proposal)
        return answer

    def key(self, now_ms, key):
        """Return why a key that was pressed does nothing (a reason), or "" if it does what it does."""
        self.look(now_ms)
        person = self.person
        return access.refusal(person.role if person else access.PATIENT, self.level, _KEYS[key])

    def look(self, now_ms):
        """Log out who has done nothing for too long; a host that steers by that login goes on to."""
        person = self.person or self._steers
        if person is None:
            return
        steers = now_ms - self._steered_ms < self._rules.relock_ms and self._is_steering("")
        if self.person is None:
            if not steers:
                self.log_out(now_ms, "")
        elif now_ms - self._used_ms >= self._rules.relock_ms:
            key = self._key
            self.log_out(now_ms, "relock")
            if steers:
                self._steers = person
                self._key = key

    def _is_steering(self, name):
        """Return whether a request of this name is that of a host to a program that it looks after."""
        requests = self._pump.requests
        if name == "apply" and (requests.proposal is None or requests.proposal[1] != "rate"):
            return False
        return self._pump.journal.under_way and "stay" in [a for one in requests.companions for a in one.answers]

    def log_out(self, now_ms, why):
        """Nobody is logged in from now on, and no answer is waited for."""
        self._challenge = self._steers = None
        self._key = b""
        for companion in self._pump.requests.companions:
            companion.logged_out()
        if self.person is not None:
            self._pump.event("by", self.person.name + "." + why, 0)
            self.person = None

    def shown(self, now_ms):
        """Return (who is logged in, with the role; the lock level), as `is` carries them."""
        self.look(now_ms)
        person = self.person
        return person.name + "." + person.role if person else NOBODY, self.level

    def begin(self):
        """The pump has started: the lock level and the wrong codes from before count on, and these are told again."""
        pump = self._pump
        rules = self._rules
        self.level = rules.level
        self._challenge = None  # whoever was quicker than this look has not waited
        if pump.board.load(HISTORY) is not None:
            history = history_of(pump)
            if history.room(LINE) < 0:  # it was filled when nobody was known to this pump
                from .ledger import others

                others(history, "")
            line = history.line(LINE)
            if line and line[0] != rules.check:
                pass  # another file was written since: its own level counts, and nobody has tried a code of it
            elif line and len(line) == 2 + len(self._wrong):
                self.level = line[1]
                self._wrong = line[2:]
            elif history.lost_ms >= 0:
                self._assume_the_worst()
        elif pump.board.problem:  # its records cannot be read
            self._assume_the_worst()
        for place in range(len(self._wrong)):
            self._free_ms[place] = pump.now_ms + codes.wait_ms(self._wrong[place])
        worst = max(self._wrong + [0])
        if codes.wrong(worst):
            pump.alarm(WRONG_CODE, worst)

    # ---- inside ------------------------------------------------------------------------------------------------

    def _assume_the_worst(self):
        """Nobody knows what the history held."""
        self.level = access.MAX_LEVEL
        self._wrong = [codes.TELL_AT] * len(self._wrong)

    def _login(self, now_ms, name, wall_s):
        pump = self._pump
        self._challenge = None
        if name == NOBODY:
            self.log_out(now_ms, "logout")
            return "ok", ()
        lines = pump.board.text(PEOPLE)
        people = People(lines if lines is not None else (), name)
        person = people.person
        if people.problem or people.check != self._rules.check:
            return _refuse("people_changed")
        if person is None:
            return _refuse("unknown_person", 0, len(people.names))
        wait_ms = self._free_ms[person.place] - now_ms
        if wait_ms > 0:
            return _refuse("code_wait", self._wrong[person.place], wait_ms)
        self._challenges += 1
        nonce = seal.nonce(pump.journal.boot, self._challenges, now_ms, pump.board.entropy())
        self._challenge = nonce, person, wall_s, now_ms + ANSWER_WITHIN_MS
        return "challenge", (nonce, person.salt, people.rounds)

    def _answer(self, now_ms, digest):
        pump = self._pump
        if self._challenge is None or now_ms >= self._challenge[3]:
            self._challenge = None
            return _refuse("no_challenge")
        nonce, person, wall_s, _ = self._challenge
        self._challenge = None  # whatever comes of it: one answer to one nonce
        place = person.place
        if digest != seal.answer(person.verifier, nonce, person.name):
            count = min(self._wrong[place] + 1, codes.MOST)
            self._wrong[place] = count
            self._free_ms[place] = now_ms + codes.wait_ms(count)
            self._keep()  # before anybody hears of it: a power cut makes no wrong code undone
            pump.event("denied", person.name + ".code", count)
            if codes.wrong(count):
                pump.alarm(WRONG_CODE, count)
            return _refuse("wrong_code", count, codes.wait_ms(count))
        if self._wrong[place]:
            self._wrong[place] = 0
            self._keep()
        self.log_out(now_ms, "logout")
        self.person = person
        self._key = seal.key(person.verifier, nonce, person.name)
        self._used_ms = now_ms
        self._steered_ms = now_ms - self._rules.relock_ms
        pump.event("by", person.name + ".login", wall_s)
        return "ok", ()

    def _lock(self, level):
        if not 0 <= level <= access.MAX_LEVEL:
            return _refuse("lock_range", level, access.MAX_LEVEL)
        self.level = level
        self._keep()
        return "ok", ()

    def _about(self, name):
        """Return what a sealed request is about, beyond its own words."""
        pump = self._pump
        if name == "confirm":
            return pump.program.text() if pump.program else ""
        if name == "apply" and pump.requests.proposal is not None:
            verb, numbers = pump.requests.proposal[1:3]
            return " ".join([verb] + [str(number) for number in numbers])
        return ""

    def _done(self, now_ms, name, values, who, proposal):
        """Somebody who is logged in, or a host by that login, has done something."""
        if name == "load":
            self._authors = []
        if name in _PROGRAMS and who not in self._authors:
            self._authors.append(who)
        if name == "stage":
            self._staged_by = self._authors
        if name == "apply" and proposal[1] == "rate":
            if self._applied[0] == who and now_ms - self._applied[1] < STEER_MS:
                return
            self._applied = who, now_ms
        if access.has_mark(name, "L"):
            self._pump.event("by", who + "." + name, values[0] if name == "lock" else 0)

    def _denied(self, now_ms, name, why, value):
        """Refuse what somebody may not have, and tell it."""
        if now_ms - self._denied_ms >= DENIED_MS:
            self._denied_ms = now_ms
            self._pump.event("denied", (self.person.name if self.person else NOBODY) + "." + name, 0)
        return _refuse(why, value)

    def _keep(self):
        """Write down what outlives power cuts: the lock level, and the wrong codes of the people of this file."""
        history = history_of(self._pump)
        history.put(LINE, [self._rules.check, self.level] + self._wrong)
        history.save()
