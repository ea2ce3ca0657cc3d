"""What could not be delivered, for an operator to look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twisted.logger import Logger

from chatgw import wording
from chatgw.interfaces import DeadLetter

MOST = 2000
"""Dead letters that are kept; for one more, the oldest goes."""

log = Logger()


class DeadLetters:
    """The dead letters, oldest first."""

    def __init__(self) -> None:
        self._letters: dict[str, DeadLetter] = {}

    def listed(self) -> Sequence[DeadLetter]:
        """All of them, oldest first."""
        return tuple(self._letters.values())

    def find(self, effect_id: str) -> DeadLetter | None:
        """The one of an effect, None if there is none."""
        return self._letters.get(effect_id)

    def add(self, letters: Iterable[DeadLetter]) -> None:
        """Adds some; says which others had to go for them."""
        for letter in letters:
            self._letters.pop(letter.effect.id, None)
            self._letters[letter.effect.id] = letter
        while len(self._letters) > MOST:
            effect = self._letters.pop(next(iter(self._letters))).effect
            log.warn(
                wording.DEAD_TOO_MANY,
                what=type(effect).__name__,
                effect=effect.id,
                id=effect.address.customer,
                count=MOST,
            )

    def remove(self, effect_id: str) -> None:
        """Takes one away, if it is there."""
        self._letters.pop(effect_id, None)
