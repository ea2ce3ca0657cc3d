"""Runs ``chatgwctl`` as ``python -m chatgw.ctl``."""

from __future__ import annotations

import sys

from chatgw.ctl import main

if __name__ == "__main__":
    sys.exit(main())
