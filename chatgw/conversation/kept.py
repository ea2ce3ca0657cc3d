"""What is kept for an agent who has not come: texts and notices, in the order of their sending."""

from __future__ import annotations

from bisect import bisect_right

from attrs import evolve

from chatgw.conversation.session import Draft
from chatgw.values import Unsaid, Words
from chatgw.wording import CHANGED, KEPT, KEPT_TOO_MANY, TAKEN_BACK

MOST_KEPT = 500
"""How many texts are kept."""

LONGEST_KEPT = 200_000
"""How many characters they may have together."""

MOST_NOTICES = 50
"""How many notices are kept besides."""


def keep(draft: Draft, unsaid: Unsaid) -> bool:
    """Keeps a text or a notice in its place, behind all that was sent before it; whether it can.

    A webhook that the channel delivers late is put where it belongs.
    """
    waiting = draft.session.waiting
    if unsaid.notice and sum(each.notice for each in waiting) >= MOST_NOTICES:
        return False
    place = bisect_right(waiting, unsaid.sent_at, key=lambda each: each.sent_at)
    if not _hold(draft, (*waiting[:place], unsaid, *waiting[place:])):
        return False
    draft.log("debug", KEPT, text=unsaid.text, state=draft.session.state.value)
    return True


def change(draft: Draft, message_id: str, text: Words) -> bool:
    """Changes the words of a text that is kept; whether there is one of that name."""
    place = _place(draft, message_id)
    if place is None:
        return False
    waiting = list(draft.session.waiting)
    waiting[place] = evolve(waiting[place], text=text)
    if _hold(draft, tuple(waiting)):
        draft.log("debug", CHANGED, text=text)
    return True


def take_back(draft: Draft, message_id: str) -> bool:
    """Forgets a text that is kept; whether there was one of that name."""
    place = _place(draft, message_id)
    if place is None:
        return False
    waiting = draft.session.waiting
    draft.change(waiting=waiting[:place] + waiting[place + 1 :])
    draft.log("debug", TAKEN_BACK)
    return True


def _place(draft: Draft, message_id: str) -> int | None:
    names = [each.message_id for each in draft.session.waiting]
    return names.index(message_id) if message_id and message_id in names else None


def _hold(draft: Draft, waiting: tuple[Unsaid, ...]) -> bool:
    """Whether that much can be kept; it then is."""
    texts = [each.text for each in waiting if not each.notice]
    if len(texts) > MOST_KEPT or sum(map(len, texts)) > LONGEST_KEPT:
        draft.log("warn", KEPT_TOO_MANY, count=len(draft.session.waiting))
        return False
    draft.change(waiting=waiting)
    return True
