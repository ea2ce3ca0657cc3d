"""Sessions, effects and dead letters as JSON, and back.

The one place besides the wire where a `Secret` is revealed: the desk knows a chat by its cookie
alone, and the journal's file is closed to others. An attribute that has a default may be missing
(an older chatgw wrote the record), and one that is not known is ignored (a newer one did).
"""

from __future__ import annotations

import json
from typing import Any

from cattrs.preconf.json import make_converter

from chatgw.interfaces import DeadLetter
from chatgw.values import (
    Effect,
    LeaveChat,
    LookUpName,
    MarkSeen,
    OpenChat,
    Say,
    Secret,
    SendChoices,
    SendText,
    SendTyping,
    Session,
    SubmitRating,
    Words,
)

KIND = "kind"
"""The member of an effect's record that tells its class."""

KINDS: dict[str, type[Effect]] = {
    kind.__name__: kind
    for kind in (
        LeaveChat,
        LookUpName,
        MarkSeen,
        OpenChat,
        Say,
        SendChoices,
        SendText,
        SendTyping,
        SubmitRating,
    )
}

_converter = make_converter(detailed_validation=False)


def _effect_record(effect: Effect) -> dict[str, Any]:
    record: dict[str, Any] = _converter.unstructure(effect)
    record[KIND] = type(effect).__name__
    return record


def _effect(record: dict[str, Any], _: object) -> Effect:
    return _converter.structure(record, KINDS[record[KIND]])


# For `Effect` itself, as whose attribute it stands; its classes are done by cattrs.
_converter.register_unstructure_hook_func(lambda kind: kind is Effect, _effect_record)
_converter.register_structure_hook_func(lambda kind: kind is Effect, _effect)
_converter.register_unstructure_hook(Secret, Secret.reveal)
_converter.register_structure_hook(Secret, lambda text, _: Secret(text))
_converter.register_structure_hook(Words, lambda text, _: Words(text))


# All of JSON is kept in ASCII: the halves of a character, which people's devices do send, could
# otherwise not be written.
def session_record(session: Session) -> str:
    """A session, to be written down."""
    return json.dumps(_converter.unstructure(session))


def session_of(record: str) -> Session:
    """A session that was written down.

    Raises:
        Exception: of many kinds, if it was not.
    """
    return _converter.structure(json.loads(record), Session)


def effect_record(effect: Effect) -> str:
    """An effect, to be written down."""
    return json.dumps(_effect_record(effect))


def effect_of(record: str) -> Effect:
    """An effect that was written down.

    Raises:
        Exception: of many kinds, if it was not.
    """
    return _effect(json.loads(record), None)


def letter_record(letter: DeadLetter) -> str:
    """A dead letter, to be written down."""
    return json.dumps(_converter.unstructure(letter))


def letter_of(record: str) -> DeadLetter:
    """A dead letter that was written down.

    Raises:
        Exception: of many kinds, if it was not.
    """
    return _converter.structure(json.loads(record), DeadLetter)
