"""Who a conversation is with, and the texts that must not be shown to everybody."""

from __future__ import annotations

from attrs import frozen


class Secret:
    """A token or password that shows itself only when asked for by name.

    Printing, formatting, logging or pickling it gives ``****`` and the last four characters
    (only ``****`` for a secret of fewer than twelve).
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for a header or a comparison and nothing else."""
        return self._value

    def __str__(self) -> str:
        return "****" + (self._value[-4:] if len(self._value) >= 12 else "")

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> tuple[type, tuple[str, ...]]:
        return (Secret, (str(self),))


class Words(str):
    """What a customer or an agent wrote: kept out of the log below level ``silly``."""

    __slots__ = ()


@frozen
class Address:
    """Where a customer is: one conversation at a time is held with each address."""

    channel: str
    """The channel's type, as in the configuration: ``FACEBOOK_MESSENGER``."""
    account: str
    """The company's side: the page id."""
    customer: str
    """The customer's side: the page-scoped user id. Opaque."""


@frozen
class ChatHandle:
    """What it takes to address a chat at the desk: SocialMiner knows it by its cookie alone."""

    cookie: Secret
    """The value of the ``Cookie`` header, such as ``JSESSIONID=C0F5…``."""
    ref_url: str
    """The social contact's URL, for the log."""
    base_url: str = ""
    """Where the chat was opened: its cookie goes nowhere else. Empty: where the desk is."""
