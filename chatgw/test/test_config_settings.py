"""``settings.json``: what it may hold, and what is said of anything else."""

from __future__ import annotations

from typing import Any

from attrs import asdict
from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.config.problems import ConfigurationError
from chatgw.config.settings import (
    Delivery,
    Rating,
    Sessions,
    Settings,
    SocialMiner,
    as_logged,
    read_settings,
)


def predecessors() -> dict[str, Any]:
    """The settings which the predecessor's startup log prints, as its file has them."""
    return {
        "server": {
            "port": 10443,
            "sslKeyPath": "/usr/local/platform/.security/tomcat/keys/tomcat_priv.pem",
            "sslCertPath": "/usr/local/platform/.security/tomcat/certs/tomcat.pem",
            "maxRequestsPerMinute": 3000,
        },
        "socialMiner": {"host": "localhost", "port": 80, "pollingIntervalMS": 5000},
        "log": {"maxSizeBytes": 20480000, "maxFileCount": 20, "level": "silly"},
    }


def with_value(path: str, value: object) -> dict[str, Any]:
    """The predecessor's settings with one more, or another, value."""
    document = predecessors()
    *groups, key = path.split(".")
    place: dict[str, Any] = document
    for group in groups:
        place = place.setdefault(group, {})
    place[key] = value
    return document


class ThePredecessorsFile(SynchronousTestCase):
    def test_loads_unchanged_and_is_logged_as_it_was(self) -> None:
        logged = as_logged(read_settings(predecessors()))
        self.assertEqual(logged, predecessors())
        self.assertEqual(list(logged), ["server", "socialMiner", "log"])
        for group, values in predecessors().items():
            own = logged[group]
            assert isinstance(own, dict)
            self.assertEqual(list(own), list(values))

    def test_gets_the_documented_defaults_for_what_chatgw_adds(self) -> None:
        settings = read_settings(predecessors())
        self.assertEqual(settings.server.interface, "")
        self.assertEqual(settings.social_miner.base_url, "http://localhost/ccp/chat")
        self.assertEqual(settings.social_miner.rating, Rating())
        self.assertEqual(settings.social_miner.rating.method, "PUT")
        self.assertEqual(settings.social_miner.rating.path, "/rating")
        self.assertEqual(
            settings.social_miner.rating.body.format(rating=5),
            "<ChatRating><rating>5</rating></ChatRating>",
        )
        self.assertEqual(settings.social_miner.deadline_ms, 10_000)
        self.assertEqual(settings.graph.base_url, "https://graph.facebook.com")
        self.assertEqual(settings.graph.version, "v25.0")
        self.assertEqual(settings.graph.deadline_ms, 10_000)
        self.assertEqual(settings.graph.profile_deadline_ms, 2000)
        self.assertEqual((settings.admin.interface, settings.admin.port), ("127.0.0.1", 8443))
        self.assertEqual(
            asdict(settings.sessions),
            {
                "stale_after_minutes": 60,
                "choice_minutes": 30,
                "rating_minutes": 10,
                "waiting_minutes": 60,
                "desk_silence_minutes": 5,
            },
        )
        self.assertEqual(
            asdict(settings.delivery),
            {"unanswered": "resend", "echo_wait_ms": 60_000, "most_in_flight": 64},
        )

    def test_log_may_be_left_out(self) -> None:
        document = predecessors()
        del document["log"]
        log = read_settings(document).log
        self.assertEqual(
            (log.max_size_bytes, log.max_file_count, log.level), (20_480_000, 20, "debug")
        )


