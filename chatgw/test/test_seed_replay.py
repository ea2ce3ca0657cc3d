"""The chats of the original guide, played again: chatgw's log against the predecessor's.

Every line that differs must be told of in the fixture, with a deviation that docs/deviations.md
explains. Facebook takes half a second a call here; the desk takes as long as it did then.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from pathlib import Path

from attrs import evolve, field, frozen
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.trial.unittest import SkipTest, SynchronousTestCase

import chatgw
from chatgw.desks.socialminer_events import read_events
from chatgw.interfaces import Batch
from chatgw.logs import LogFiles
from chatgw.test.fakes import Answer, FakeDesk, Late
from chatgw.test.world import World
from chatgw.values import (
    ChatHandle,
    Done,
    Effect,
    Failed,
    LookUpName,
    OpenChat,
    ProblemStatement,
    Script,
    Secret,
)

NEW_YORK_SUMMER = timezone(timedelta(hours=-4))
AGENT = "agent7901"
CONTACT = "http://localhost/ccp-webapp/ccp/socialcontact/7CC1846210000165000000000A5640DC"

SCRIPT = Script(
    "100029",
    tuple(ProblemStatement(f"1162FBM{n}", str(3 + n)) for n in (1, 2, 3)),
    {
        "WELCOME_MESSAGE": "Hello! Welcome to ABCD Customer Care.",
        "PROBLEM_STATEMENT_CAPTION": "How can we help you? Choose from one of the options.",
        "WAIT_FOR_AGENT": "Just a moment...finding an expert to chat with you.",
        "RATING_OFFER": "Select a rating.",
        "RATING_COMPLETE": "Thank you for the feedback.",
        "CHAT_ENDED": "Your chat has ended. Thank you!",
    },
    rating_enabled=True,
)


def when(time: str) -> float:
    """A time of day of the log, in seconds since the epoch."""
    moment = datetime.fromisoformat(f"2018-08-27 {time}").replace(tzinfo=NEW_YORK_SUMMER)
    return moment.timestamp()


@frozen
class Span:
    """A part of the log that the guide shows."""

    begins: float
    ends: float
    title: str
    chatgws: list[str] = field(factory=list)
    """What chatgw is expected to write."""


def fixture() -> tuple[list[Span], set[str]]:
    """The spans, and the deviations named in them."""
    spans: list[Span] = []
    deviations: set[str] = set()
    kept = False
    for line in (files("chatgw.test") / "seed_chat.txt").read_text("utf-8").splitlines():
        mark, rest = line[:1], line[1:]
        if mark in ("", "#"):
            continue
        if mark == "@":
            begins, ends, title = rest.strip().split(" ", 2)
            spans.append(Span(when(begins), when(ends), title))
        elif rest.startswith("|"):
            if kept:
                spans[-1].chatgws[-1] += "\n" + rest[1:]
        else:
            text = rest[15:]
            if mark in ("+", "-"):
                text, _, deviation = text.removesuffix("}").rpartition("  {")
                deviations.add(deviation)
            kept = mark != "-"
            if kept:
                spans[-1].chatgws.append(text)
    return spans, deviations


class GuideDesk(FakeDesk):
    """A desk that speaks SocialMiner's XML, and is as slow as the guide's."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.xml: dict[int, str] = {}
        self.usually = self._as_slow_as_then

    def poll(self, chat: ChatHandle, after: int) -> Deferred[Batch | Failed]:
        """The events after a cursor, read from the XML."""
        self.polls.append((self.clock.seconds(), chat, after))
        events = "".join(text for number, text in self.xml.items() if number > after)
        body = f"<chatEvents>{events}</chatEvents>".encode()
        return succeed(read_events(body, after).batch)

    def _as_slow_as_then(self, effect: Effect) -> Answer:
        if isinstance(effect, OpenChat):
            self.xml.clear()
            return Late(2.794, Done(ChatHandle(Secret("JSESSIONID=1"), CONTACT)))
        return Late(0.040, Done())

    def status(self, number: int, status: str) -> None:
        """How the chat stands."""
        self._event("Status", number, f"<status>{status}</status>")

    def presence(self, number: int, status: str) -> None:
        """The agent joins or leaves."""
        self._event("Presence", number, f"<from>{AGENT}</from><status>{status}</status>")

    def message(self, number: int, body: str) -> None:
        """The agent writes; the body is form-encoded."""
        self._event("Message", number, f"<body>{body}</body><from>{AGENT}</from>")

    def typing(self, number: int, status: str) -> None:
        """The agent types."""
        self._event("Typing", number, f"<from>{AGENT}</from><status>{status}</status>")

    def _event(self, kind: str, number: int, inner: str) -> None:
        self.xml[number] = f"<{kind}Event><id>{number}</id>{inner}</{kind}Event>"


