"""A whole chat on the demo, in real headless Chromium: from the first word to the rating."""

from __future__ import annotations

import os
from pathlib import Path

from twisted.internet.threads import deferToThread
from twisted.trial.unittest import TestCase

from chatgw.test.browser import Browser
from chatgw.test.daemon import Daemon, twistd
from chatgw.test.servers import binary

SCREENSHOT = "CHATGW_SCREENSHOT"
"""The environment variable that names a file for a picture of the page, as for the README."""


class DemoTests(TestCase):
    timeout = 120

    def test_a_chat_from_the_first_word_to_the_rating(self) -> object:
        return deferToThread(self._chat, Path(self.mktemp()).absolute())

    def _chat(self, folder: Path) -> None:
        for program in ("chromium", "chromedriver"):
            binary(program)
        demo = Daemon(twistd("--demo"), folder / "demo")
        try:
            page = demo.saying("All side by side").split()[-1]
            browser = Browser(folder / "profile")
            try:
                self._from_first_word_to_rating(browser, page)
            except BaseException:
                browser.driver.save_screenshot(str(folder / "failed.png"))
                raise
            finally:
                browser.close()
            files = Path(demo.saying("Files").split()[-1])
            self.assertTrue(files.is_dir())
        finally:
            demo.end()
        self.assertFalse(files.exists(), "the demo leaves its files behind")

    def _from_first_word_to_rating(self, browser: Browser, page: str) -> None:
        browser.driver.get(page)
        self._customer_writes(browser, "안녕하세요 👋 my bill is wrong")
        browser.reading(".bubble.theirs", "Hello! Welcome to ABCD Customer Care.")
        browser.reading(".chip", "Billing").click()
        browser.reading(".bubble.theirs", "finding an expert")
        self.assertEqual(browser.all(".chip"), [], "chips vanish once one is tapped")

        browser.enter("agent")
        contact = browser.reading("#waiting .contact", "Amar Kumar")
        contact.find_element("css selector", "button.accept").click()
        browser.reading(".bubble.customer", "안녕하세요 👋 my bill is wrong")
        self._agent_writes(browser, "How can I help you?")
        self._agent_writes(browser, "도와 드릴게요 👩‍💻")

        browser.enter("customer")
        browser.reading(".bubble.theirs", "How can I help you?")
        browser.reading(".bubble.theirs", "도와 드릴게요 👩‍💻")
        self._customer_writes(browser, "I was charged twice <b>&amp; 두 번</b> 😀")
        browser.reading(".mark", "Seen")
        browser.enter("agent")
        browser.reading(".bubble.customer", "I was charged twice <b>&amp; 두 번</b> 😀")
        self._agent_writes(browser, "Fixed. Anything else?")
        browser.enter("customer")
        browser.reading(".bubble.theirs", "Fixed. Anything else?")
        self._customer_writes(browser, "감사합니다!")
        browser.enter("agent")
        browser.reading(".bubble.customer", "감사합니다!")
        browser.one("#leave").click()

        browser.enter("customer")
        browser.reading(".bubble.theirs", "rate your chat experience")
        browser.reading(".chip", "5").click()
        browser.reading(".bubble.theirs", "Thank you for the feedback.")
        browser.enter("agent")
        rating = browser.one(".rating")
        self.assertEqual(rating.get_attribute("data-rating"), "5")

        browser.enter()
        browser.reading("#log .line", "Successfully submitted feedback rating to SocialMiner.")
        browser.reading("#log .line", "Session count = 0")
        if os.environ.get(SCREENSHOT):
            browser.driver.save_screenshot(os.environ[SCREENSHOT])

    @staticmethod
    def _customer_writes(browser: Browser, text: str) -> None:
        browser.enter("customer")
        browser.write("#text", text)
        browser.one("#send").click()

    @staticmethod
    def _agent_writes(browser: Browser, text: str) -> None:
        browser.enter("agent")
        browser.write("#say", text)
        browser.one("#send").click()
