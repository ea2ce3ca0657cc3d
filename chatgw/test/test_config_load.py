"""A whole configuration folder; and what holds for any content of it."""

from __future__ import annotations

import json
import traceback
from pathlib import Path
from typing import Any

from attrs import fields
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SkipTest, SynchronousTestCase

from chatgw.config.channels import AgentNotices, ChannelConfiguration, read_channels
from chatgw.config.load import CHANNELS, SETTINGS, load
from chatgw.config.problems import ConfigurationError
from chatgw.config.settings import Delivery, Sessions, Settings, read_settings
from chatgw.test.test_config_channels import channel, document
from chatgw.test.test_config_settings import predecessors, with_value
from chatgw.values import Notice

SAMPLES = Path(__file__).parents[2] / "etc"
PUBLIC = {"title", "host", "username", "prefix"}
"""The keys that may hold any word and are no secret."""
SECRET = "EAAVsecretsecretsecretsecretsecret"


def full() -> dict[str, Any]:
    """A channel configuration that uses every key."""
    auth = {"pageAccessToken": "p", "verificationToken": "v", "appSecret": "s"}
    proxy = {"enabled": True, "host": "h", "port": 1, "username": "u", "password": "w"}
    notices = {"prefix": "[us]", **dict.fromkeys((each.value for each in Notice), False)}
    only = channel(auth=auth, pageId=1, humanAgentTag=True, agentNotices=notices)
    return document(only, httpProxy=proxy)