class ReplayTests(SynchronousTestCase):
    """27 August 2018, 14:59 to 20:00."""

    maxDiff = None  # a deviation is to be read whole

    def setUp(self) -> None:
        self.world = World(SCRIPT, start=when("14:59:01.781"))
        self.world.channel.usually = self.as_quick_as_now
        self.desk = self.world.desk = GuideDesk(self.world.clock)
        self.world.registry.use(self.world.parts(SCRIPT))
        self.lines: list[tuple[float, str]] = []
        log = LogFiles(Path(self.mktemp()), level="silly")
        log.add(self.note)
        globalLogPublisher.addObserver(log)
        self.addCleanup(log.close)
        self.addCleanup(globalLogPublisher.removeObserver, log)

    def note(self, line: str) -> None:
        """Keeps a line of the log: its text without the blanks before a line's end."""
        text = re.sub(" +\n", "\n", line.partition(" - ")[2])
        self.lines.append((self.world.clock.seconds(), text))

    def as_quick_as_now(self, effect: Effect) -> Answer:
        """Facebook by kept connections."""
        return (
            Late(0.7, Done("Amar Kumar")) if isinstance(effect, LookUpName) else Late(0.5, Done())
        )

    def at(self, time: str) -> None:
        """Lets time pass until then."""
        self.world.advance(when(time) - self.world.clock.seconds())

    def first_chat(self) -> None:
        """Both webhook deliveries of each event that the predecessor handled twice."""
        world, desk = self.world, self.desk
        world.wrote("Hi")
        self.at("14:59:39.172")
        world.chose("statement:4")
        desk.status(1, "chat_ok")
        self.at("14:59:51.000")
        desk.presence(2, "joined")
        self.at("15:00:11.000")
        desk.typing(3, "composing")
        self.at("15:00:16.000")
        desk.message(4, "Hi+How+can+I+help+you%3F")
        desk.typing(5, "paused")
        self.at("15:00:52.420")
        world.wrote("I need help with troubleshooting my problem", event_id="m_help")
        self.at("15:00:52.462")
        world.wrote("I need help with troubleshooting my problem", event_id="m_help")
        self.at("15:01:02.028")
        world.wrote("Sure", event_id="m_sure")
        self.at("15:46:06.000")
        desk.presence(11, "left")
        self.at("15:46:23.887")
        world.chose("rating:5", event_id="m_rating")
        self.at("15:46:23.892")
        world.chose("rating:5", event_id="m_rating")
        self.at("15:46:40.000")

    def second_chat(self) -> None:
        """Ratings have been switched off meanwhile, without a restart."""
        world, desk = self.world, self.desk
        world.registry.use(world.parts(evolve(SCRIPT, rating_enabled=False)))
        self.at("15:51:45.900")
        world.wrote("Hello again")
        self.at("15:51:50.900")
        world.chose("statement:4")
        self.at("15:52:00.000")
        desk.presence(2, "joined")
        self.at("15:52:40.000")
        desk.presence(8, "left")
        self.at("20:00:00.000")

    def test_the_log_is_the_predecessors_but_for_the_deviations_told(self) -> None:
        self.first_chat()
        self.second_chat()
        spans, _ = fixture()
        for span in spans:
            written = [text for at, text in self.lines if span.begins <= at <= span.ends]
            self.assertEqual("\n".join(written), "\n".join(span.chatgws), span.title)

    def test_the_customer_reads_what_the_original_customer_read(self) -> None:
        self.first_chat()
        self.assertEqual(
            self.world.read(),
            [
                "Hello! Welcome to ABCD Customer Care.",
                "How can we help you? Choose from one of the options.",
                "Just a moment...finding an expert to chat with you.",
                "Hi How can I help you?",
                "Select a rating.",
                "Thank you for the feedback.",
            ],
        )
        self.assertEqual(
            self.world.heard(), ["Hi", "I need help with troubleshooting my problem", "Sure"]
        )

    def test_every_deviation_is_explained(self) -> None:
        page = Path(chatgw.__file__).parent.parent / "docs" / "deviations.md"
        if not page.exists():
            raise SkipTest("the manual is not installed")
        explained = set(re.findall(r"^\| `([a-z-]+)` \|", page.read_text("utf-8"), re.MULTILINE))
        _, deviations = fixture()
        self.assertEqual(deviations - explained, set())
