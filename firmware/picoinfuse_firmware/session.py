"""Messages <-> requests: sessions, sequence numbers; a repeat is answered again and not done again."""

from . import VERSION, report
from .kinds import FINGERPRINT, IS_REQUEST
from .wire import Lines, decode, encode

GET_IT_OUT = ("leave", "login", "answer")  # of whoever brings another version, and has to get this one out of the way
MAX_NUMBER = 1000000000000000000  # 18 digits
HELP = b"# PicoInfuse, a teaching pump. Type: status, help. Programs are sent with the picoinfuse command.\n"


def _has_monster(values):
    """Return whether a number is longer than any that this pump can use: its refusal would not fit into a line."""
    for value in values:
        if isinstance(value, int) and not -MAX_NUMBER < value < MAX_NUMBER:
            return True
    return False


class Session:
    """One host at a time; a new hello takes over. requests: an object with one method per request."""

    def __init__(self, pump, requests, outbox):
        self._pump = pump
        self._requests = requests
        self._outbox = outbox
        self._lines = Lines()
        self._nonce = None
        self._seq = 0
        self._answer = b""
        self._speaks = False  # the host has our table of messages
        self.refused_lines = 0

    def feed(self, data, now_ms):
        """Take bytes from the wire and do what they ask."""
        for line in self._lines.feed(data):
            message = decode(line)
            if message is not None:
                self._take(message, now_ms)
            elif line in (b"status", b"help"):
                self._outbox.say(HELP if line == b"help" else report.in_words(self._pump))
            else:
                self.refused_lines += 1

    def _take(self, message, now_ms):
        seq, name, values = message
        if name not in IS_REQUEST or _has_monster(values):
            self.refused_lines += 1  # an echo of our own frames (to answer it would never end), or noise
        elif name == "hello":
            self._hello(seq, values)
        elif self._nonce is None:
            self._outbox.answer(encode(seq, "refused", ("no_session", 0, 0)))
        elif not self._speaks and name not in GET_IT_OUT:
            self._outbox.answer(encode(seq, "refused", ("wrong_version", 0, 0)))
        elif seq == self._seq and self._answer:
            self._outbox.answer(self._answer)
        elif seq != self._seq + 1:
            self._outbox.answer(encode(seq, "refused", ("bad_sequence", seq, self._seq + 1)))
        else:
            self._seq = seq
            self._answer = b""  # should the request raise, its repeat is not answered with what went before
            gate = self._requests.gate
            if gate is not None:
                answer = gate.ask(now_ms, seq, name, values)
            else:
                do = getattr(self._requests, name, None) or self._requests.special(name)
                answer = do(now_ms, *values)
            self._answer = encode(seq, answer[0], answer[1])
            self._outbox.answer(self._answer)

    def _hello(self, seq, values):
        nonce, version, table = values
        if nonce != self._nonce:
            self._nonce = nonce
            self._seq = 0
            self._answer = b""
            self._speaks = version == VERSION and table == FINGERPRINT
            self._pump.set_telemetry(0)
            self._outbox.greet()
            if self._requests.gate is not None:
                self._requests.gate.log_out(self._pump.now_ms, "logout")
        self._outbox.answer(encode(seq, "welcome", [VERSION, FINGERPRINT] + report.about(self._pump)))
