"""The closed list of ways in which something asked of a peer can fail.

Channels and desks translate whatever their peers say into one of these kinds; nothing
above them looks at a peer's own codes. The Messenger table is in the wire reference,
messaging channels 1.9.
"""

from __future__ import annotations

from enum import Enum


class FailureKind(Enum):
    """Why an effect was not performed, and by that what is done about it."""

    TRANSIENT = "transient"
    """The peer or the way to it is unwell; the same call is tried again."""

    BUSY = "busy"
    """Our own line to the peer is full: it was not asked, and proved nothing; tried again."""

    THROTTLED = "throttled"
    """The peer asks for fewer calls; everything asked of it waits."""

    WINDOW_CLOSED = "window closed"
    """The channel no longer lets us write to this customer; final."""

    RECIPIENT_GONE = "recipient gone"
    """The customer, or the desk's chat, is no longer there; final."""

    CREDENTIALS = "credentials"
    """Our token or password is not accepted; everything waits for an operator."""

    PERMISSION = "permission"
    """We may not do this; an operator has to act."""

    POLICY = "policy"
    """The peer has blocked us for what was sent; everything waits for an operator."""

    NOT_OWNER = "not owner"
    """Another application owns the conversation; final for this message."""

    BAD_REQUEST = "bad request"
    """The peer does not accept what was sent; final, and perhaps our mistake."""

    UNCLEAR = "unclear"
    """The peer's answer is not understood; tried a few times, then final, and worth an alarm."""

    EXPIRED = "expired"
    """It could not be delivered while it was still of use; final, decided by chatgw."""

    @property
    def passing(self) -> bool:
        """Whether the same call may succeed later."""
        once_more = (FailureKind.TRANSIENT, FailureKind.BUSY, FailureKind.UNCLEAR)
        return self in once_more or self.holds

    @property
    def holds(self) -> bool:
        """Whether it concerns everything that is asked of the peer: all of it has to wait."""
        return self in (FailureKind.THROTTLED, FailureKind.CREDENTIALS, FailureKind.POLICY)

    @property
    def alarms(self) -> bool:
        """Whether an operator has to act."""
        return self in (
            FailureKind.CREDENTIALS,
            FailureKind.PERMISSION,
            FailureKind.POLICY,
            FailureKind.UNCLEAR,
        )
