"""Codes that never travel: nonce, answer and keyed check values, all of them SHA-256.

The pump keeps a verifier of each person: the code, salted and hashed many times by the host (people.py). It is as good
as the code for this pump, and so it never travels either.

    login     the pump sends a nonce that it never sends again; the answer is HMAC(verifier, "login NONCE NAME")
    key       HMAC(verifier, "key NONCE NAME"): known to both ends, for as long as this login lasts
    seal      HMAC(key, "SEQ REQUEST FIELDS\\nWHAT IT IS ABOUT"), shortened: a request that can deliver carries it
              behind its first word. WHAT is the text of the program that is confirmed, or the change that is applied

The sequence number of the request is in the seal, so a request that was recorded is worth nothing later; the nonce is
in the key, so it is worth nothing in another login. HMAC as in RFC 2104, with the 64-byte blocks of SHA-256.
"""

from binascii import hexlify
from hashlib import sha256

NONCE_LETTERS = 32  # of hex, 128 bits; a seal has as many
_BLOCK = 64  # bytes


def hmac(key, message):
    """Return HMAC-SHA256 of two bytes objects as bytes. key: at most 64 bytes."""
    padded = key + bytes(_BLOCK - len(key))
    inner = sha256(bytes([b ^ 0x36 for b in padded]))
    inner.update(message)
    outer = sha256(bytes([b ^ 0x5C for b in padded]))
    outer.update(inner.digest())
    return outer.digest()


def _hex(data):
    return hexlify(data).decode()


def nonce(boot, count, now_ms, entropy):
    """Return a nonce as hex. boot and count, which only grow, make it a new one; entropy (bytes) makes it unknown."""
    return _hex(sha256(b"%d %d %d " % (boot, count, now_ms) + entropy).digest())[:NONCE_LETTERS]


def answer(verifier, nonce, name):
    """Return the answer to a nonce as hex. verifier: bytes."""
    return _hex(hmac(verifier, b"login %s %s" % (nonce.encode(), name.encode())))


def key(verifier, nonce, name):
    """Return the key of a login as bytes."""
    return hmac(verifier, b"key %s %s" % (nonce.encode(), name.encode()))


def seal(key, seq, request, fields, about=""):
    """Return the seal of a request as hex. fields: its values, the first one without its seal; about: text, or ""."""
    text = " ".join([str(seq), request] + [str(field) for field in fields]) + "\n" + about
    return _hex(hmac(key, text.encode()))[:NONCE_LETTERS]


def opened(word):
    """Return (the bare first word of a request, its seal); the seal is "" if there is none."""
    bare, _, its = word.partition(".")
    return bare, its
