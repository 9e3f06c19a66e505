"""A browser in front of the portal, signed in, that notices what a person would not forgive."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.portal.world import World

AXE = (Path(__file__).parent.parent / "data" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_LOOKS = [
    "color-contrast",
    "link-in-text-block",
    "scrollable-region-focusable",
    "target-size",
]
"""Rules whose outcome a theme or a width changes; the others read what is the same in all."""
PHONE, DESK, HEIGHT = 360, 1400, 900


@dataclass
class Browser:
    """One window of one person."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    """What the browser said by itself: violations of the policy, failed scripts, missing files."""

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("requestfailed", self._miss)

    def _hear(self, message: ConsoleMessage) -> None:
        """Chromium's advice on forms with several secrets takes them for passwords of a person."""
        if not message.text.startswith("[DOM] "):
            self.complaints.append(f"{message.type}: {message.text}")

    def _miss(self, request: Request) -> None:
        """What the next page breaks off is missed by nobody; a file that is not there is a 404."""
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"no {request.url}: {request.failure}")

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.url}{path}")
        return self.page

    def show(self, theme: Literal["light", "dark"], width: int) -> None:
        """The same page for a system of this theme, in a window of this width."""
        self.page.emulate_media(color_scheme=theme)
        self.page.set_viewport_size({"width": width, "height": HEIGHT})

    @property
    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        root = "document.documentElement"
        wide: int = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        return wide

    def barriers(self, *rules: str) -> list[str]:
        """Rules of accessibility that the page breaks, each with where; all, or only those."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
        violations = self.page.evaluate(
            """async only => (await axe.run(document, {
                runOnly: only, resultTypes: ["violations"], preload: false
            })).violations""",
            only,
        )
        return [
            f"{violation['id']} at {node['target']}: {node['failureSummary']}"
            for violation in violations
            for node in violation["nodes"]
        ]


@pytest.fixture
def world(transactional_db, settings):
    settings.CREDENTIAL_KEYS = [Fernet.generate_key().decode()]
    return World()


@pytest.fixture
def window(live_server, new_context, world) -> Callable[..., Browser]:
    """Opens a window; ``who`` is one of EVERYBODY, or nobody signed in yet."""

    def open_window(
        who: str = "", *, theme: str = "light", width: int = DESK, javascript: bool = True
    ) -> Browser:
        context = new_context(
            viewport={"width": width, "height": HEIGHT},
            color_scheme=theme,
            reduced_motion="reduce",  # a colour on its way to another has no contrast of its own
            java_script_enabled=javascript,
        )
        if who:
            _sign_in(context, world.person(who), live_server.url)
        return Browser(context.new_page(), live_server.url)

    return open_window


def _sign_in(context: BrowserContext, person: object, url: str) -> None:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": url}])
