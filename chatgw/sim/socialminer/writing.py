"""Writes SocialMiner's XML, to the byte where the wire reference shows bytes."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import indent, tostring
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from chatgw.sim.socialminer.contact import Contact
from chatgw.sim.socialminer.events import Event
from chatgw.sim.socialminer.reading import legal

DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'

FEED_TAG = "ccx_chat_req"
"""The tag that the chat feed puts on its contacts."""

TOKEN_LIFETIME = 6 * 3600 * 1000
"""Milliseconds that a contact's integration token is good for."""


def chat_events(events: Iterable[Event]) -> bytes:
    """The answer to a poll: ``<chatEvents>``, empty when there is nothing to tell."""
    told = "".join(
        _element(
            event.kind,
            _element("id", str(event.id))
            + "".join(_element(name, escape(legal(value))) for name, value in event.fields),
        )
        for event in events
    )
    return _document(f"<chatEvents>{told}</chatEvents>" if told else "<chatEvents/>")


def api_errors(text: str, kind: str) -> bytes:
    """The body of a refusal (wire reference, SocialMiner 1.7).

    Args:
        text: the ``errorMessage``.
        kind: the ``errorType``: ``notFound``.
    """
    error = _element("errorMessage", escape(legal(text))) + _element("errorType", kind)
    return _document(_element("apiErrors", _element("apiError", error)))


def ref_url(host: str, contact: Contact) -> str:
    """Where the administration API has a contact; ``host`` as the client named it."""
    return f"http://{host}/ccp-webapp/ccp/socialcontact/{contact.id}"


def social_contact(host: str, contact: Contact) -> bytes:
    """The answer to the creation of a chat."""
    request = contact.request
    inner = (
        _texts(author=request.author, description=request.description)
        + _fields(contact)
        + _texts(
            id=contact.id,
            publishedDate=str(contact.published),
            refURL=ref_url(host, contact),
            sourceType="chat",
            status="unread",
            title=request.title,
        )
    )
    return _document(_element("SocialContact", inner))


def notification(host: str, contact: Contact) -> bytes:
    """The contact as the notification rule posts it to the contact centre (the original guide).

    Args:
        host: SocialMiner's own name in the URLs.
        contact: the new contact.
    """
    request, site = contact.request, f"http://{host}"
    pop = f"{site}/results.jsp?scID={contact.id}&campaignID=CCX_Chat_Campaign"
    template = f"{site}/multisession/ui/templates/reply/cisco_agent_ms_chat.jsp"
    inner = (
        _texts(author=request.author, description=request.description)
        + _fields(contact)
        + _texts(
            id=contact.id,
            integrationAuthTokenExpirationTimestamp=str(contact.published + TOKEN_LIFETIME),
            integrationAuthTokenGUID=contact.token,
            link=f"http://localhost/ccp/socialcontact/{contact.id}",
            notificationTag=FEED_TAG,
            publishedDate=str(contact.published),
            refURL=ref_url(host, contact),
            replyTemplateURL=template,
            screenPopUrl=pop,
            sourceType="chat",
            status="unread",
            statusReason="unknown",
            statusTimestamp=str(contact.published),
            statusUserId="",
        )
        + _element("tags", _texts(tag=FEED_TAG))
        + _texts(title=request.title)
    )
    root = fromstring(_element("SocialContact", inner))
    indent(root, "    ")
    return _document("\n" + tostring(root, "unicode", short_empty_elements=False) + "\n")


def _fields(contact: Contact) -> str:
    return _element(
        "extensionFields",
        "".join(
            _element("extensionField", _texts(name=name, value=value))
            for name, value in contact.fields.items()
        ),
    )


def _texts(**texts: str) -> str:
    return "".join(_element(name, escape(legal(text))) for name, text in texts.items())


def _element(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>"


def _document(text: str) -> bytes:
    return (DECLARATION + text).encode()
