"""`python -m picoinfuse`: the command line, for where its script is not on the path."""

import sys

from .cli import main

sys.exit(main())
