"""The scenes a conversation is made of: welcome, question, opening, hand-over, rating, end."""

from __future__ import annotations

from collections.abc import Iterable

from chatgw.conversation.session import Draft
from chatgw.values import (
    ChatHandle,
    Choice,
    LeaveChat,
    OpenChat,
    Say,
    Script,
    SendChoices,
    SendText,
    State,
    SubmitRating,
    Words,
)
from chatgw.wording import BUFFER, POSTING, RATING, UNDELIVERED

FALLBACK_NAME = "Customer"
"""The author of a chat whose customer's name cannot be had."""

OFFER_INTERVAL = 60.0
"""Seconds between two offers of the same choices."""

RATINGS = tuple(Choice(str(n), f"rating:{n}") for n in range(1, 6))


def say(draft: Draft, script: Script, key: str, only_in: Iterable[State] | None = None) -> None:
    """Owes one of the configured texts, for as long as the session is in the states given."""
    states = None if only_in is None else frozenset(only_in)
    draft.owe(SendText, text=Words(script.messages[key]), only_in=states)


def offer_statements(draft: Draft, script: Script) -> None:
    """Owes the question with the problem statements."""
    draft.owe(
        SendChoices,
        text=Words(script.messages["PROBLEM_STATEMENT_CAPTION"]),
        choices=tuple(
            Choice(statement.title, f"statement:{statement.queue_id}")
            for statement in script.statements
        ),
        purpose="problem statement",
        only_in=frozenset({State.CREATED, State.INFO_WAIT}),
    )


def offer_ratings(draft: Draft, script: Script) -> None:
    """Owes the question with the ratings."""
    draft.owe(
        SendChoices,
        text=Words(script.messages["RATING_OFFER"]),
        choices=RATINGS,
        purpose="rating",
        only_in=frozenset({State.RATING_WAIT}),
    )


def offer_again(draft: Draft, script: Script) -> None:
    """Repeats the question that stands open, at most once in `OFFER_INTERVAL`.

    In Messenger the choices vanish at the next message, so that the first stray one brings them
    back at once.
    """
    if draft.at - draft.session.offered_again_at < OFFER_INTERVAL:
        return
    draft.change(offered_again_at=draft.at)
    if draft.session.state is not State.RATING_WAIT:
        offer_statements(draft, script)
    elif not draft.session.rating:
        offer_ratings(draft, script)


def choose(draft: Draft, queue_id: str) -> None:
    """The customer has chosen a problem statement, and by that a queue."""
    draft.change(queue_id=queue_id)
    draft.enter(State.INFO_CLOSED)


def open_chat(draft: Draft, script: Script) -> None:
    """Opens the chat as soon as both the queue and the customer's name are known."""
    session = draft.session
    if session.state is not State.INFO_CLOSED or not session.name:
        return
    draft.log("info", POSTING, host=script.desk_host, feed=script.feed_id, queue=session.queue_id)
    draft.owe(
        OpenChat,
        feed_id=script.feed_id,
        queue_id=session.queue_id,
        author=session.name,
        title=f"Chat from {session.address.channel.replace('_', ' ').title()}",
        origin=session.address.channel,
    )


def hand_over(draft: Draft) -> None:
    """An agent is here: everything kept goes to the desk, in order."""
    waiting = draft.session.waiting
    draft.enter(State.TALKING)
    draft.log("debug", BUFFER, count=len(waiting))
    draft.change(waiting=())
    for unsaid in waiting:
        tell_desk(draft, unsaid.text, notice=unsaid.notice)


def tell_desk(draft: Draft, text: Words, *, notice: bool = False, kept: bool = False) -> None:
    """Owes the desk a text of the customer's or a notice, unless the conversation ends before.

    What waits for a desk that is unwell must not keep `LeaveChat` waiting as well.
    """
    draft.owe(
        Say,
        chat=draft.session.chat,
        text=text,
        notice=notice,
        kept=kept,
        only_in=frozenset({State.TALKING, State.RATING_WAIT}),
    )


def finish(draft: Draft, script: Script) -> None:
    """The last agent has left: the rating is asked for, or the chat is over."""
    draft.change(agents=(), offered_again_at=0.0)
    if script.rating_enabled:
        draft.enter(State.RATING_WAIT)
        offer_ratings(draft, script)
    else:
        end(draft, script, "CHAT_ENDED")


def rate(draft: Draft, rating: int) -> None:
    """Submits the rating; a second one changes nothing."""
    if draft.session.rating:
        return
    draft.change(rating=rating)
    draft.log("debug", RATING, rating=rating)
    draft.owe(SubmitRating, chat=draft.session.chat, rating=rating)


def leave(draft: Draft, chat: ChatHandle | None) -> None:
    """Owes the desk that the customer is taken out of a chat, if there is one."""
    if chat is not None:
        draft.owe(LeaveChat, chat=chat)


def end(draft: Draft, script: Script, key: str, *, gone: bool = False) -> None:
    """Ends the conversation: one last text, and out of the desk's chat unless that is gone."""
    texts = [unsaid for unsaid in draft.session.waiting if not unsaid.notice]
    if texts and draft.session.state is not State.RATING_WAIT:
        draft.log("warn", UNDELIVERED, count=len(texts))
    say(draft, script, key)
    if not gone:
        leave(draft, draft.session.chat)
    draft.ended = True
