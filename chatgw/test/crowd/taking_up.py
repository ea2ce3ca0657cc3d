"""How long a start takes that has many chats to take up."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

from attrs import frozen

from chatgw import wording
from chatgw.config.channels import FACEBOOK_MESSENGER
from chatgw.demo.configuration import PAGE_ID, STATEMENTS
from chatgw.interfaces import Entry
from chatgw.journal import SqliteJournal, prepare
from chatgw.sim.socialminer.contact import QUEUE_TAG, ChatRequest
from chatgw.test.crowd.activated import Activated
from chatgw.test.crowd.pair import AGENT
from chatgw.test.crowd.sides import HERE, Sides, reactor
from chatgw.test.journals import at_once
from chatgw.values import Address, ChatHandle, Secret, Session, State

SETTINGS = {"socialMiner": {"pollingIntervalMS": 30_000}}


@frozen
class TakenUp:
    """What one start took."""

    chats: int
    start: float
    """Seconds from the command to the open port."""
    restore: float
    """Those of them that the chats took."""
    stop: float
    """Seconds that the stop took which followed."""

    def told(self) -> str:
        """All of it, for people."""
        return (
            f"chats: {self.chats}, start {self.start:.1f} s, of which for the chats"
            f" {self.restore:.2f} s; stop {self.stop:.1f} s"
        )


async def taken_up(folder: Path, chats: int) -> TakenUp:
    """Starts a daemon on a journal with so many chats in it. Leaves nothing running.

    Args:
        folder: an empty one.
        chats: all under way, with an agent.

    Raises:
        AssertionError: it does not start.
    """
    activated = Activated(folder)
    sides = Sides(folder, activated.port, SETTINGS)
    try:
        sides.desk.model.login(AGENT)
        hold = prepare(activated.state)
        journal = SqliteJournal(activated.state, reactor, at_once)
        await journal.commit([_talking(sides, n) for n in range(chats)])
        await journal.close()
        hold.release()
        activated.start()
        start = await activated.up()
        began, ready = (_logged(activated, line) for line in (wording.STARTUP, "listening on port"))
        return TakenUp(chats, start, ready - began, await activated.end())
    finally:
        activated.close()
        await sides.close()


def _talking(sides: Sides, n: int) -> Entry:
    """What the journal holds of a chat amid its talk, which the desk has too."""
    centre, now = sides.desk.model, time.time()
    queue = {QUEUE_TAG: f"Chat_Csq{STATEMENTS[0][1]}"}
    contact = centre.open(ChatRequest("100029", "Amar", "Chat", fields=queue)).contact
    centre.accept(contact.id, AGENT)
    cookie = Secret(f"JSESSIONID={contact.session_id}")
    address = Address(FACEBOOK_MESSENGER, PAGE_ID, f"77{n:07}")
    session = Session(
        id=f"session-{n}",
        address=address,
        touched_at=now,
        state=State.TALKING,
        state_at=now,
        heard_at=now,
        chat=ChatHandle(cookie, ref_url=f"http://{HERE}/{contact.id}"),
        agents=(AGENT,),
    )
    return Entry(address, session, at=now)


def _logged(activated: Activated, text: str) -> float:
    """When a line was logged, in seconds since the epoch."""
    line = next(line for line in activated.log().splitlines() if text in line)
    return datetime.fromisoformat(line.partition(" - ")[0]).timestamp()
