"""`python -m nostro.flight`."""

import sys

from nostro.flight.command import main

if __name__ == "__main__":
    sys.exit(main())
