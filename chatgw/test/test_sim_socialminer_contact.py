"""Contact ids, rooms, cookies, and the form encoding of texts."""

from __future__ import annotations

from urllib.parse import unquote_plus

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from chatgw.sim.socialminer.contact import ChatRequest, contact_id, new_contact
from chatgw.sim.socialminer.events import form_encoded


class IdTests(SynchronousTestCase):
    """The scheme of contact ids."""

    def test_the_scheme_gives_ids_that_real_servers_gave(self) -> None:
        for milliseconds, counter, server, real in (
            (1_316_121_187_976, 0x15F6, "10.86.141.251", "6EEF968810000132000015F60A568DFB"),
            (1_535_396_381_794, 0, "10.86.64.220", "7CC1846210000165000000000A5640DC"),
        ):
            self.assertEqual(contact_id(milliseconds, counter, server), real)

    def test_contacts_of_the_same_moment_differ_in_id_session_and_room(self) -> None:
        request = ChatRequest("100029", "Amar Kumar", "Chat")
        contacts = [new_contact(request, 1e9, counter, "127.0.0.1") for counter in range(50)]
        for of in ("id", "session_id", "room", "token"):
            self.assertEqual(len({getattr(contact, of) for contact in contacts}), 50)
        self.assertRegex(contacts[0].session_id, r"\A[0-9A-F]{32}\Z")
        self.assertEqual(contacts[0].room, "socialminer_chat.0@conference.127.0.0.1")

    def test_the_queue_is_read_from_its_tag(self) -> None:
        for tag, queue in (("Chat_Csq4", "4"), ("Chat_Csq28", "28"), ("Csq4", ""), ("", "")):
            request = ChatRequest("1", "A", "T", fields={"ccxqueuetag": tag})
            self.assertEqual(new_contact(request, 0, 0, "127.0.0.1").queue_id, queue)


class EncodingTests(SynchronousTestCase):
    """Texts as SocialMiner encodes them for its readers."""

    def test_the_text_of_the_original_guide(self) -> None:
        self.assertEqual(form_encoded("Hi How can I help you?"), "Hi+How+can+I+help+you%3F")

    def test_marks_are_those_of_java(self) -> None:
        self.assertEqual(form_encoded("*-._~'()!"), "*-._%7E%27%28%29%21")

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_any_text_can_be_read_back(self, text: str) -> None:
        self.assertEqual(unquote_plus(form_encoded(text)), text)
