"""What a configuration gives the registry: the channels with their scripts, and the desk."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen

from chatgw.delivery import Unanswered
from chatgw.interfaces import IChannel, IDesk
from chatgw.values import Script


@frozen
class Account:
    """A channel and what is said on it."""

    channel: IChannel
    script: Script
    open: bool = True
    """Whether new conversations may begin; those under way go on in any case."""


@frozen(kw_only=True)
class Limits:
    """How long a conversation may go on without what it waits for, in seconds."""

    choice: float = 1800.0
    """Without a choice of problem statement."""
    rating: float = 600.0
    """Without a rating."""
    waiting: float = 3600.0
    """Without an agent."""
    desk: float = 300.0
    """Without an answer from the desk, while an agent is awaited or there."""
    idle: float = 3600.0
    """Without anything at all; looked at once an hour."""


@frozen
class Parts:
    """All of it; replaced as a whole at a reload."""

    accounts: Mapping[str, Account]
    """By channel type."""
    desk: IDesk
    polling_interval: float
    """Seconds."""
    limits: Limits = Limits()
    unanswered: Unanswered = field(factory=Unanswered)

    def channel(self, type_: str) -> IChannel | None:
        """The channel of a type, None if none was ever configured.

        One that is not enabled any more is still to be listened to: its last chats go on, and
        Meta takes the webhook from whom it does not reach.
        """
        account = self.accounts.get(type_)
        return None if account is None else account.channel

    def following(self, former: Parts) -> Parts:
        """These parts, with the accounts that only the former ones had, closed."""
        closed = {type_: evolve(old, open=False) for type_, old in former.accounts.items()}
        return evolve(self, accounts={**closed, **self.accounts})
