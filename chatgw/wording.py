"""The log lines that operators search for.

The first part is the predecessor's, letter for letter (its spelling slip included; wire
reference, SocialMiner section 7). The second part is new and of the same form.
"""

from __future__ import annotations

# -- The predecessor's ------------------------------------------------------------------------

CREATING = "Creating new session. [Type={type}], [ID={id}] ..."
CREATED = "Created session for user [ID={id}]. Session count = {count}"
SWEEP_SCHEDULED = "Scheduling an interval to check and clean stale sessions ..."
NAMED = "setUserName: Setting user name of session [ID={id}] to {name} ..."
STATE = "setSessionState: Setting state of session [ID={id}] to {state} ..."
POSTING = (
    "Posting a chat request to SocialMiner [ID={id}], [HOST={host}], [FEEDID={feed}],"
    " [QUEUEID={queue}]"
)
CHAT_CREATED = "Chat created successfully. [ID={id}], [SC RefURL={url}]"
POLLER = "setEventPoller: Setting event poller in session [ID={id}] ..."
EVENTS = "Received chat events for [ID={id}] \n{events}"
NO_EVENTS = "No events from SocialMiner for [ID={id}]"
CURSOR = "setLatestEventID: Setting latest event ID [{event}] in session [ID={id}] ..."
UNKNOWN_STATUS = "Unknown status event [{status}] received. Ignoring. [ID={id}] \n{event}"
JOINED = "Handing agent JOIN event. [ID={id}]"
LEFT = "Handling agent LEFT event. [ID={id}]"
BUFFER = "clearUserMessagesBuffer: Clearing buffer (contains {count} messages) [ID={id}] ..."
SENT_TEXT = "Successfully sent text message to {channel}. [ID={id}], [Message={text}]"
SENT_TYPING = "Successfully sent typing action to {channel}. [ID={id}], [Status={status}]"
SENT_CHOICES = "Successfully sent {purpose} choices to {channel}. [ID={id}]"
SAID = "Sent message [{text}] from session [ID={id}] to SocialMiner."
RATING = "Received feedback rating [{rating}] from [ID={id}]. Submitting to SocialMiner ..."
RATED = "Successfully submitted feedback rating to SocialMiner. [ID={id}]"
DESTROYING = "Destroying session [ID={id}]"
DESTROYED = "Destroyed session [ID={id}]. Session count = {count}"
SWEEPING = "Checking stale sessions ..."
STALE = "Found {count} stale sessions"
SWEPT = "Cleaned up {count} stale sessions"

# -- chatgw's own -----------------------------------------------------------------------------

KEPT = "Keeping message [{text}] of session [ID={id}] in [{state}] state."
KEPT_TOO_MANY = "Dropping message of session [ID={id}]: {count} messages are kept already."
UNDELIVERED = "{count} messages of session [ID={id}] were not delivered to an agent."
UNSUPPORTED = "Received unsupported message [{what}] in session [ID={id}]."
IGNORED_CHOICE = "Choice in session [ID={id}] has no meaning in [{state}] state. Ignoring."
LATE_RATING = "Received feedback rating from [ID={id}] after the chat had ended. Ignoring."
DUPLICATE = "Duplicate delivery of event [{event}] for [ID={id}]. Ignoring."
NO_NAME = "Could not look up the name of [ID={id}]. [{reason}]"
CHAT_NOT_CREATED = "Chat could not be created. [ID={id}], [{reason}]"
ISSUE = "SocialMiner reports an issue with the chat of [ID={id}]. [{detail}]"
CHAT_GONE = "SocialMiner no longer knows the chat of [ID={id}]."
CHAT_REFUSED = "SocialMiner refuses the events of the chat of [ID={id}]. [{detail}]"
LEFT_CHAT = "Left the SocialMiner chat of [ID={id}]."
SEEN = "Successfully sent seen mark to {channel}. [ID={id}]"
FAILED = "Failed to perform {what}. [ID={id}], [{reason}]"
UNCERTAIN = "No answer to {what}: it may have been delivered. [ID={id}], [{reason}]"
DROPPED = "Dropped {what}. [ID={id}], [{reason}]"
RETRY = "Trying {what} again in {pause} s. [ID={id}], [{reason}]"
POLL_FAILED = "Could not read chat events for [ID={id}]. [{reason}]"
POLL_RESUMED = "Reading chat events for [ID={id}] again."
CLOSED = "No new session: the channel is not enabled. [Type={type}], [ID={id}]"
NOTICED = "Received {kind} event. [ID={id}] [{detail}]"
