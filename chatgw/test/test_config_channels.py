"""``channels.json``: what it may hold, and what is said of anything else."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from chatgw.config.channels import USERNAME, read_channels
from chatgw.config.forms import HOST
from chatgw.config.problems import ConfigurationError
from chatgw.values import Notice, Notices, ProblemStatement, Secret


def channel(**changes: object) -> dict[str, Any]:
    """A channel as the contact centre's administrators know it, with some keys changed."""
    return {
        "type": "FACEBOOK_MESSENGER",
        "enabled": True,
        "auth": {"pageAccessToken": "page-access-token", "verificationToken": "verify me"},
        "problemStatements": [
            {"title": "1162FBM1", "queueId": 4},
            {"title": "1162FBM2", "queueId": "5"},
        ],
        "chatFeedId": 100029,
        "messages": {"CHAT_ENDED": "Bye."},
        "ratingEnabled": True,
    } | changes


def document(*channels: object, **changes: object) -> dict[str, Any]:
    """A whole channel configuration."""
    proxy = {"enabled": True, "host": "proxy.example.com", "port": 8080}
    return {"version": "1.0", "httpProxy": proxy, "channels": list(channels)} | changes


class AChannel(SynchronousTestCase):
    def test_keeps_what_the_file_says(self) -> None:
        auth = {"pageAccessToken": "p", "verificationToken": "v w", "appSecret": "s"}
        configuration = read_channels(document(channel(auth=auth, pageId=12)))
        (only,) = configuration.channels
        self.assertEqual(
            (only.type, only.enabled, only.page_id), ("FACEBOOK_MESSENGER", True, "12")
        )
        self.assertEqual(only.auth.page_access_token, Secret("p"))
        self.assertEqual(only.auth.verification_token, Secret("v w"))
        self.assertEqual(only.auth.app_secret, Secret("s"))
        proxy = configuration.http_proxy
        self.assertEqual((proxy.enabled, proxy.host, proxy.port), (True, "proxy.example.com", 8080))
        self.assertEqual((proxy.username, proxy.password), ("", Secret("")))

    def test_gives_the_conversation_its_script(self) -> None:
        script = read_channels(document(channel())).channels[0].script
        self.assertEqual(script.feed_id, "100029")
        self.assertEqual(
            script.statements,
            (ProblemStatement("1162FBM1", "4"), ProblemStatement("1162FBM2", "5")),
        )
        self.assertTrue(script.rating_enabled)

    def test_tells_the_agent_of_everything_unless_it_is_told_not_to(self) -> None:
        notices = read_channels(document(channel())).channels[0].script.notices
        self.assertEqual(notices, Notices())
        self.assertEqual(notices.kinds, frozenset(Notice))
        for kind in Notice:
            some = channel(agentNotices={"prefix": "***", kind.value: False})
            notices = read_channels(document(some)).channels[0].script.notices
            self.assertEqual(notices, Notices("***", frozenset(Notice) - {kind}))

    def test_uses_metas_tag_for_late_answers_only_where_it_is_told_to(self) -> None:
        for given in ({}, {"humanAgentTag": False}, {"humanAgentTag": True}):
            (only,) = read_channels(document(channel(**given))).channels
            self.assertIs(only.human_agent_tag, given.get("humanAgentTag", False))

    def test_says_the_original_guides_text_where_none_is_given(self) -> None:
        messages = read_channels(document(channel())).channels[0].script.messages
        self.assertEqual(len(messages), 11)
        self.assertEqual(messages["CHAT_ENDED"], "Bye.")
        self.assertEqual(
            messages["WAIT_FOR_AGENT"], "Just a moment...finding an expert to chat with you."
        )

    def test_takes_ids_as_numbers_and_as_digits(self) -> None:
        for feed in (0, 100029, "100029", "0042"):
            (only,) = read_channels(document(channel(chatFeedId=feed))).channels
            self.assertEqual(only.chat_feed_id, str(feed))
        wrong: list[object] = [-1, 1.5, True, "", "x", "1 ", "４", 10**20, None, [1]]
        for value in wrong:
            configuration = document(channel(chatFeedId=value))
            self.assertRaises(ConfigurationError, read_channels, configuration)

    def test_takes_null_for_an_optional_key_left_out(self) -> None:
        (only,) = read_channels(document(channel(pageId=None))).channels
        self.assertIsNone(only.page_id)


class TheWhole(SynchronousTestCase):
    def test_version_is_a_string_or_a_number(self) -> None:
        for version in ("1.0", 1.0, 1):
            self.assertEqual(read_channels(document(version=version)).version, "1.0")
        wrong: list[object] = ["1", "2.0", 1.1, True, None, []]
        for value in wrong:
            self.assertRaises(ConfigurationError, read_channels, document(version=value))

    def test_may_be_without_channels(self) -> None:
        self.assertEqual(read_channels({"version": "1.0"}).channels, ())
        self.assertRaises(ConfigurationError, read_channels, {})

    def test_a_disabled_channel_may_stand_beside_the_enabled_one(self) -> None:
        both = read_channels(document(channel(), channel(enabled=False))).channels
        self.assertEqual([each.enabled for each in both], [True, False])

    def test_warns_of_a_channel_whose_webhooks_cannot_be_checked(self) -> None:
        configuration = read_channels(document(channel(), channel(enabled=False)))
        self.assertEqual(
            list(configuration.warnings()),
            ["channels[0].auth.appSecret: not given, so that anyone can pass for the channel"],
        )
        signed = channel(auth=channel()["auth"] | {"appSecret": "s"})
        self.assertEqual(list(read_channels(document(signed)).warnings()), [])


