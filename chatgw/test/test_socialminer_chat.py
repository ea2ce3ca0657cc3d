"""The handle of a chat just opened."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.http_headers import Headers

from chatgw.desks.socialminer_chat import chat_opened
from chatgw.failures import FailureKind
from chatgw.net.client import Answer
from chatgw.values import ChatHandle, Done, Failed

SESSION = "C0F5C76EE806FBA2F0B5CAE94D082440"
CONTACT = "http://localhost/ccp-webapp/ccp/socialcontact/7CC1846210000165000000000A5640DC"


def opened(*cookies: bytes, location: str | None = CONTACT, body: bytes = b"") -> ChatHandle:
    headers = Headers({b"Set-Cookie": cookies})
    if location is not None:
        headers.setRawHeaders("Location", [location])
    done = chat_opened(Answer(201, headers, body))
    assert isinstance(done, Done)
    assert isinstance(done.result, ChatHandle)
    return done.result


class CookieTests(SynchronousTestCase):
    """What addresses a chat from its opening on."""

    def test_names_and_values_are_kept_and_attributes_are_not(self) -> None:
        for cookies, kept in [
            ([b"JSESSIONID=ABC; Path=/ccp; HttpOnly"], "JSESSIONID=ABC"),
            ([b"JSESSIONID=ABC"], "JSESSIONID=ABC"),
            ([b" JSESSIONID=ABC ;Secure"], "JSESSIONID=ABC"),
            (
                [b"JSESSIONID=ABC.node1; Path=/", b"ROUTE=a=b/c; Path=/"],
                "JSESSIONID=ABC.node1; ROUTE=a=b/c",
            ),
            ([b"JSESSIONID=OLD", b"JSESSIONID=NEW"], "JSESSIONID=NEW"),
            ([b"GONE=; Max-Age=0", b"no pair", b"K\xec=1", b"J=\xec", b"=x", b"J=ABC"], "J=ABC"),
        ]:
            with self.subTest(cookies=cookies):
                self.assertEqual(opened(*cookies).cookie.reveal(), kept)

    def test_the_handle_does_not_show_its_cookie(self) -> None:
        self.assertNotIn(SESSION, repr(opened(b"JSESSIONID=" + SESSION.encode())))

    def test_without_a_cookie_the_failure_is_final_and_says_why(self) -> None:
        for headers in (Headers(), Headers({b"Set-Cookie": [b"JSESSIONID=; Path=/"]})):
            with self.subTest(headers=headers):
                failed = chat_opened(Answer(201, headers, b"<SocialContact/>"))
                assert isinstance(failed, Failed)
                self.assertEqual(failed.kind, FailureKind.BAD_REQUEST)
                self.assertIn("without the session cookie", failed.detail)

    def test_an_answer_that_is_not_socialminers_may_be_followed_by_another(self) -> None:
        failed = chat_opened(Answer(200, Headers(), b"<html>Please <br> sign in"))
        assert isinstance(failed, Failed)
        self.assertEqual(failed.kind, FailureKind.TRANSIENT)

    @given(st.lists(st.binary().map(lambda value: value.replace(b"\n", b"").replace(b"\r", b""))))
    def test_any_cookies_make_one_header_of_plain_characters_or_none(
        self, cookies: list[bytes]
    ) -> None:
        outcome = chat_opened(Answer(201, Headers({b"Set-Cookie": cookies}), b""))
        if isinstance(outcome, Done):
            assert isinstance(outcome.result, ChatHandle)
            self.assertRegex(outcome.result.cookie.reveal(), r"\A[\x20-\x7e]+\Z")


class RefUrlTests(SynchronousTestCase):
    """The contact's address, for the log."""

    def test_the_location_comes_first(self) -> None:
        body = b"<SocialContact><refURL>http://elsewhere/</refURL></SocialContact>"
        self.assertEqual(opened(b"J=1", body=body).ref_url, CONTACT)

    def test_the_body_helps_out(self) -> None:
        body = f"<SocialContact><a/><refURL>\n {CONTACT}\n</refURL></SocialContact>".encode()
        self.assertEqual(opened(b"J=1", location=None, body=body).ref_url, CONTACT)

    def test_without_either_the_chat_is_open_all_the_same(self) -> None:
        for body in (b"", b"<SocialContact/>", b"<SocialContact><refURL/></SocialContact>", b"<x"):
            with self.subTest(body=body):
                self.assertEqual(opened(b"J=1", location=None, body=body).ref_url, "")

    def test_a_session_in_the_location_does_not_reach_the_log(self) -> None:
        handle = opened(b"J=1", location=f"{CONTACT};jsessionid={SESSION}?x=1")
        self.assertEqual(handle.ref_url, f"{CONTACT}?x=1")