class LimitsAndDelivery(SynchronousTestCase):
    def test_keep_what_the_file_says(self) -> None:
        document = predecessors()
        document["sessions"] = {
            "staleAfterMinutes": 120,
            "choiceMinutes": 1,
            "ratingMinutes": 2,
            "waitingMinutes": 10080,
            "deskSilenceMinutes": 3,
        }
        document["delivery"] = {"unanswered": "giveUp", "echoWaitMS": 500, "mostInFlight": 1}
        settings = read_settings(document)
        self.assertEqual(
            settings.sessions,
            Sessions(
                stale_after_minutes=120,
                choice_minutes=1,
                rating_minutes=2,
                waiting_minutes=10_080,
                desk_silence_minutes=3,
            ),
        )
        self.assertEqual(
            settings.delivery, Delivery(unanswered="giveUp", echo_wait_ms=500, most_in_flight=1)
        )
        logged = as_logged(settings)
        self.assertEqual(logged["sessions"], document["sessions"])
        self.assertEqual(logged["delivery"], document["delivery"])

    def test_a_desk_that_is_asked_seldom_is_not_taken_for_silent(self) -> None:
        document = with_value("sessions.deskSilenceMinutes", 5)
        document["socialMiner"]["pollingIntervalMS"] = 150_000
        read_settings(document)
        document["socialMiner"]["pollingIntervalMS"] = 150_001
        error = self.assertRaises(ConfigurationError, read_settings, document)
        self.assertEqual(
            str(error),
            "settings.json: sessions.deskSilenceMinutes: "
            "expected at least twice socialMiner.pollingIntervalMS, found 5 minutes",
        )


class Logged(SynchronousTestCase):
    def test_additions_are_logged_where_they_differ_from_their_defaults(self) -> None:
        document = with_value("graph.version", "v26.0")
        document["socialMiner"]["rating"] = {"path": "/feedback", "method": "PUT"}
        logged = as_logged(read_settings(document))
        self.assertEqual(logged["graph"], {"version": "v26.0"})
        assert isinstance(logged["socialMiner"], dict)
        self.assertEqual(logged["socialMiner"]["rating"], {"path": "/feedback"})
        self.assertNotIn("admin", logged)


class DeskUrl(SynchronousTestCase):
    def test_leaves_out_only_the_schemes_own_port(self) -> None:
        self.assertEqual(SocialMiner(host="sm", port=80).origin, "http://sm")
        self.assertEqual(SocialMiner(host="sm", port=8080).origin, "http://sm:8080")
        self.assertEqual(SocialMiner(host="sm", port=443, scheme="https").origin, "https://sm")
        self.assertEqual(SocialMiner(host="sm", port=80, scheme="https").origin, "https://sm:80")

    def test_brackets_an_ipv6_address_and_ends_without_a_slash(self) -> None:
        desk = SocialMiner(host="::1", port=80, path_prefix="/ccp/rest/chat/")
        self.assertEqual(desk.base_url, "http://[::1]/ccp/rest/chat")
        self.assertEqual(SocialMiner(host="sm", port=80, path_prefix="/").base_url, "http://sm")


