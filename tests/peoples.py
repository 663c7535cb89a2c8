"""People for tests: files as the pump reads them, with few rounds so that a test is quick."""

from binascii import crc32
from hashlib import pbkdf2_hmac

from picoinfuse_firmware import people

HEAD = "picoinfuse people 1"
ROUNDS = 1000
# name -> (role, code): one of each role, and a second nurse.
STAFF = {
    "anna": ("nurse", "anna-1234"),
    "bert": ("nurse", "bert-1234"),
    "hugo": ("pharmacist", "hugo-1234"),
    "rita": ("prescriber", "rita-1234"),
    "tom": ("technician", "tom-12345"),
}


def salt_of(name):
    return (name.encode().hex() + "0" * 32)[:32]


def verifier_of(name, code, rounds=ROUNDS):
    return pbkdf2_hmac("sha256", code.encode(), bytes.fromhex(salt_of(name)), rounds)


def sealed(rows):
    """Return the lines of a file with their check value."""
    text = "".join(row + "\n" for row in rows)
    return text + f"check {crc32(text.encode()):08x}\n"


def rows(staff=STAFF, level=3, relock_ms=people.RELOCK_MS, double_check=0, rounds=ROUNDS):
    """Return the lines before the check value."""
    return [
        HEAD,
        f"level {level}",
        f"relock_ms {relock_ms}",
        f"double_check {double_check}",
        f"rounds {rounds}",
        *(
            f"person {name} {role} {salt_of(name)} {verifier_of(name, code).hex()}"
            for name, (role, code) in staff.items()
        ),
    ]


def file(**options):
    """Return the text of a file of people."""
    return sealed(rows(**options))