def places(value: object, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to everything in a document."""
    found = [way] if way else []
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return found + [each for key, item in inner for each in places(item, (*way, key))]


def replaced(value: Any, way: tuple[Any, ...], new: object) -> Any:
    """The document with something else in one place."""
    *before, last = way
    place = value
    for key in before:
        place = place[key]
    place[last] = new
    return value


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class Folders(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def write(self, name: str, content: object, mode: int = 0o600) -> None:
        path = self.folder / name
        path.write_text(json.dumps(content))
        path.chmod(mode)

    def test_a_token_in_clear_is_warned_of_and_a_proxy_needs_https(self) -> None:
        self.write(CHANNELS, {"version": "1.0"})
        for url, told in (
            ("https://graph.example", ()),
            ("http://127.0.0.1:8090", ()),
            ("http://graph.example", ("settings.json: graph.baseUrl: not https",)),
        ):
            self.write(SETTINGS, with_value("graph.baseUrl", url))
            warnings = load(self.folder).warnings
            self.assertEqual([w.partition(",")[0] for w in warnings], list(told))
        self.write(CHANNELS, full())
        error = self.assertRaises(ConfigurationError, load, self.folder)
        self.assertIn("graph.baseUrl: expected https, as a proxy is enabled", str(error))

    def test_hold_both_files(self) -> None:
        self.write(SETTINGS, predecessors())
        self.write(CHANNELS, full())
        configuration = load(self.folder)
        self.assertEqual(configuration.settings, read_settings(predecessors()))
        self.assertEqual(configuration.channels, read_channels(full()))
        self.assertEqual(configuration.directory, self.folder.absolute())
        self.assertEqual(configuration.warnings, ())

    def test_may_be_without_channels_but_not_without_settings(self) -> None:
        error = self.assertRaises(ConfigurationError, load, self.folder)
        self.assertEqual(error.problems, ("settings.json: expected a file, found nothing",))
        self.write(SETTINGS, predecessors())
        configuration = load(self.folder)
        self.assertEqual(configuration.channels, ChannelConfiguration(version="1.0"))
        self.assertEqual(
            configuration.warnings, ("channels.json: not found, so there are no channels",)
        )

    def test_are_told_all_that_is_wrong_in_either_file(self) -> None:
        self.write(SETTINGS, with_value("server.prot", 1))
        (self.folder / CHANNELS).write_text("{")
        error = self.assertRaises(ConfigurationError, load, self.folder)
        self.assertEqual(
            str(error),
            'settings.json: server.prot: unknown key; did you mean "port"?\n'
            "channels.json: line 1, column 2: expected JSON: "
            "Expecting property name enclosed in double quotes",
        )

    def test_are_where_relative_file_names_start(self) -> None:
        settings = with_value("server.sslKeyPath", "tls/key.pem")
        settings["graph"] = {"caFile": "ca.pem"}
        settings["socialMiner"]["caFile"] = "/etc/ca.pem"
        self.write(SETTINGS, settings)
        loaded = load(self.folder).settings
        self.assertEqual(loaded.server.ssl_key_path, str(self.folder.absolute() / "tls/key.pem"))
        self.assertEqual(loaded.server.ssl_cert_path, predecessors()["server"]["sslCertPath"])
        self.assertEqual(loaded.graph.ca_file, str(self.folder.absolute() / "ca.pem"))
        self.assertEqual(loaded.social_miner.ca_file, "/etc/ca.pem")

    def test_warn_of_secrets_open_to_every_user(self) -> None:
        self.write(SETTINGS, predecessors(), 0o644)
        for mode in (0o600, 0o640, 0o660):
            self.write(CHANNELS, full(), mode)
            self.assertEqual(load(self.folder).warnings, ())
        for mode in (0o604, 0o644, 0o602):
            self.write(CHANNELS, full(), mode)
            (warning,) = load(self.folder).warnings
            self.assertEqual(
                warning,
                "channels.json: holds secrets and is open to every user: set its mode to 0600",
            )

    def test_of_samples_load(self) -> None:
        if not SAMPLES.is_dir():
            raise SkipTest("the samples are not installed")
        configuration = load(SAMPLES)
        (only,) = configuration.channels.channels
        self.assertTrue(only.enabled)
        self.assertEqual(configuration.settings.server.port, 10443)
        self.assertNotIn("REPLACE", repr(configuration))

    def test_of_samples_show_the_defaults_of_what_chatgw_adds(self) -> None:
        if not SAMPLES.is_dir():
            raise SkipTest("the samples are not installed")
        configuration = load(SAMPLES)
        settings, (only,) = configuration.settings, configuration.channels.channels
        self.assertEqual((settings.sessions, settings.delivery), (Sessions(), Delivery()))
        self.assertEqual((only.human_agent_tag, only.agent_notices), (False, AgentNotices()))
        written = json.loads((SAMPLES / SETTINGS).read_text("utf-8"))
        self.assertEqual(len(written["sessions"]), len(fields(Sessions)))
        self.assertEqual(len(written["delivery"]), len(fields(Delivery)))


class AnyContent(SynchronousTestCase):
    @given(json_values)
    def test_loads_or_is_a_configuration_error(self, content: object) -> None:
        for read in (read_settings, read_channels):
            self.assertRaises(ConfigurationError, read, content)

    @given(st.data())
    def test_in_any_place_loads_or_is_a_configuration_error(self, data: st.DataObject) -> None:
        value = data.draw(json_values)
        way = data.draw(st.sampled_from(places(predecessors())))
        try:
            self.assertIsInstance(read_settings(replaced(predecessors(), way, value)), Settings)
        except ConfigurationError as error:
            self.assertTrue(error.problems)
        way = data.draw(st.sampled_from(places(full())))
        try:
            read = read_channels(replaced(full(), way, value))
            self.assertIsInstance(read, ChannelConfiguration)
        except ConfigurationError as error:
            self.assertTrue(error.problems)

    def test_secret_in_any_place_is_never_shown(self) -> None:
        wrong: list[object] = [SECRET, SECRET + " ", [SECRET], {SECRET: SECRET}, {"x": SECRET}]
        for way in places(full()):
            for value in wrong:
                try:
                    shown = repr(read_channels(replaced(full(), way, value)))
                    self.assertEqual(SECRET in shown, way[-1] in PUBLIC)
                except ConfigurationError as error:
                    self.assertNotIn(SECRET, "".join(traceback.format_exception(error)))
                    self.assertIsNone(error.__context__)

    def test_secret_in_the_place_of_a_key_is_never_shown(self) -> None:
        for way in places(full()):
            if isinstance(way[-1], str):
                error = self.assertRaises(
                    ConfigurationError, read_channels, replaced(full(), (*way[:-1], SECRET), 1)
                )
                self.assertIn(f"[a name of {len(SECRET)} characters]: unknown key", str(error))
                self.assertNotIn(SECRET, str(error))
