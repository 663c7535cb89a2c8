"""A pump that knows people, and people at its wire who log in and seal what they ask for."""

from boards import Rig
from peoples import STAFF, file, verifier_of
from picoinfuse_firmware import access, seal

NOBODY = "-"


class Ward(Rig):
    """A Rig with a file of people; `login` makes somebody the one who asks. rules: as peoples.file takes them."""

    def __init__(self, board=None, rules=None, **options):
        self.key = b""
        self.sent = None  # the program, as this person sent it
        self.proposed = ()  # the change, as this person asked for it
        if board is None:
            options.setdefault("texts", {"access": file(**(rules or {}))})
        super().__init__(board, **options)

    # ---- logging in ------------------------------------------------------------------------------------------

    def challenge(self, name, wall_s=0):
        answer, values = self.ask("login", name, wall_s)
        assert answer == "challenge", values
        return values

    def try_code(self, name, code):
        """Log in with this code and return the answer of the pump: (name, values)."""
        answer, values = self.ask("login", name, 0)
        if answer == "refused":
            return answer, values
        nonce, _, rounds = values
        verifier = verifier_of(name, code, rounds)
        answer = self.ask("answer", seal.answer(verifier, nonce, name))
        if answer[0] == "ok":
            self.key = seal.key(verifier, nonce, name)
        return answer

    def login(self, name):
        assert self.try_code(name, STAFF[name][1]) == ("ok", [])

    def logout(self):
        self.ok("login", NOBODY, 0)
        self.key = b""

    # ---- what is asked -----------------------------------------------------------------------------------------

    def ask(self, name, *values, about=None):
        """Ask, sealed with the key of this login where the table wants it."""
        if self.key and access.has_mark(name, "K"):
            values = (f"{values[0]}.{self.seal_of(name, values, about)}", *values[1:])
        return super().ask(name, *values)

    def seal_of(self, name, values, about=None):
        """Return the seal of the next request. about: what the person believes it is about."""
        if about is None:
            about = self.believed(name)
        return seal.seal(self.key, self.seq + 1, name, values, about)

    def believed(self, name):
        """What an honest host holds of it: the program it sent, the change it proposed."""
        if name == "confirm":
            return self.sent.text() if self.sent else ""
        if name == "apply":
            return " ".join(str(word) for word in self.proposed)
        return ""

    def stage(self, order):
        self.sent = order
        return super().stage(order)

    def change(self, verb, *values):
        self.proposed = (verb, *values)
        return super().change(verb, *values)

    def after_power_cut(self, **options):
        after = type(self)(flash=self.board.flash, texts=self.board.texts, **options)
        after.ids = self.ids
        after.board.force = self.board.force
        return after

    # ---- what one sees -----------------------------------------------------------------------------------------

    @property
    def who(self):
        return self.status()["who"]

    @property
    def lock(self):
        return self.status()["lock"]

    def told(self, kind="by"):
        """The events of who did, or was refused, what."""
        return [event["what"] for event in self.seen(kind)]


def ward(name="anna", **rules):
    """Return a Ward in which somebody is logged in (None: nobody)."""
    its = Ward(rules=rules)
    if name:
        its.login(name)
    return its
