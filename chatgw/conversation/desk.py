"""What follows from what the desk tells: agents, their words, and how the chat stands.

The statuses and what each means are in the wire reference, SocialMiner section 2.
"""

from __future__ import annotations

from chatgw.conversation import scenes
from chatgw.conversation.session import Draft
from chatgw.dump import Dump
from chatgw.values import (
    AgentJoined,
    AgentLeft,
    AgentTyping,
    AgentWrote,
    DeskEvent,
    DeskStatus,
    Origin,
    Script,
    SendText,
    SendTyping,
    State,
)
from chatgw.wording import CHAT_GONE, CHAT_REFUSED, CURSOR, ISSUE, JOINED, LEFT, UNKNOWN_STATUS


def from_desk(draft: Draft, events: tuple[DeskEvent, ...], script: Script) -> None:
    """What follows from a batch of events; those already decided upon are passed over.

    Who left is weighed at the end of the batch, so that a transfer is not taken for the end,
    in whichever order its two events come.
    """
    fresh = [event for event in events if event.id > draft.session.cursor]
    if not fresh:
        return
    cursor = max(event.id for event in fresh)
    draft.log("debug", CURSOR, event=cursor)
    draft.change(cursor=cursor, touched_at=draft.at)
    for event in fresh:
        match event:
            case AgentJoined(agent=agent):
                _joined(draft, agent)
            case AgentLeft(agent=agent):
                draft.log("info", LEFT)
                draft.change(agents=tuple(a for a in draft.session.agents if a != agent))
            case AgentWrote(text=text):
                if text:
                    draft.owe(SendText, text=text, origin=Origin.AGENT)
            case AgentTyping(status=status):
                if draft.session.state is State.TALKING:
                    draft.owe(SendTyping, status=status)
            case DeskStatus():
                _status(draft, event, script)
        if draft.ended:
            return
    if draft.session.state is State.TALKING and not draft.session.agents:
        scenes.finish(draft, script)


def _joined(draft: Draft, agent: str) -> None:
    draft.log("info", JOINED)
    session = draft.session
    if agent not in session.agents:
        draft.change(agents=(*session.agents, agent))
    if session.state is State.AGENT_WAIT:
        scenes.hand_over(draft)
    elif session.state is State.RATING_WAIT and not session.rating:
        # A transfer whose "left" came a poll before its "joined".
        draft.change(waiting=())  # the desk has these already
        scenes.hand_over(draft)


def _status(draft: Draft, event: DeskStatus, script: Script) -> None:
    waiting = draft.session.state is State.AGENT_WAIT
    match event.status:
        case "chat_timedout_waiting_for_agent" if waiting:
            scenes.say(draft, script, "AGENT_JOIN_TIMEOUT", only_in=[State.AGENT_WAIT])
        case "chat_request_rejected_by_agent" if waiting:
            scenes.end(draft, script, "CHAT_ENDED_AGENT_UNAVAILABLE")
        case "chat_finished" if draft.session.state is State.TALKING:
            draft.change(agents=())
        case "chat_finished" if waiting:
            scenes.end(draft, script, "CHAT_ENDED")
        case "chat_finished_error" if draft.session.state is not State.RATING_WAIT:
            scenes.end(draft, script, "CHAT_ENDED_UNKNOWN_ERROR")
        case "chat_issue":
            draft.log("warn", ISSUE, detail=event.detail)
        case status:
            shown = {"type": "StatusEvent", "id": str(event.id), "status": status}
            if event.detail:
                shown["detail"] = event.detail
            draft.log("warn", UNKNOWN_STATUS, status=status, event=Dump(shown))


def chat_gone(draft: Draft, script: Script) -> None:
    """The desk has taken the chat down: its inactivity timer, as a rule."""
    draft.log("info", CHAT_GONE)
    if draft.session.state is not State.RATING_WAIT:
        scenes.end(draft, script, "CHAT_ENDED_INACTIVITY", gone=True)
    elif not draft.session.rating:  # with a rating under way, its outcome ends the conversation
        scenes.end(draft, script, "CHAT_ENDED", gone=True)


def chat_refused(draft: Draft, detail: str, script: Script) -> None:
    """The desk will not tell us about the chat, and asking again will not help."""
    draft.log("error", CHAT_REFUSED, detail=detail)
    if draft.session.state is not State.RATING_WAIT:
        scenes.end(draft, script, "CHAT_ENDED_UNKNOWN_ERROR")
    elif not draft.session.rating:
        scenes.end(draft, script, "CHAT_ENDED")