class Problems(SynchronousTestCase):
    def assertProblem(self, document: object, *lines: str) -> None:
        error = self.assertRaises(ConfigurationError, read_settings, document)
        self.assertEqual(error.problems, tuple(f"settings.json: {line}" for line in lines))

    def test_name_the_key_what_was_expected_and_what_was_found(self) -> None:
        for path, value, problem in [
            ("server.port", "80", "a whole number from 0 to 65535, found a string of 2 characters"),
            ("server.port", True, "a whole number from 0 to 65535, found true"),
            ("server.port", 65536, "a whole number from 0 to 65535, found 65536"),
            ("server.port", 443.0, "a whole number from 0 to 65535, found 443.0"),
            ("server.port", None, "a whole number from 0 to 65535, found null"),
            ("server.sslKeyPath", "", "a file's path, found an empty string"),
            ("server.interface", "eth0", 'an IP address, or an empty string, found "eth0"'),
            ("socialMiner.port", 0, "a whole number from 1 to 65535, found 0"),
            (
                "socialMiner.pollingIntervalMS",
                249,
                "a whole number from 250 to 3600000 ms, found 249",
            ),
            (
                "socialMiner.host",
                "http://sm",
                "a host name or an IP address, found a string of 9 characters",
            ),
            ("socialMiner.scheme", "HTTP", '"http" or "https", found "HTTP"'),
            ("socialMiner.pathPrefix", "ccp", 'a URL path that begins with "/", found "ccp"'),
            ("socialMiner.pathPrefix", "/ccp?", 'a URL path that begins with "/", found "/ccp?"'),
            ("graph.version", "25.0", 'a version such as "v25.0", found "25.0"'),
            ("graph.deadlineMS", 0, "a whole number from 100 to 120000 ms, found 0"),
            (
                "log.level",
                "INFO",
                '"silly" or "debug" or "info" or "warn" or "error", found "INFO"',
            ),
            ("log", [], "an object, found a list"),
            ("sessions.choiceMinutes", 0, "a whole number from 1 to 10080 minutes, found 0"),
            ("sessions.waitingMinutes", 0.5, "a whole number from 1 to 10080 minutes, found 0.5"),
            ("delivery.unanswered", "giveup", '"resend" or "giveUp", found "giveup"'),
            ("delivery.echoWaitMS", 99, "a whole number from 100 to 600000 ms, found 99"),
            ("delivery.mostInFlight", 0, "a whole number from 1 to 1000 calls, found 0"),
        ]:
            self.assertProblem(with_value(path, value), f"{path}: expected {problem}")

    def test_all_are_told_at_once(self) -> None:
        document = with_value("log.level", 7)
        document["server"] = {"sslKeyPath": "k"}
        del document["socialMiner"]
        self.assertProblem(
            document,
            "server.sslCertPath: expected a file's path, found nothing",
            "socialMiner: expected an object, found nothing",
            'log.level: expected "silly" or "debug" or "info" or "warn" or "error", found a number',
        )

    def test_an_unknown_key_gets_the_nearest_known_one(self) -> None:
        for path, suggestion in [
            ("server.prot", "port"),
            ("server.SSLKEYPATH", "sslKeyPath"),
            ("socialMiner.pollingIntervalMs", "pollingIntervalMS"),
            ("socialminer", "socialMiner"),
        ]:
            self.assertProblem(
                with_value(path, 1), f'{path}: unknown key; did you mean "{suggestion}"?'
            )

    def test_an_unknown_key_unlike_any_other_gets_them_all(self) -> None:
        self.assertProblem(
            with_value("admin.x\ny", 1),
            'admin["x\\ny"]: unknown key; the keys here are interface, port',
        )

    def test_a_document_that_is_no_object_is_refused(self) -> None:
        documents: list[tuple[object, str]] = [([], "a list"), (None, "null"), (7, "a number")]
        for document, found in documents:
            self.assertProblem(document, f"expected an object, found {found}")

    def test_a_rating_body_must_hold_the_rating_and_nothing_else_to_fill_in(self) -> None:
        path = "socialMiner.rating.body"
        good = ["{rating}", '{{"rating": {rating}}}', "<r>\n\t{rating}{rating}</r>"]
        for body in good:
            self.assertEqual(read_settings(with_value(path, body)).social_miner.rating.body, body)
        bad = ["", "5", "{{rating}}", "{rating", "{}", "{0}", "{rating}{x}", "{rating.real}"]
        bad += ["{rating!r}", "{rating:>9}", "{rating:{rating}}", "{rating[0]}", "}"]
        for body in bad:
            error = self.assertRaises(ConfigurationError, read_settings, with_value(path, body))
            self.assertIn(f"{path}: expected a string with {{rating}} in it", str(error))

    def test_a_url_is_http_with_a_host_and_nothing_after_its_path(self) -> None:
        path = "graph.baseUrl"
        for url, kept in [
            ("http://localhost:8081", "http://localhost:8081"),
            ("https://graph.example.com/", "https://graph.example.com"),
            ("https://[::1]:8443/graph/", "https://[::1]:8443/graph"),
        ]:
            self.assertEqual(read_settings(with_value(path, url)).graph.base_url, kept)
        bad = ["", "graph.facebook.com", "//h", "ftp://h", "https://", "https://h?", "https://h#f"]
        bad += [
            "https://user:word@h",
            "https://a b",
            "https://h:0",
            "https://h:99999",
            "http://[::",
        ]
        for url in bad:
            self.assertRaises(ConfigurationError, read_settings, with_value(path, url))

    @given(st.text())
    def test_no_text_in_any_place_makes_it_crash(self, text: str) -> None:
        paths = ["graph.baseUrl", "graph.version", "graph.caFile", "socialMiner.rating.body"]
        paths += ["socialMiner.host", "socialMiner.pathPrefix", "server.interface", "log.level"]
        for path in paths:
            try:
                self.assertIsInstance(read_settings(with_value(path, text)), Settings)
            except ConfigurationError as error:
                self.assertEqual(len(error.problems), 1)
                self.assertIn(f"settings.json: {path}: expected ", str(error))
                self.assertNotIn("\n", str(error))
