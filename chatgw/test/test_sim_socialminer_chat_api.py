"""The chat API once a chat is open: events, messages, typing, leaving, rating."""

from __future__ import annotations

from urllib.parse import unquote_plus

from chatgw.test.socialminer_sim import AGENT, SimulatorTestCase


class EventTests(SimulatorTestCase):
    """What polling tells."""

    def test_events_are_told_to_the_byte(self) -> None:
        chat, cookie = self.opened()
        contact = chat.contact.id
        self.centre.accept(contact, AGENT)
        self.centre.typing(contact, AGENT, "composing")
        self.centre.say(contact, AGENT, "Hi How can I help you?")
        answer = self.call("GET", "/ccp/chat?all=false&eventid=0", cookie=cookie)
        self.assertEqual((answer.status, answer.header("content-type")), (200, "application/xml"))
        self.assertEqual(
            answer.body.decode(),
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><chatEvents>'
            "<StatusEvent><id>1</id><status>chat_ok</status></StatusEvent>"
            "<PresenceEvent><id>2</id><from>agent7901</from><status>joined</status></PresenceEvent>"
            "<TypingEvent><id>3</id><from>agent7901</from><status>composing</status></TypingEvent>"
            "<MessageEvent><id>4</id><body>Hi+How+can+I+help+you%3F</body><from>agent7901</from>"
            "</MessageEvent></chatEvents>",
        )

    def test_the_same_id_gives_the_same_events_and_the_last_none(self) -> None:
        _, cookie = self.opened()
        for _ in range(2):
            answer = self.call("GET", "/ccp/chat?eventid=0&all=false", cookie=cookie)
            self.assertEqual(answer.events(), [("StatusEvent", {"id": "1", "status": "chat_ok"})])
        for path in (
            "/ccp/chat?eventid=1",
            "/ccp/rest/chat/?eventid=1&_=153",
            "/ccp/chat?eventid=99",
        ):
            answer = self.call("GET", path, cookie=cookie)
            self.assertTrue(answer.body.endswith(b"<chatEvents/>"))

    def test_own_messages_take_ids_and_are_told_only_on_demand(self) -> None:
        chat, cookie = self.opened()
        self.centre.accept(chat.contact.id, AGENT)
        self.call("PUT", "/ccp/chat", "<Message><body>Sure</body></Message>", cookie=cookie)
        self.centre.leave(chat.contact.id, AGENT)
        some = self.call("GET", "/ccp/chat?all=false&eventid=1", cookie=cookie).events()
        self.assertEqual([event["id"] for _, event in some], ["2", "4"])
        every = self.call("GET", "/ccp/chat?all=true&eventid=2", cookie=cookie).events()
        own = {"id": "3", "body": "Sure", "from": "Amar Kumar"}
        self.assertEqual(every[0], ("MessageEvent", own))

    def test_a_status_is_told_with_its_detail(self) -> None:
        chat, cookie = self.opened()
        self.centre.report(chat.contact.id, "chat_issue", "XMPP Server is down")
        told = self.call("GET", "/ccp/chat?eventid=1", cookie=cookie).events()
        expected = {"id": "2", "status": "chat_issue", "detail": "XMPP Server is down"}
        self.assertEqual(told, [("StatusEvent", expected)])

    def test_an_eventid_that_is_no_number_is_refused(self) -> None:
        _, cookie = self.opened()
        for text in ("x", "-1", "1e3", "٣", "9" * 5000):
            answer = self.call("GET", f"/ccp/chat?eventid={text}", cookie=cookie)
            self.assertEqual(answer.status, 400)


