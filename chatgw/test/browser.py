"""A real headless Chromium for tests, driven by WebDriver."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from chatgw.test.servers import binary

PATIENCE = 20.0
"""Seconds until what does not appear on a page is taken to be missing."""

_ARGUMENTS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--window-size=1600,900",
    "--lang=en",
)


class Browser:
    """One browser window. All calls block: use it from a thread.

    Args:
        profile: an empty folder for the browser's profile.
    """

    def __init__(self, profile: Path) -> None:
        options = ChromeOptions()
        options.binary_location = binary("chromium", "chromium-browser", "google-chrome")
        for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")  # Chromium has none for root
        self.driver = Chrome(options=options, service=Service(binary("chromedriver")))

    def enter(self, frame: str = "") -> None:
        """Goes into the frame with this id, or back to the page."""
        self.driver.switch_to.default_content()
        if frame:
            self.driver.switch_to.frame(frame)

    def all(self, selector: str) -> list[WebElement]:
        """All elements that fit a CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> WebElement:
        """The first element that fits, as soon as it is shown.

        Raises:
            AssertionError: there is none for `PATIENCE` seconds.
        """
        found: WebElement = self.until(
            lambda: next((e for e in self.all(selector) if e.is_displayed()), None), selector
        )
        return found

    def reading(self, selector: str, text: str) -> WebElement:
        """The first element that fits and contains a text, as soon as there is one."""
        found: WebElement = self.until(
            lambda: next((e for e in self.all(selector) if text in e.text), None),
            f"{selector} with the text {text!r}",
        )
        return found

    def write(self, selector: str, text: str) -> None:
        """Types a text into a field, in any script (WebDriver's keys end at U+FFFF)."""
        field = self.one(selector)
        self.driver.execute_script(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('input', {bubbles: true}));",
            field,
            text,
        )

    def until(self, condition: Callable[[], Any], what: str) -> Any:
        """What a condition gives as soon as it gives something."""
        wait = WebDriverWait(self.driver, PATIENCE, 0.1, ignored_exceptions=[Exception])
        return wait.until(lambda _: condition(), f"not on the page: {what}")

    def close(self) -> None:
        """Ends the browser."""
        self.driver.quit()
