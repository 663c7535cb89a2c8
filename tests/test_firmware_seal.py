"""Codes that never travel: our HMAC is the standard library's, a nonce comes once, a seal is of one request only."""

import hashlib
import hmac
from random import Random

import pytest

from picoinfuse_firmware import seal

VERIFIER = hashlib.sha256(b"a code").digest()
NONCE = "00112233445566778899aabbccddeeff"


# RFC 4231, test cases 1 and 2.
@pytest.mark.parametrize(
    ("key", "message", "digest"),
    [
        (b"\x0b" * 20, b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ],
)
def test_hmac_gives_what_its_standard_says(key, message, digest):
    assert seal.hmac(key, message).hex() == digest


def test_hmac_is_that_of_the_standard_library_for_any_length():
    draw = Random(1)
    for length in (0, 1, 31, 32, 63, 64):
        for size in (0, 1, 55, 56, 63, 64, 65, 4000):
            key, message = draw.randbytes(length), draw.randbytes(size)
            assert seal.hmac(key, message) == hmac.digest(key, message, "sha256")


def test_a_nonce_never_comes_again_even_where_there_is_no_entropy():
    boots, counts = range(1, 40), range(1, 40)
    nonces = {seal.nonce(boot, count, 1000, b"") for boot in boots for count in counts}
    assert len(nonces) == len(boots) * len(counts)
    # 1, 11 and 11, 1 are not the same text.
    assert seal.nonce(1, 11, 5, b"") != seal.nonce(11, 1, 5, b"")


def test_entropy_makes_a_nonce_that_cannot_be_foreseen():
    assert seal.nonce(1, 1, 1000, b"x") != seal.nonce(1, 1, 1000, b"y")
    assert len(seal.nonce(1, 1, 1000, b"x" * 16)) == seal.NONCE_LETTERS


def test_an_answer_is_of_one_nonce_one_person_and_one_code():
    others = [
        seal.answer(VERIFIER, NONCE, "anna"),
        seal.answer(VERIFIER, NONCE[::-1], "anna"),
        seal.answer(VERIFIER, NONCE, "bert"),
        seal.answer(hashlib.sha256(b"another").digest(), NONCE, "anna"),
    ]
    assert len(set(others)) == 4
    assert others[0] == hmac.digest(VERIFIER, f"login {NONCE} anna".encode(), "sha256").hex()


def test_the_answer_that_was_heard_on_the_wire_does_not_tell_the_key():
    assert seal.key(VERIFIER, NONCE, "anna").hex() != seal.answer(VERIFIER, NONCE, "anna")


def test_a_seal_covers_number_request_fields_and_what_it_is_about():
    key = seal.key(VERIFIER, NONCE, "anna")
    right = seal.seal(key, 7, "prime", ["0000000a", 1000, 5, 3600, 1])
    assert right == hmac.digest(key, b"7 prime 0000000a 1000 5 3600 1\n", "sha256").hex()[:32]
    for other in (
        seal.seal(key, 8, "prime", ["0000000a", 1000, 5, 3600, 1]),  # replayed
        seal.seal(key, 7, "start", ["0000000a", 1000, 5, 3600, 1]),
        seal.seal(key, 7, "prime", ["0000000a", 1000, 50, 3600, 1]),  # altered
        seal.seal(key, 7, "prime", ["0000000a", 1000, 5, 3600, 1], "bolus"),
        seal.seal(seal.key(VERIFIER, NONCE, "bert"), 7, "prime", ["0000000a", 1000, 5, 3600, 1]),
    ):
        assert other != right


def test_a_word_and_its_seal_come_apart_again():
    assert seal.opened("0000000a.ff00") == ("0000000a", "ff00")
    assert seal.opened("0000000a") == ("0000000a", "")
    assert seal.opened("a.b.c") == ("a", "b.c")  # no seal looks like this, so it fits none
