"""The Graph API's refusals: every pair of code and subcode that a page's app may meet.

The pairs are those of the wire reference, messaging channels 1.9. The HTTP statuses follow its
rule of thumb (500 transient, 403 permission and window, 400 the rest).
"""

from __future__ import annotations

import base64
import hashlib

from chatgw.sim.reply import Reply, json_reply

_INTERNAL = frozenset({1, 2, 1200})
_FORBIDDEN = frozenset({3, 10, 200, 230, 551})
_TRANSIENT = frozenset({2, 4, 1200})

MESSAGES: dict[tuple[int, int], str] = {
    # transient
    (1, 0): "An unknown error occurred",
    (1, 99): "An unknown error occurred",
    (2, 0): "Service temporarily unavailable",
    (1200, 0): "Temporary send message failure. Please try again later.",
    # perhaps sent
    (1, 1357046): "The message was sent, and an error occurred after it.",
    # throttled
    (4, 0): "Application request limit reached",
    (17, 0): "User request limit reached",
    (32, 0): "Page request limit reached",
    (613, 0): "Calls to this API have exceeded the rate limit.",
    (613, 2018338): "The page sends in a way that looks like abuse.",
    (613, 2534040): "Too many messages to this person in a short time.",
    (80001, 0): "There have been too many calls to this Page account.",
    (80002, 0): "There have been too many calls to this Instagram account.",
    (80006, 0): "There have been too many calls to this Messenger account.",
    (9, 2018352): "Too many send requests to thread.",
    # window closed
    (10, 2018065): "This message is sent outside of allowed window.",
    (10, 2018278): "This message is sent outside of allowed window.",
    (10, 2534022): "This message is sent outside of allowed window.",
    # recipient gone
    (551, 0): "This person isn't available right now.",
    (551, 1545041): "This person isn't available right now.",
    (200, 1545041): "(#551) This person isn't available right now.",
    (10, 2018108): "This person isn't receiving messages from you right now.",
    (100, 2018001): "No matching user found",
    (100, 2534014): "The requested user cannot be found.",
    # credentials
    (190, 0): "Invalid OAuth access token.",
    (190, 458): "The user has not authorized the application.",
    (190, 459): "The session is checkpointed; the user has to log in.",
    (190, 460): "The session has been invalidated because the password was changed.",
    (190, 463): "The session has expired.",
    (190, 464): "The session is invalid because the user is not confirmed.",
    (190, 467): "The access token was invalidated.",
    (190, 492): "The user of the access token has no appropriate role on the page.",
    (102, 0): "The session key is invalid or no longer valid.",
    # permission
    (3, 0): "Application does not have the capability to make this API call.",
    (10, 0): "Application does not have permission for this action",
    (10, 2534077): "The feature is not enabled for this app.",
    (100, 2534013): "The feature is not available to this page.",
    (200, 0): "Requires pages_messaging permission to manage the object",
    (200, 2018021): "The page has no permission for this kind of message.",
    (200, 2018027): "The app cannot message people without a role on it.",
    (200, 2018028): "The app is in development mode; this person has no role on it.",
    (200, 2534041): "The account owner has disabled access to messages.",
    (230, 0): "Requires the user's consent to read the profile.",
    # policy
    (368, 0): "The action attempted has been deemed abusive or is otherwise disallowed",
    (10, 1893063): "The page is temporarily blocked from sending messages.",
    (2022, 0): "The page is blocked from sending messages for a policy violation.",
    (100, 2534029): "The business is blocked from messaging.",
    # thread control
    (2018300, 0): "Another app is controlling this thread now.",
    (100, 2018300): "Another app is controlling this thread now.",
    (2018321, 0): "The thread is in an automated flow now.",
    (100, 2534037): "The app does not control this thread.",
    (2018171, 0): "The thread cannot be passed to this app.",
    # bad request
    (100, 0): "Invalid parameter",
    (100, 33): "Unsupported request. The object does not exist or cannot be loaded.",
    (100, 2018008): "The attachment could not be fetched from its URL.",
    (100, 2018014): "A sender action is sent alone, without a message.",
    (100, 2018047): "The attachment could not be uploaded.",
    (100, 2018074): "The attachment id is not valid or not the page's.",
    (100, 2018109): "The attachment is larger than allowed.",
    (100, 2018164): "The message needs a permission that cannot be given.",
    (100, 2018218): "The profile of this account is not available.",
    (100, 2018247): "Insufficient permission to access the user's profile.",
    (100, 2018320): "The template is not valid.",
    (100, 2534015): "The message is not valid for this person.",
    (9000001, 0): "The message was deleted.",
    (2500, 0): "An active access token must be used to query information.",
}


class GraphError(Exception):
    """A refusal by the Graph API.

    Args:
        code: the error code.
        subcode: the error subcode, 0 for none.
        message: the text, if it is not the usual one of the pair.
    """

    def __init__(self, code: int, subcode: int = 0, message: str = "") -> None:
        self.code = code
        self.subcode = subcode
        self.message = message or MESSAGES.get((code, subcode), "An unknown error has occurred.")
        super().__init__(self.message)

    @property
    def status(self) -> int:
        """The HTTP status."""
        if self.code in _INTERNAL:
            return 500
        return 403 if self.code in _FORBIDDEN else 400

    def reply(self, call: int, status: int | None = None) -> Reply:
        """The answer that refuses.

        Args:
            call: the number of the call; Meta's trace id is made from it.
            status: another HTTP status than the usual one.
        """
        trace = base64.urlsafe_b64encode(hashlib.sha256(f"{call}".encode()).digest()).decode()
        error: dict[str, object] = {
            "message": f"(#{self.code}) {self.message}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": "A" + trace[:22],
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        if self.code in _TRANSIENT:
            error["is_transient"] = True
        return json_reply({"error": error}, status or self.status)
