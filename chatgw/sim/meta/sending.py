"""The Send API: what the page's app writes and does in a thread, within Meta's limits.

Limits, codes and windows are those of the wire reference, messaging channels 1.7 and 1.9.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import define

from chatgw.sim.meta import events
from chatgw.sim.meta.errors import GraphError
from chatgw.sim.meta.events import Event
from chatgw.sim.meta.model import Model
from chatgw.sim.meta.thread import Bubble, QuickReply, Thread

_TEXT = 2000
_QUICK_REPLIES = 13
_TITLE = 20
_PAYLOAD = 1000
_METADATA = 1000
_WINDOW = 24 * 3600.0
_AGENT_WINDOW = 7 * 24 * 3600.0
_TYPING_LASTS = 20.0

_MESSAGING_TYPES = ("RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY")
_ACTIONS = ("typing_on", "typing_off", "mark_seen", "react", "unreact")

PAGE_INBOX = "26390203743090"
"""The app id in the echo of what a person typed in the page's own inbox."""


@define(eq=False)
class Sending:
    """The page's side of the threads."""

    model: Model

    def send(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """Performs one call and gives its answer: a message, or a sender action.

        Raises:
            GraphError: Meta would not do it.
        """
        thread = self._recipient(arguments.get("recipient"))
        psid = thread.customer.psid
        message, action = arguments.get("message"), arguments.get("sender_action")
        if message is not None and action is not None:
            raise GraphError(100, 2018014)
        if action is not None:
            self._act(thread, action, arguments.get("payload"))
            return {"recipient_id": psid}
        if not isinstance(message, Mapping):
            raise GraphError(100, message="The parameter message is required")
        self._permit(thread, arguments)
        bubble = self._bubble(message)
        bubble.messaging_type = str(arguments.get("messaging_type", ""))
        bubble.tag = str(arguments.get("tag", ""))
        self._show(thread, bubble, self.model.account.app_id, message.get("attachment"))
        return {"recipient_id": psid, "message_id": bubble.mid}

    def write_from_inbox(self, psid: str, text: str) -> Bubble:
        """A person answers in the page's own inbox; the app learns of it by an echo.

        Raises:
            LookupError: there is no such customer.
        """
        thread = self.model.thread(psid)
        bubble = self._bubble({"text": text})
        self._show(thread, bubble, PAGE_INBOX, None)
        return bubble

    def _recipient(self, recipient: object) -> Thread:
        if not isinstance(recipient, Mapping):
            raise GraphError(100, message="The parameter recipient is required")
        thread = self.model.threads.get(str(recipient.get("id")))
        if thread is None:
            raise GraphError(100, 2018001)
        if thread.blocked:
            raise GraphError(551, 1545041)
        return thread

    def _permit(self, thread: Thread, arguments: Mapping[str, object]) -> None:
        """Whether the page may write now, by the type and tag it gives."""
        kind, tag = arguments.get("messaging_type"), arguments.get("tag")
        if kind is not None and kind not in _MESSAGING_TYPES:
            raise GraphError(100, message="Param messaging_type is not one of the allowed values")
        tagged = kind == "MESSAGE_TAG"
        if tagged and tag != "HUMAN_AGENT":  # the only one left since April 2026
            raise GraphError(100, message="Param tag is not one of the allowed values")
        allowed = _AGENT_WINDOW if tagged else _WINDOW
        if thread.active_at is None or self.model.clock.seconds() - thread.active_at > allowed:
            raise GraphError(10, 2018278)

    def _bubble(self, message: Mapping[str, object]) -> Bubble:
        text, metadata = message.get("text", ""), message.get("metadata", "")
        attachment = message.get("attachment")
        if not isinstance(text, str) or not isinstance(metadata, str):
            raise GraphError(100, message="Param message[text] and [metadata] must be strings")
        if bool(text) is bool(attachment):
            raise GraphError(100, message="Message needs either a text or an attachment")
        # Meta does not say what it counts; UTF-16 units is the stricter reading.
        if len(text.encode("utf-16-le", "surrogatepass")) // 2 > _TEXT:
            raise GraphError(100, message=f"Length of param message[text] must be <= {_TEXT}")
        if len(metadata) >= _METADATA:
            raise GraphError(100, message="Param message[metadata] is too long")
        return Bubble(
            self.model.next_mid(),
            mine=False,
            kind="attachment" if attachment else "text",
            text=text,
            at=self.model.clock.seconds(),
            quick_replies=_quick_replies(message.get("quick_replies", [])),
            metadata=metadata,
        )

    def _show(self, thread: Thread, bubble: Bubble, app_id: str, attachment: object) -> None:
        """Puts a bubble into the thread, and tells the app of it and of its arrival."""
        thread.bubbles.append(bubble)
        thread.typing_until = 0.0
        page, psid = self.model.account.page_id, thread.customer.psid
        told: dict[str, object] = {"text": bubble.text} if bubble.text else {}
        if attachment:
            told["attachments"] = [attachment]
        if bubble.metadata:
            told["metadata"] = bubble.metadata
        item = events.echo(page, psid, bubble.at, bubble.mid, app_id, told)
        self.model.tell(Event("message_echoes", item, psid))
        item = events.delivery(psid, page, bubble.at, bubble.mid)
        self.model.tell(Event("message_deliveries", item, psid))

    def _act(self, thread: Thread, action: object, payload: object) -> None:
        if action not in _ACTIONS:
            raise GraphError(100, message="Param sender_action is not one of the allowed values")
        now = self.model.clock.seconds()
        match action:
            case "typing_on":
                thread.typing_until = now + _TYPING_LASTS
            case "typing_off":
                thread.typing_until = 0.0
            case "mark_seen":
                for bubble in thread.bubbles:
                    bubble.seen = bubble.seen or bubble.mine
            case _:
                details = payload if isinstance(payload, Mapping) else {}
                emoji = str(details.get("reaction", "")) if action == "react" else ""
                _named(thread, str(details.get("message_id"))).reaction = emoji
        thread.actions.append((now, str(action)))


def _named(thread: Thread, mid: str) -> Bubble:
    try:
        return thread.bubble(mid)
    except LookupError:
        raise GraphError(100, message="Param payload[message_id] names no message") from None


def _quick_replies(offered: object) -> tuple[QuickReply, ...]:
    if not isinstance(offered, list):
        raise GraphError(100, message="Param message[quick_replies] must be an array")
    if len(offered) > _QUICK_REPLIES:
        raise GraphError(100, message=f"At most {_QUICK_REPLIES} quick replies are allowed")
    return tuple(_quick_reply(one) for one in offered)


def _quick_reply(offered: object) -> QuickReply:
    match offered:
        case {"content_type": "text", "title": str(title), "payload": str(payload)} if title:
            if len(payload) > _PAYLOAD:
                raise GraphError(100, message=f"A payload has at most {_PAYLOAD} characters")
            return QuickReply(title[:_TITLE], payload)
        case {"content_type": "user_phone_number" | "user_email" as kind}:
            return QuickReply("Phone number" if kind == "user_phone_number" else "Email", kind)
    raise GraphError(100, message="A quick reply needs a content_type, a title and a payload")
