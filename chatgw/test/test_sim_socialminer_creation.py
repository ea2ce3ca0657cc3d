"""Opening a chat: XML, redirect, forms."""

from __future__ import annotations

from chatgw.test.socialminer_sim import AGENT, ORDER, SimulatorTestCase

REDIRECT = (
    "/ccp/chat/100029/redirect?author=Amar%20Kumar&title=Facebook%20Messenger"
    "&extensionField_Name=Amar%20Kumar&extensionField_Email=&extensionField_ccxqueuetag=Chat_Csq4"
    "&extensionField_chatLogo=x.png"
)
FORM = "application/x-www-form-urlencoded"


class CreationTests(SimulatorTestCase):
    """What a client gets for opening a chat."""

    def test_xml_gives_the_contact_its_place_and_a_cookie(self) -> None:
        for path in ("/ccp/chat", "/ccp/chat/", "/ccp/rest/chat", "/ccp/rest/chat/?x=1"):
            with self.subTest(path=path):
                answer = self.call("POST", path, ORDER)
                self.assertEqual(answer.status, 201)
                self.assertRegex(
                    answer.header("location") or "",
                    r"\Ahttp://localhost/ccp-webapp/ccp/socialcontact/[0-9A-F]{32}\Z",
                )
                self.assertRegex(
                    answer.header("set-cookie") or "",
                    r"\AJSESSIONID=[0-9A-F]{32}; Path=/ccp; HttpOnly\Z",
                )
                self.assertEqual(answer.header("content-type"), "application/xml")

    def test_the_contact_is_stored_as_it_was_sent_with_a_room_of_its_own(self) -> None:
        self.opened()
        answer = self.call("POST", "/ccp/chat", ORDER)
        fields = [(one[0].text, one[1].text) for one in answer.xml().iter("extensionField")]
        self.assertEqual(
            fields,
            [
                ("ccxqueuetag", "Chat_Csq4"),
                ("h_Name", "Amar Kumar"),
                ("h_chatOrigin", "FACEBOOK_MESSENGER"),
                ("h_chatRoom", "socialminer_chat.1@conference.127.0.0.1"),
            ],
        )
        self.assertEqual(answer.xml().findtext("publishedDate"), "1535396381792")
        chat = self.centre.waiting(AGENT)[1]
        self.assertEqual(chat.contact.request.feed_id, "100029")
        self.assertEqual(answer.xml().findtext("id"), chat.contact.id)

    def test_a_redirect_gives_the_same_and_leads_to_the_page(self) -> None:
        answer = self.call("GET", REDIRECT)
        self.assertEqual(answer.status, 302)
        self.assertEqual(answer.header("location"), "http://localhost/ccp/ui/chat.jsp")
        self.assertIn("JSESSIONID=", answer.header("set-cookie") or "")
        request = self.centre.waiting(AGENT)[0].contact.request
        self.assertEqual((request.feed_id, request.author), ("100029", "Amar Kumar"))
        self.assertEqual(list(request.fields), ["Name", "Email", "ccxqueuetag"])

    def test_forms_open_chats_too(self) -> None:
        body = "author=M%C3%A1ria+Nagy&title=Web&extensionField_ccxqueuetag=Chat_Csq5"
        for path in ("/ccp/chat/form/100029", "/ccp/rest/chat/100029/"):
            with self.subTest(path=path):
                self.assertEqual(self.call("POST", path, body, content_type=FORM).status, 302)
        authors = [chat.contact.request.author for chat in self.centre.waiting(AGENT)]
        self.assertEqual(authors, ["Mária Nagy"] * 2)

    def test_what_is_not_an_order_opens_nothing(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "b">]><SocialContact><author>&a;</author></SocialContact>'
        many = "<extensionField><name>{}</name><value>v</value></extensionField>"
        fields = "".join(many.format(number) for number in range(101))
        for body in (
            "",
            "<SocialContact>",
            "<Message/>",
            bomb,
            ORDER.replace("Amar Kumar</author>", "</author>"),
            ORDER.replace("100029", "the feed"),
            ORDER.replace("<extensionFields>", f"<extensionFields>{fields}"),
            ORDER.replace("Amar Kumar", "Tom & Jerry"),
            ORDER.replace("Amar", "A" * 1_048_577),
            b"<?xml version='1.0' encoding='nonsense'?><SocialContact/>",
            b"\xff\xfe",
        ):
            with self.subTest(body=body[:60]):
                answer = self.call("POST", "/ccp/chat", body)
                self.assertEqual(answer.status, 400)
                self.assertEqual(answer.xml().findtext("apiError/errorType"), "invalidInput")
                self.assertIsNone(answer.header("set-cookie"))
        self.assertEqual(self.call("GET", "/ccp/chat/1/redirect?author=A").status, 400)
        self.assertEqual(self.centre.chats, {})

    def test_hostile_names_come_back_as_well_formed_xml(self) -> None:
        name = "&lt;b&gt;&amp;]]&gt; 안녕 😀"
        answer = self.call(
            "POST", "/ccp/chat", ORDER.replace("Amar Kumar</author>", f"{name}</author>")
        )
        self.assertEqual(answer.xml().findtext("author"), "<b>&]]> 안녕 😀")
        self.call("GET", "/ccp/chat/1/redirect?author=A%00%0B%FF%EF%BF%BE&title=T")
        self.assertEqual(list(self.centre.chats.values())[-1].contact.request.author, "A\ufffd")
