"""`python -m gateway` is the command `mm7`."""

import sys

from gateway.cli import main

sys.exit(main())
