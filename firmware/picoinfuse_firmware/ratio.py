"""Exact ratios of whole numbers: a pair (num, den), den > 0, in lowest terms. MicroPython has no `fractions`."""


def gcd(a, b):
    """Return the greatest common divisor of two whole numbers, at least 0."""
    while b:
        a, b = b, a % b
    return a if a >= 0 else -a


def reduced(num, den):
    """Return num/den in lowest terms."""
    common = gcd(num, den)
    return num // common, den // common


def plus(num, den, num2, den2):
    """Return num/den + num2/den2 in lowest terms."""
    return reduced(num * den2 + num2 * den, den * den2)


def bits(number):
    """Return the size of a number, at least 0, in bits, rounded up to whole bytes."""
    size = 0
    while number:
        number >>= 8
        size += 8
    return size


def ceil(num, den):
    """Return num/den rounded up to a whole number."""
    return -(-num // den)