class SessionTests(SimulatorTestCase):
    """The cookie is the chat."""

    def test_without_a_living_cookie_every_call_is_not_found(self) -> None:
        chat, cookie = self.opened()
        self.centre.end(chat.contact.id, "inactivity")
        for given, shown in (
            (cookie, cookie.partition("=")[2]),
            ("JSESSIONID=<&>", "<&>"),
            ("other=1", "null"),
        ):
            for method, path in (
                ("GET", "/ccp/chat"),
                ("PUT", "/ccp/chat"),
                ("PUT", "/ccp/chat/event"),
                ("PUT", "/ccp/rest/chat/leaveChat/"),
                ("PUT", "/ccp/chat/rating"),
                ("DELETE", "/ccp/chat"),
            ):
                with self.subTest(method=method, path=path, cookie=given):
                    answer = self.call(method, path, cookie=given)
                    self.assertEqual(answer.status, 404)
                    text = f"no user found for the current session id: {shown}"
                    self.assertEqual(answer.xml().findtext("apiError/errorMessage"), text)
                    self.assertEqual(answer.xml().findtext("apiError/errorType"), "notFound")

    def test_polling_does_not_keep_a_silent_chat_alive(self) -> None:
        _, cookie = self.opened()
        for status in [200] * 5 + [404]:
            self.assertEqual(self.call("GET", "/ccp/chat", cookie=cookie).status, status)
            self.clock.advance(60)

    def test_two_customers_never_meet(self) -> None:
        (one, first), (two, second) = self.opened(), self.opened()
        self.call("PUT", "/ccp/chat", "<Message><body>one</body></Message>", cookie=first)
        self.call("PUT", "/ccp/chat", "<Message><body>two</body></Message>", cookie=second)
        self.assertEqual(self.centre.transcript(one.contact.id), [("customer", "one")])
        self.assertEqual(self.centre.transcript(two.contact.id), [("customer", "two")])

    def test_a_deleted_chat_is_gone(self) -> None:
        chat, cookie = self.opened()
        self.assertEqual(self.call("DELETE", "/ccp/chat/", cookie=cookie).status, 200)
        self.assertEqual(self.call("GET", "/ccp/chat", cookie=cookie).status, 404)
        self.assertEqual(self.centre.waiting(), [])
        self.assertTrue(chat.ended)


class CustomerTests(SimulatorTestCase):
    """What the customer does."""

    def test_a_message_is_plain_text_in_xml(self) -> None:
        chat, cookie = self.opened()
        body = "<Message><body>100%+1 &amp; &lt;b&gt; 안녕 😀</body></Message>"
        answer = self.call("PUT", "/ccp/chat", body, cookie=cookie)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(chat.lines[0].text, "100%+1 & <b> 안녕 😀")
        told = self.call("GET", "/ccp/chat?all=true", cookie=cookie).events()[-1][1]
        self.assertEqual(unquote_plus(told["body"] or ""), "100%+1 & <b> 안녕 😀")

    def test_malformed_messages_are_refused_and_not_heard(self) -> None:
        chat, cookie = self.opened()
        for body in ("", "Sure", "<Message/>", "<Message><body>a & b</body></Message>", "<x/>"):
            answer = self.call("PUT", "/ccp/chat", body, cookie=cookie)
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.xml().findtext("apiError/errorType"), "invalidInput")
        self.assertEqual(chat.lines, [])

    def test_typing_is_seen_until_the_pause_or_the_message(self) -> None:
        chat, cookie = self.opened()
        event = "<TypingEvent><from>Amar Kumar</from><status>{}</status></TypingEvent>"
        for status, code, seen in (
            ("composing", 200, True),
            ("paused", 200, False),
            ("composing", 200, True),
            ("Paused", 400, True),
        ):
            answer = self.call("PUT", "/ccp/chat/event", event.format(status), cookie=cookie)
            self.assertEqual((answer.status, chat.customer_typing), (code, seen))
        self.call("PUT", "/ccp/chat", "<Message><body>Hi</body></Message>", cookie=cookie)
        self.assertFalse(chat.customer_typing)

    def test_who_has_left_can_rate_but_not_speak(self) -> None:
        chat, cookie = self.opened()
        self.assertEqual(self.call("PUT", "/ccp/chat/leaveChat", cookie=cookie).status, 200)
        self.assertFalse(chat.customer_present)
        body = "<Message><body>Hi</body></Message>"
        self.assertEqual(self.call("PUT", "/ccp/chat", body, cookie=cookie).status, 400)
        self.assertEqual(self.call("GET", "/ccp/chat", cookie=cookie).status, 200)
        self.assertEqual(
            self.call("PUT", "/ccp/chat/rating", "<r>4</r>", cookie=cookie).status, 200
        )
        self.assertEqual(chat.ratings, [4])

    def test_a_rating_is_taken_in_any_likely_form_and_more_than_once(self) -> None:
        chat, cookie = self.opened()
        for method, path, body in (
            ("PUT", "/ccp/chat/rating", "<ChatRating><rating>5</rating></ChatRating>"),
            ("POST", "/ccp/rest/chat/feedback/", "<Feedback>\n <rating> 1 </rating></Feedback>"),
            ("PUT", "/ccp/chat/feedback", "<r>5</r>"),
        ):
            self.assertEqual(self.call(method, path, body, cookie=cookie).status, 200)
        self.assertEqual(chat.ratings, [5, 1, 5])

    def test_a_rating_of_another_kind_is_refused(self) -> None:
        chat, cookie = self.opened()
        for body in ("<r>0</r>", "<r>6</r>", "<r>best</r>", "<r/>", "5", "<r>٣</r>"):
            answer = self.call("PUT", "/ccp/chat/rating", body, cookie=cookie)
            self.assertEqual(answer.status, 400)
        self.assertEqual(chat.ratings, [])
