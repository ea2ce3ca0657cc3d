"""The agent's page in real headless Chromium, with real keys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from twisted.internet import reactor as _reactor
from twisted.internet.threads import blockingCallFromThread, deferToThread
from twisted.trial.unittest import TestCase
from twisted.web.server import Site

from chatgw.sim.socialminer.chat import Chat
from chatgw.sim.socialminer.contact import ChatRequest
from chatgw.sim.socialminer.service import SocialMinerSim
from chatgw.test.browser import Browser

reactor: Any = _reactor
T = TypeVar("T")

AGENT, OTHER = "agent7901", "agent7902"
HOSTILE = "<img src=x onerror='document.title=\"struck\"'> & <b>안녕</b>"


class PageTests(TestCase):
    timeout = 120

    def setUp(self) -> None:
        self.sim = SocialMinerSim(reactor)
        self.centre = self.sim.model
        port = reactor.listenTCP(0, Site(self.sim.resource()), interface="127.0.0.1")
        self.addCleanup(port.stopListening)
        self.addCleanup(self.end_all)
        self.url = f"http://127.0.0.1:{port.getHost().port}/agent"

    def end_all(self) -> None:
        for contact in list(self.centre.chats):
            self.centre.end(contact, "the test is over")

    def do(self, act: Callable[..., T], *arguments: object) -> T:
        """Does something in the contact centre, from the browser's thread."""
        result: T = blockingCallFromThread(reactor, act, *arguments)
        return result

    def test_an_agent_serves_chats_from_accepting_to_the_rating(self) -> object:
        return deferToThread(self.browse, Path(self.mktemp()).absolute())

    def browse(self, profile: Path) -> None:
        browser = Browser(profile)
        try:
            browser.driver.get(f"{self.url}?name={AGENT}")
            browser.reading("#status", "online")
            self.assertIn(AGENT, self.centre.agents)
            self.serve(browser)
            self.hand_over(browser)
            self.assertNotEqual(browser.driver.title, "struck")
            browser.driver.get("about:blank")
            browser.until(lambda: AGENT not in self.centre.agents, "logged out")
        finally:
            browser.close()

    def open(self, author: str) -> Chat:
        order = ChatRequest("100029", author, "Chat", fields={"ccxqueuetag": "Chat_Csq4"})
        return self.do(self.centre.open, order)

    def accept(self, browser: Browser, chat: Chat) -> None:
        contact = f'#waiting .contact[data-contact="{chat.contact.id}"]'
        browser.one(f"{contact} button.accept").click()
        browser.one(f'#conversation[data-contact="{chat.contact.id}"]')

    def serve(self, browser: Browser) -> None:
        chat = self.open(HOSTILE)
        self.do(self.centre.hear, chat, HOSTILE)
        self.accept(browser, chat)
        browser.reading("#customer", HOSTILE)
        browser.reading(".bubble.customer .text", HOSTILE)

        browser.one("#say").send_keys("Hi How can I ")
        browser.until(lambda: chat.events[-1].fields[-1][1] == "composing", "composing")
        browser.one("#say").send_keys("help you?\n")
        browser.reading(".bubble.agent .text", "Hi How can I help you?")
        browser.until(lambda: chat.events[-1].fields[-1][1] == "paused", "paused")
        browser.one("#say").send_keys("By the button")
        browser.one("#send").click()
        browser.reading(".bubble.agent .text", "By the button")
        texts = [text for who, text in self.centre.transcript(chat.contact.id) if who == AGENT]
        self.assertEqual(texts, ["Hi How can I help you?", "By the button"])

        chat.customer_typing = True
        browser.one("#typing")
        browser.one("#leave").click()
        browser.reading("#notice", "You have left this chat.")
        self.do(self.centre.rate, chat, 4)
        finished = f'#finished .chat[data-contact="{chat.contact.id}"]'
        self.assertEqual(browser.reading(f"{finished} .rating", "★★★★☆").text, "★★★★☆ 4/5")
        self.assertEqual(browser.one("#rating").get_attribute("data-rating"), "4")

    def hand_over(self, browser: Browser) -> None:
        self.do(self.centre.login, OTHER)
        chat = self.open("Mária Nagy")
        self.accept(browser, chat)
        browser.reading("#transfer-to", OTHER)
        browser.one("#transfer").click()
        browser.reading("#notice", f"Handed over to {OTHER}.")
        self.assertEqual(chat.agents, [OTHER])
