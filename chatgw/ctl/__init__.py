"""``chatgwctl``: asks the gateway how it is, and orders what becomes of what was not delivered.

Needs nothing but the standard library and a list of chatgw's, so that it starts at once.
"""

from __future__ import annotations

from chatgw.ctl.commands import main

__all__ = ["main"]
