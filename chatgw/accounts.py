"""What a configuration gives the registry: the channels with their scripts, and the desk."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen

from chatgw.interfaces import IChannel, IDesk
from chatgw.values import Script


@frozen
class Account:
    """A channel and what is said on it."""

    channel: IChannel
    script: Script
    open: bool = True
    """Whether new conversations may begin; those under way go on in any case."""


@frozen
class Parts:
    """All of it; replaced as a whole at a reload."""

    accounts: Mapping[str, Account]
    """By channel type."""
    desk: IDesk
    polling_interval: float
    """Seconds."""
    stale_after: float
    """Seconds."""

    def following(self, former: Parts) -> Parts:
        """These parts, with the accounts that only the former ones had, closed."""
        closed = {type_: evolve(old, open=False) for type_, old in former.accounts.items()}
        return evolve(self, accounts={**closed, **self.accounts})