class Problems(SynchronousTestCase):
    def assertProblem(self, configuration: object, *lines: str) -> None:
        error = self.assertRaises(ConfigurationError, read_channels, configuration)
        self.assertEqual(error.problems, tuple(f"channels.json: {line}" for line in lines))

    def test_are_all_told_with_the_way_to_each(self) -> None:
        auth = {"verificationToken": " ", "appSecret": "a b"}
        messages = {"WELCOME": "x", "CHAT_ENDED": ""}
        self.assertProblem(
            document(7, channel(type="SMOKE", auth=auth, messages=messages), version="3"),
            'version: expected "1.0", found a string of 1 character',
            "channels[0]: expected an object, found a number",
            'channels[1].type: expected "FACEBOOK_MESSENGER", found a string of 5 characters',
            "channels[1].auth.pageAccessToken: "
            "expected a non-empty string of ASCII characters without spaces, found nothing",
            "channels[1].auth.verificationToken: "
            "expected a string that is not blank, found a string of 1 character",
            "channels[1].auth.appSecret: expected a non-empty string of ASCII characters "
            "without spaces, found a string of 3 characters",
            "channels[1].messages.CHAT_ENDED: "
            "expected a string that is not blank, found an empty string",
            'channels[1].messages.WELCOME: unknown key; did you mean "WELCOME_MESSAGE"?',
        )

    def test_half_a_character_is_no_text(self) -> None:
        self.assertProblem(
            document(channel(messages={"CHAT_ENDED": "bye \ud83d"})),
            "channels[0].messages.CHAT_ENDED: "
            "expected a string that is not blank, found a string of 5 characters",
        )

    def test_a_notice_has_a_prefix_on_one_line(self) -> None:
        expected = "expected 1 to 100 characters on one line, not blank"
        wrong = [("", "an empty string"), (" ", "a string of 1 character")]
        wrong += [("a\nb", "a string of 3 characters"), ("x" * 101, "a string of 101 characters")]
        for prefix, found in wrong:
            self.assertProblem(
                document(channel(agentNotices={"prefix": prefix})),
                f"channels[0].agentNotices.prefix: {expected}, found {found}",
            )
        read_channels(document(channel(agentNotices={"prefix": "게이트웨이:"})))
        self.assertProblem(
            document(channel(agentNotices={"treads": True, "edited": "no"})),
            "channels[0].agentNotices.edited: "
            "expected true or false, found a string of 2 characters",
            'channels[0].agentNotices.treads: unknown key; did you mean "thread"?',
        )

    def test_problem_statements_are_1_to_100_with_titles_of_their_own(self) -> None:
        statements = [{"title": str(number), "queueId": 1} for number in range(101)]
        read_channels(document(channel(problemStatements=statements[:100])))
        for number in (0, 101):
            self.assertProblem(
                document(channel(problemStatements=statements[:number])),
                "channels[0].problemStatements: "
                f"expected 1 to 100 problem statements, found {number}",
            )
        twice = [{"title": "Sales", "queueId": 1}, {"title": "sales ", "queueId": 2}]
        self.assertProblem(
            document(channel(problemStatements=twice)),
            "channels[0].problemStatements[1].title: "
            "expected a title of its own, found that of another problem statement",
        )
        self.assertProblem(
            document(channel(problemStatements={})),
            "channels[0].problemStatements: expected a list, found an object",
        )

    def test_only_one_channel_of_a_type_is_enabled(self) -> None:
        self.assertProblem(
            document(channel(pageId=1), channel(pageId=2)),
            "channels[1].enabled: expected false, as another channel of this type is enabled, "
            "found true",
        )

    def test_an_enabled_proxy_has_an_address(self) -> None:
        self.assertFalse(read_channels(document(httpProxy={})).http_proxy.enabled)
        off = {"enabled": False, "host": "", "port": 0}
        self.assertFalse(read_channels(document(httpProxy=off)).http_proxy.enabled)
        for proxy, problem in [
            (
                {"enabled": True, "port": 1},
                f"host: expected {HOST.expected}, as the proxy is enabled, found nothing",
            ),
            (
                {"enabled": True, "host": "p"},
                "port: expected a port, as the proxy is enabled, found 0",
            ),
            (
                {"password": "word"},
                "username: expected a user's name, as there is a password, found nothing",
            ),
            (
                {"username": "a:b"},
                f"username: expected {USERNAME.expected}, found a string of 3 characters",
            ),
        ]:
            self.assertProblem(document(httpProxy=proxy), f"httpProxy.{problem}")
