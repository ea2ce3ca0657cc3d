"""The log of a whole chat: the predecessor's words to the letter, and no secret at any level."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.logger import globalLogPublisher

from chatgw import wording
from chatgw.logs import LogFiles
from chatgw.sim.faults import Fault
from chatgw.sim.socialminer.chat import Chat
from chatgw.test.whole import INTERVAL, WholeTestCase
from chatgw.values import Secret

AGENT = "agent7901"
PSID = "2242240722460512"
TOKENS = ("EAAB-page-token", "app-secret", "verify-me")

FORMATS = """\
Creating new session. [Type=%s], [ID=%s] ...
Created session for user [ID=%s]. Session count = %s
Scheduling an interval to check and clean stale sessions ...
setUserName: Setting user name of session [ID=%s] to %s ...
setSessionState: Setting state of session [ID=%s] to %s ...
Posting a chat request to SocialMiner [ID=%s], [HOST=%s], [FEEDID=%s], [QUEUEID=%s]
Chat created successfully. [ID=%s], [SC RefURL=%s]
setEventPoller: Setting event poller in session [ID=%s] ...
Received chat events for [ID=%s] \\n%s
No events from SocialMiner for [ID=%s]
setLatestEventID: Setting latest event ID [%s] in session [ID=%s] ...
Unknown status event [%s] received. Ignoring. [ID=%s] \\n%s
Handing agent JOIN event. [ID=%s]
Handling agent LEFT event. [ID=%s]
clearUserMessagesBuffer: Clearing buffer (contains %s messages) [ID=%s] ...
Successfully sent text message to %s. [ID=%s], [Message=%s]
Successfully sent typing action to %s. [ID=%s], [Status=%s]
Successfully sent %s choices to %s. [ID=%s]
Sent message [%s] from session [ID=%s] to SocialMiner.
Received feedback rating [%s] from [ID=%s]. Submitting to SocialMiner ...
Successfully submitted feedback rating to SocialMiner. [ID=%s]
Destroying session [ID=%s]
Destroyed session [ID=%s]. Session count = %s
Checking stale sessions ...
Found %s stale sessions
Cleaned up %s stale sessions
"""
"""Wire reference, SocialMiner section 7."""


_POLL = f"debug: Received chat events for [ID={PSID}] \n"
OBJECTS = (
    _POLL + "{ chatEvents: '' }\n",
    _POLL
    + """\
{ chatEvents:
   { StatusEvent: { id: '1', status: 'chat_ok' },
     PresenceEvent: { id: '2', from: 'agent7901', status: 'joined' } } }
""",
    _POLL
    + """\
{ chatEvents:
   { MessageEvent: { id: '5', body: 'Hi+How+can+I+help+you%3F', from: 'agent7901' },
     TypingEvent: { id: '6', from: 'agent7901', status: 'paused' } } }
""",
    f"""\
warn: Unknown status event [chat_ok] received. Ignoring. [ID={PSID}] \n\
{{ type: 'StatusEvent', id: '1', status: 'chat_ok' }}
""",
)
"""As Node 8 prints them, after a blank and a line's end."""


class LogTestCase(WholeTestCase):
    level = "silly"

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.mktemp())
        log = LogFiles(self.folder, level=self.level)
        # The last line of defence is not what is tested here: nothing is blanked afterwards.
        globalLogPublisher.addObserver(log)
        self.addCleanup(log.close)
        self.addCleanup(globalLogPublisher.removeObserver, log)

    def whole_chat(self) -> Chat:
        """From the first word to the rating."""
        chat = self.talk(PSID)
        model = self.desk.model
        model.typing(chat.contact.id, AGENT, "composing")
        self.advance(INTERVAL)
        model.say(chat.contact.id, AGENT, "Hi How can I help you?")
        model.typing(chat.contact.id, AGENT, "paused")
        self.advance(INTERVAL)
        self.write(PSID, "I need help with troubleshooting my problem")
        self.advance(INTERVAL)
        model.leave(chat.contact.id, AGENT)
        self.advance(INTERVAL)
        self.tap(PSID, "5")
        self.advance(INTERVAL)
        return chat

    def written(self) -> str:
        """The log file."""
        return (self.folder / "log.log").read_text("utf-8")


class WordingTests(LogTestCase):
    def test_every_format_is_the_predecessors(self) -> None:
        values = [value for name, value in vars(wording).items() if name.isupper()]
        ours = {re.sub(r"\{\w+\}", "%s", value).replace("\n", r"\n") for value in values}
        self.assertEqual(set(FORMATS.splitlines()) - ours, set())

    def test_objects_are_printed_as_node_did(self) -> None:
        self.whole_chat()
        text = self.written()
        for expected in OBJECTS:
            self.assertIn(expected, text)

    def test_every_line_has_the_predecessors_form(self) -> None:
        self.whole_chat()
        stamped = re.compile(
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} - (error|warn|info|debug|silly): \S.*"
        )
        for line in self.written().splitlines():
            self.assertTrue(stamped.fullmatch(line) or line.startswith(("{ ", "   ")), line)


class SecrecyTests(LogTestCase):
    """facebook-for-woocommerce PR#4029, koala PR#655, mautrix/facebook#128."""

    def test_no_secret_is_in_the_log_of_a_whole_chat(self) -> None:
        session_id = self.whole_chat().contact.session_id
        self.nothing_of(*TOKENS, session_id)

    def test_nor_in_that_of_a_chat_in_which_all_goes_wrong(self) -> None:
        chat = self.talk(PSID)
        for fault in (
            Fault("events", "error", status=404, body="<a>"),
            Fault("message", "error", status=500),
            Fault("events", "garbage"),
            Fault("events", "lose"),
        ):
            self.desk.faults.script(fault)
            self.write(PSID, "hello?")
            self.advance(INTERVAL)
        self.meta.account.page_access_token = Secret("EAAB-another")
        self.write(PSID, "hello?")
        self.advance(10 * INTERVAL)
        self.nothing_of(*TOKENS, "EAAB-another", chat.contact.session_id)

    def nothing_of(self, *secrets: str) -> None:
        """None of these is in any file of the log."""
        text = "".join(path.read_text("utf-8") for path in self.folder.rglob("*.log"))
        self.assertIn(PSID, text)
        for secret in secrets:
            self.assertNotIn(secret, text)


class MaskingTests(LogTestCase):
    """vumi-messenger logged message bodies at info."""

    level = "debug"

    def test_below_silly_nothing_that_people_wrote_is_in_the_log(self) -> None:
        self.whole_chat()
        text = self.written()
        for words in ("Hi from", "How can I help", "How+can+I+help", "troubleshooting"):
            self.assertNotIn(words, text)
        self.assertIn("Sent message [(43 characters)] from session", text)
