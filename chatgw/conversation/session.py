"""How a decision about a conversation is written down."""

from __future__ import annotations

from hashlib import blake2s
from typing import Any

from attrs import evolve, frozen

from chatgw.values import Address, Effect, Happening, LogLine, Session, State, ToCustomer
from chatgw.wording import STATE


def session_id(address: Address, event_id: str) -> str:
    """The id of the session that an event opens: the same event always opens the same one."""
    return blake2s(f"{address}\0{event_id}".encode("utf-8", "replace"), digest_size=9).hexdigest()


@frozen
class Decision:
    """What follows from a happening. ``session`` is None when there is none (any more)."""

    session: Session | None
    effects: tuple[Effect, ...] = ()
    lines: tuple[LogLine, ...] = ()


class Draft:
    """A decision being written: the session as it will be, the effects owed, the lines to log."""

    def __init__(self, session: Session, happening: Happening) -> None:
        self.session = session
        self.at = happening.at
        self.ended = False
        self._effects: list[Effect] = []
        self._lines: list[LogLine] = []

    def change(self, **fields: Any) -> None:
        """Replaces fields of the session."""
        self.session = evolve(self.session, **fields)

    def enter(self, state: State) -> None:
        """Puts the session into a state and says so."""
        self.log("debug", STATE, state=state.value)
        self.change(state=state, state_at=self.at)

    def owe(self, kind: type[Effect], **fields: Any) -> None:
        """Adds an effect; its id is the session's and a running number."""
        self.change(owed=self.session.owed + 1)
        self.owe_named(f"{self.session.id}-{self.session.owed}", kind, **fields)

    def owe_named(self, effect_id: str, kind: type[Effect], **fields: Any) -> None:
        """Adds an effect with an id of its own."""
        if issubclass(kind, ToCustomer):
            fields["heard_at"] = self.session.heard_at
        self._effects.append(
            kind(
                id=effect_id,
                address=self.session.address,
                session=self.session.id,
                at=self.at,
                **fields,
            )
        )

    def log(self, level: str, format_: str, **data: object) -> None:
        """Adds a line about this customer."""
        self._lines.append(LogLine(level, format_, {"id": self.session.address.customer, **data}))

    def consequences(self) -> tuple[tuple[Effect, ...], tuple[LogLine, ...]]:
        """The effects owed and the lines to log so far."""
        return tuple(self._effects), tuple(self._lines)

    def decision(self) -> Decision:
        """The decision as it now stands."""
        return Decision(None if self.ended else self.session, *self.consequences())
