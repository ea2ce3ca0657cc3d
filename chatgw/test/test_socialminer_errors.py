"""How SocialMiner says no."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from chatgw.desks.socialminer_errors import refusal, without_session_ids
from chatgw.failures import FailureKind
from chatgw.net.client import Answer
from chatgw.values import Failed

SESSION = "C0F5C76EE806FBA2F0B5CAE94D082440"
NO_USER = f"no user found for the current session id: {SESSION}"


def api_errors(type_: str, message: str = NO_USER) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><apiErrors><apiError>'
        f"<errorMessage>{message}</errorMessage><errorType>{type_}</errorType>"
        "</apiError></apiErrors>"
    ).encode()


def refused(status: int, body: bytes = b"", **headers: str) -> Failed:
    fields = Headers({name.replace("_", "-"): [value] for name, value in headers.items()})
    failed = refusal(Answer(status, fields, body))
    assert failed is not None
    return failed


class RefusalTests(SynchronousTestCase):
    """Wire reference, SocialMiner 1.7."""

    def test_each_status_has_its_kind(self) -> None:
        for status, kind in [
            (302, FailureKind.BAD_REQUEST),
            (400, FailureKind.BAD_REQUEST),
            (401, FailureKind.PERMISSION),
            (403, FailureKind.PERMISSION),
            (405, FailureKind.BAD_REQUEST),
            (429, FailureKind.THROTTLED),
            (500, FailureKind.TRANSIENT),
            (501, FailureKind.TRANSIENT),
            (502, FailureKind.TRANSIENT),
            (503, FailureKind.TRANSIENT),
        ]:
            with self.subTest(status=status):
                failed = refused(status, b"<html>It works!</html>")
                self.assertEqual(failed.kind, kind)
                self.assertEqual(failed.detail, f"SocialMiner answered {status}")

    def test_not_found_means_that_the_chat_is_gone_whatever_the_status(self) -> None:
        for status in (200, 400, 404, 500):
            for type_ in ("notFound", "NOTFOUND", " notfound "):
                with self.subTest(status=status, type=type_):
                    failed = refused(status, api_errors(type_))
                    self.assertEqual(failed.kind, FailureKind.RECIPIENT_GONE)

    def test_a_404_means_that_the_chat_is_gone_if_it_may_be_socialminers(self) -> None:
        for body in (b"", b"\r\n", api_errors("other"), b"<error/>"):
            with self.subTest(body=body):
                self.assertEqual(refused(404, body).kind, FailureKind.RECIPIENT_GONE)

    def test_a_404_with_anothers_page_is_transient(self) -> None:
        """As from a proxy, or from a server that has not yet started SocialMiner."""
        for body in (
            b"<html><body><h1>404 Not Found</h1></body></html>",
            b"<!DOCTYPE html><html><head><title>HTTP Status 404</title></head></html>",
            b'<HTML xmlns="http://www.w3.org/1999/xhtml"/>',
            b"<html><hr><center>proxy</center></html>",
            b"Not Found",
            b'{"error": "not found"}',
            b"\xff\xfe\x00",
        ):
            with self.subTest(body=body):
                self.assertEqual(
                    refused(404, body),
                    Failed(FailureKind.TRANSIENT, "SocialMiner answered 404"),
                )

    def test_other_errors_follow_their_status(self) -> None:
        for status, kind in [
            (200, FailureKind.BAD_REQUEST),
            (400, FailureKind.BAD_REQUEST),
            (403, FailureKind.PERMISSION),
            (500, FailureKind.TRANSIENT),
        ]:
            with self.subTest(status=status):
                self.assertEqual(refused(status, api_errors("invalidInput")).kind, kind)

    def test_one_not_found_among_several_errors_is_enough(self) -> None:
        body = api_errors("other").replace(
            b"</apiErrors>", b"<apiError><errorType>notFound</errorType></apiError></apiErrors>"
        )
        self.assertEqual(refused(400, body).kind, FailureKind.RECIPIENT_GONE)

    def test_a_success_is_no_refusal(self) -> None:
        for status, body in [
            (200, b""),
            (201, b"<SocialContact/>"),
            (204, b""),
            (200, b"not XML: apiErrors"),
            (200, b"<chatEvents><x>apiErrors</x></chatEvents>"),
        ]:
            with self.subTest(body=body):
                self.assertIsNone(refusal(Answer(status, Headers(), body)))

    def test_an_error_body_that_cannot_be_read_leaves_the_status_to_judge(self) -> None:
        failed = refused(400, b"<apiErrors><apiError>")
        self.assertEqual(failed, Failed(FailureKind.BAD_REQUEST, "SocialMiner answered 400"))

    def test_the_seconds_to_wait_are_passed_on(self) -> None:
        for status, given, expected in [
            (429, "7", 7.0),
            (503, " 120 ", 120.0),
            (503, "Wed, 21 Oct 2026 07:28:00 GMT", None),
            (503, "-1", None),
            (503, "9" * 400, None),
            (503, "", None),
        ]:
            with self.subTest(given=given):
                self.assertEqual(refused(status, retry_after=given).retry_after, expected)
        self.assertIsNone(refused(503).retry_after)


class SecrecyTests(SynchronousTestCase):
    """An error message holds the session id, which is the key to the chat."""

    def test_the_session_id_is_masked(self) -> None:
        self.assertEqual(
            refused(404, api_errors("notFound")).detail,
            "SocialMiner answered 404 notFound: no user found for the current session id: ****2440",
        )

    def test_it_is_masked_however_it_is_written_and_wherever_it_stands(self) -> None:
        for text in (
            SESSION.lower(),
            f"x{SESSION}.node1",
            "y" * 195 + SESSION,
            SESSION + SESSION,
        ):
            with self.subTest(text=text):
                detail = refused(400, api_errors(text, text)).detail.upper()
                self.assertNotIn(SESSION[:8], detail)

    def test_short_numbers_stay_readable(self) -> None:
        self.assertEqual(without_session_ids("feed 100029 not found"), "feed 100029 not found")

    def test_the_message_is_left_out_where_it_may_repeat_a_customers_words(self) -> None:
        answer = Answer(400, Headers(), api_errors("badRequest", "bad body: my card is 4711"))
        failed = refusal(answer, quotes=False)
        assert failed is not None
        self.assertEqual(failed.detail, "SocialMiner answered 400 badRequest")

    def test_a_message_of_many_lines_becomes_one(self) -> None:
        detail = refused(400, api_errors("x", "a\n2018-08-27 - info: forged")).detail
        self.assertNotIn("\n", detail)
        self.assertLessEqual(len(refused(400, api_errors("x" * 999, "y" * 9999)).detail), 200)
