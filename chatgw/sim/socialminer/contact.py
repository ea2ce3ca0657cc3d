"""A social contact: what a customer asked for, and how SocialMiner numbers and names it."""

from __future__ import annotations

import re
import uuid
from hashlib import sha256
from ipaddress import IPv4Address

from attrs import field, frozen

ROOM = "socialminer_chat.{}@conference.127.0.0.1"
"""The chat room of a contact; rooms are numbered from 0 at each start (the original guide)."""

QUEUE_TAG = "ccxqueuetag"
"""The extension field that names the queue, as ``Chat_Csq4``."""


@frozen
class ChatRequest:
    """What it takes to open a chat (wire reference, SocialMiner 1.2)."""

    feed_id: str
    author: str
    title: str
    description: str = ""
    fields: dict[str, str] = field(factory=dict)
    """The extension fields, in their order."""


@frozen
class Contact:
    """A stored social contact."""

    id: str
    published: int
    """Milliseconds since the epoch."""
    room: str
    request: ChatRequest

    @property
    def queue_id(self) -> str:
        """The id of the queue asked for; empty if the tag names none."""
        tag = re.fullmatch(r"Chat_Csq(\d+)", self.request.fields.get(QUEUE_TAG, ""))
        return tag[1] if tag else ""

    @property
    def fields(self) -> dict[str, str]:
        """The extension fields as stored: those asked for, and the chat room."""
        return {**self.request.fields, "h_chatRoom": self.room}

    @property
    def session_id(self) -> str:
        """The value of the customer's session cookie: 32 upper-case hex digits."""
        return sha256(self.id.encode()).hexdigest()[:32].upper()

    @property
    def token(self) -> str:
        """The contact's integration token: a UUID, of use to nobody here."""
        return str(uuid.uuid5(uuid.NAMESPACE_OID, self.id))


def contact_id(milliseconds: int, counter: int, server: str) -> str:
    """A contact's id, in the scheme that the real ids follow (wire reference, SocialMiner 1.2).

    Args:
        milliseconds: since the epoch.
        counter: the contacts made so far.
        server: the IPv4 address of SocialMiner.
    """
    low, high = milliseconds & 0xFFFF_FFFF, milliseconds >> 32 & 0xFFFF
    address = int(IPv4Address(server))
    return f"{low:08X}1000{high:04X}{counter & 0xFFFF_FFFF:08X}{address:08X}"


def new_contact(request: ChatRequest, at: float, counter: int, server: str) -> Contact:
    """The contact of a request.

    Args:
        request: what the customer asked for.
        at: seconds since the epoch, now.
        counter: the contacts made so far.
        server: the IPv4 address of SocialMiner.
    """
    published = int(at * 1000)
    return Contact(contact_id(published, counter, server), published, ROOM.format(counter), request)
