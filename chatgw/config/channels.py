"""The channels and what is said in them, the content of ``channels.json``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from attrs import asdict, field, frozen

from chatgw.config.forms import (
    HOST,
    LINE,
    PROSE,
    TOKEN,
    Flag,
    Form,
    Number,
    PortOrZero,
    Text,
    choice,
    or_empty,
    secret,
    text,
)
from chatgw.config.problems import MisfitError
from chatgw.config.structure import structure
from chatgw.values import Notice, Notices, ProblemStatement, Script, Secret

FACEBOOK_MESSENGER = "FACEBOOK_MESSENGER"
VERSION = "1.0"
"""Of the channel configuration's form; there is only this one."""

_MOST_STATEMENTS = 100
"""More than anyone reads; channels list what they cannot show as buttons."""

SAMPLE = "REPLACE-WITH-"
"""How the values begin that a sample file leaves to its user."""

SecretToken = Annotated[Secret, secret(TOKEN)]

USERNAME = text("a string without colon and control characters", rf"(?!.*:){LINE}*")
PREFIX = text("1 to 100 characters on one line, not blank", rf"(?=.*\S){LINE}{{1,100}}")
PASSWORD = secret(text("a string without control characters", rf"{LINE}*"))
_NO_PASSWORD = Secret("")


def _version(value: object) -> str:
    if value not in (VERSION, 1) or value is True:  # True == 1
        raise ValueError
    return VERSION


@frozen(kw_only=True)
class HttpProxy:
    """The proxy through which the channels' own servers are reached."""

    enabled: Flag = False
    host: Annotated[str, or_empty(HOST)] = ""
    port: PortOrZero = 0
    """0: not given."""
    username: Annotated[str, USERNAME] = ""
    password: Annotated[Secret, PASSWORD] = _NO_PASSWORD

    def __attrs_post_init__(self) -> None:
        if self.enabled and not self.host:
            raise MisfitError(f"{HOST.expected}, as the proxy is enabled", "nothing", ".host")
        if self.enabled and not self.port:
            raise MisfitError("a port, as the proxy is enabled", str(self.port), ".port")
        if self.password and not self.username:
            raise MisfitError("a user's name, as there is a password", "nothing", ".username")


@frozen(kw_only=True)
class Auth:
    """What proves who is who."""

    page_access_token: SecretToken
    verification_token: Annotated[Secret, secret(PROSE)]
    app_secret: SecretToken | None = None
    """Signs the webhooks; without it no signature can be checked."""


@frozen(kw_only=True)
class Statement:
    """One answer to "How can we help you?" and the queue it leads to."""

    title: Text
    queue_id: Number


@frozen(kw_only=True)
class Messages:
    """The texts a customer may get; the defaults are the original guide's."""

    CHAT_ENDED: Text = "Your chat has ended. Thank you."
    RATING_OFFER: Text = (
        "Would you like to rate your chat experience on a scale of 1 [worst] to 5 [best]? "
        "Select a rating."
    )
    UNSUPPORTED_MESSAGE: Text = "Sorry, we support only text messages and emojis."
    PROBLEM_STATEMENT_CAPTION: Text = "How can we help you? Choose from one of the options."
    CHAT_ENDED_UNKNOWN_ERROR: Text = "Oops! An error occurred. Chat has ended. Try again later."
    WAIT_FOR_AGENT: Text = "Just a moment...finding an expert to chat with you."
    AGENT_JOIN_TIMEOUT: Text = (
        "We are busy at the moment. You can continue to wait or try again later."
    )
    WELCOME_MESSAGE: Text = "Hello! Welcome to ABCD Customer Care."
    CHAT_ENDED_INACTIVITY: Text = "Chat has ended due to inactivity. You can contact us again."
    RATING_COMPLETE: Text = "Thank you for the feedback."
    CHAT_ENDED_AGENT_UNAVAILABLE: Text = (
        "Sorry, we could not find an expert to chat with you at this moment. Try again later."
    )


@frozen(kw_only=True)
class AgentNotices:
    """What an agent is told by the gateway itself, in the customer's chat."""

    prefix: Annotated[str, PREFIX] = "[chatgw]"
    """How each notice begins: what tells it from the customer's own words."""
    undelivered: Flag = True
    unsupported: Flag = True
    edited: Flag = True
    inbox: Flag = True
    thread: Flag = True

    @property
    def notices(self) -> Notices:
        """The same for a conversation's script."""
        return Notices(self.prefix, frozenset(n for n in Notice if getattr(self, n.value)))


@frozen(kw_only=True)
class Channel:
    """One account of a messaging service, such as a Facebook page."""

    type: Annotated[str, choice(FACEBOOK_MESSENGER)]
    enabled: Flag = True
    auth: Auth
    chat_feed_id: Number
    """The desk's feed on which chats are opened."""
    problem_statements: tuple[Statement, ...]
    messages: Messages = field(default=Messages(), repr=False)
    rating_enabled: Flag = False
    page_id: Number | None = None
    """The company's side; None: to be asked for with the page access token."""
    human_agent_tag: Flag = False
    """Whether agents may answer later than 24 h, for which Meta has to permit the tag."""
    agent_notices: AgentNotices = AgentNotices()

    def __attrs_post_init__(self) -> None:
        count = len(self.problem_statements)
        if not 1 <= count <= _MOST_STATEMENTS:
            expected = f"1 to {_MOST_STATEMENTS} problem statements"
            raise MisfitError(expected, str(count), ".problemStatements")
        titles = set()
        for index, statement in enumerate(self.problem_statements):
            title = statement.title.strip().casefold()  # as a customer types it
            if title in titles:
                at = f".problemStatements[{index}].title"
                raise MisfitError("a title of its own", "that of another problem statement", at)
            titles.add(title)

    @property
    def script(self) -> Script:
        """What this channel makes a conversation say and do."""
        return Script(
            feed_id=self.chat_feed_id,
            statements=tuple(
                ProblemStatement(s.title, s.queue_id) for s in self.problem_statements
            ),
            messages=asdict(self.messages),
            rating_enabled=self.rating_enabled,
            notices=self.agent_notices.notices,
        )


@frozen(kw_only=True)
class ChannelConfiguration:
    """All of ``channels.json``. Without channels the gateway is NOT_CONFIGURED, which is legal."""

    version: Annotated[str, Form(f'"{VERSION}"', _version)]
    http_proxy: HttpProxy = HttpProxy()
    channels: tuple[Channel, ...] = ()

    def __attrs_post_init__(self) -> None:
        taken = set()
        for index, each in enumerate(self.channels):
            if each.enabled and each.type in taken:
                at = f".channels[{index}].enabled"
                raise MisfitError("false, as another channel of this type is enabled", "true", at)
            if each.enabled:
                taken.add(each.type)

    def warnings(self) -> Iterator[str]:
        """What an operator should know of, though it can be used: key path and text."""
        for index, channel in enumerate(self.channels):
            at = f"channels[{index}]"
            if channel.enabled and channel.auth.page_access_token.reveal().startswith(SAMPLE):
                yield f"{at}.auth.pageAccessToken: still the sample's, by which nothing can be sent"
            if channel.enabled and channel.auth.app_secret is None:
                yield f"{at}.auth.appSecret: not given, so that anyone can pass for the channel"


def read_channels(data: object, source: str = "channels.json") -> ChannelConfiguration:
    """The channel configuration in a JSON document.

    Raises:
        ConfigurationError: it holds something else.
    """
    return structure(source, data, ChannelConfiguration)
