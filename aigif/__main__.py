"""`python -m aigif` is the command `aigif`."""

import sys

from aigif.cli import main

sys.exit(main())
