"""What the tests of the command line share: a small therapy, and how its last line of output is read."""

import json

SMALL = """\
name = "small"
title = "A small one"
source = "a test"
[drug]
name = "water"
route = "intravenous"
[syringe]
name = "BD 60 mL"
filled = "50 mL"
[[phases]]
kind = "rate"
rate = "40 mL/h"
volume = "1 mL"
"""


def result_of(capsys):
    """Return the JSON object on the last line of standard output."""
    return json.loads(capsys.readouterr().out.splitlines()[-1])
