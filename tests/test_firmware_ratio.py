"""Exact ratios against Python's own."""

import random
from fractions import Fraction

from picoinfuse_firmware import ratio


def test_ratios_are_those_of_python():
    random_ = random.Random(2)
    for _ in range(2000):
        a, b = random_.randrange(-(10**12), 10**12), random_.randrange(1, 10**9)
        c, d = random_.randrange(-(10**20), 10**20), random_.randrange(1, 10**18)
        first, second = Fraction(a, b), Fraction(c, d)
        assert ratio.reduced(a, b) == (first.numerator, first.denominator)
        total = first + second
        assert ratio.plus(a, b, c, d) == (total.numerator, total.denominator)
        assert ratio.ceil(a, b) == -(-a // b) == -(-first.numerator // first.denominator)


def test_the_greatest_common_divisor_is_never_negative():
    assert ratio.gcd(-12, 18) == ratio.gcd(12, -18) == ratio.gcd(12, 18) == 6
    assert ratio.gcd(0, 5) == ratio.gcd(5, 0) == 5
    assert ratio.gcd(0, -5) == 5
