"""Whether the promise was kept: what was written, said and read, against the journal's history.

A customer's words are at the agent once in a chat, in order; or in a dead letter; or were kept when
their conversation ended, of which the customer is told. Their order is that of their sending,
but for a text that Meta delivered when a later one had been passed on already.

An agent's words that were read from the desk are with the customer in order; or in a dead letter,
and the agent is told. They are there twice at most, and only where neither answer nor echo came
(`Meta.wrongs`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from chatgw.interfaces import Entry
from chatgw.test.promise_desk import Chat
from chatgw.test.promise_peer import Fate
from chatgw.test.promise_world import World
from chatgw.test.world import KEYS
from chatgw.values import (
    Address,
    AgentLeft,
    AgentWrote,
    DeskStatus,
    Effect,
    OpenChat,
    Origin,
    Say,
    SendText,
    Session,
    State,
    Unsaid,
)

ENDS = frozenset(key for key in KEYS if key.startswith("CHAT_ENDED") or key == "RATING_COMPLETE")

REPEATED = frozenset({"UNSUPPORTED_MESSAGE", "AGENT_JOIN_TIMEOUT"})
"""Said as often as their causes come."""


class Verdict:
    """Looks at a world in which nothing is owed any more."""

    def __init__(self, world: World) -> None:
        assert world.life is not None
        self.world = world
        self.history = world.disk.history
        self.dead = {letter.effect.id: letter for letter in world.life.journal.dead()}
        self.owed: dict[str, tuple[int, Effect]] = {}
        """Every effect that was ever owed, and when (as places in the history)."""
        self.settled: dict[str, Entry] = {}
        self.seen: dict[str, int] = {}
        """When each event was taken."""
        self.ended: list[tuple[Session, Entry]] = []
        """The conversations that are over, as they last were, and what ended them."""
        self.carried: set[str] = set()
        """Texts that a customer wrote instead of a rating: they lead the next conversation too."""
        self._read()

    def _read(self) -> None:
        sessions: dict[Address, Session] = {}
        for place, entry in enumerate(self.history):
            if entry.seen is not None:
                assert entry.seen not in self.seen, f"{entry.seen} was taken twice"
                self.seen[entry.seen] = place
            for effect in entry.owed:
                assert effect.id not in self.owed, f"{effect} is owed twice"
                self.owed[effect.id] = (place, effect)
            if entry.settled is not None:
                assert entry.settled not in self.settled, f"{entry.settled} was settled twice"
                self.settled[entry.settled] = entry
            before, after = sessions.pop(entry.address, None), entry.session
            if before is not None and (after is None or after.id != before.id):
                self.ended.append((before, entry))
            if after is not None:
                sessions[entry.address] = after
                if after.state is State.RATING_WAIT:
                    self.carried.update(unsaid.text for unsaid in after.waiting)

    def check(self) -> None:
        """Sees whether all that holds.

        Raises:
            AssertionError: it does not.
        """
        assert not self.world.meta.wrongs, self.world.meta.wrongs
        self._ends_have_a_cause()
        self._gateway_says_it_once()
        self._customers_words_are_with_agents()
        for chat in self.world.desk.chats.values():
            self._customers_words_are_in_order(chat)
        for who in self.world.spoken:
            self._agents_words_are_in_order(who)
        for effect in self._answers():
            self._agents_words_are_with_the_customer(effect)

    # -- What customers wrote --------------------------------------------------------------

    def _customers_words_are_with_agents(self) -> None:
        given_up = {one.effect.text for one in self.dead.values() if isinstance(one.effect, Say)}
        given_up |= {unsaid.text for unsaid in self._left_behind()}
        said: dict[str, list[Chat]] = {}
        for chat in self.world.desk.chats.values():
            for say in _words(chat):
                said.setdefault(say.text, []).append(chat)
        for wrote in self.world.meta.wrote:
            assert wrote.event_id in self.seen, f"{wrote.text!r} was never taken"
            chats = said.pop(wrote.text, [])
            assert len(set(chats)) == len(chats), f"the agent reads {wrote.text!r} twice"
            assert len(chats) < 2 or wrote.text in self.carried, f"{wrote.text!r} is in two chats"
            assert chats or wrote.text in given_up, f"{wrote.text!r} never reached an agent"
            for chat in chats:
                assert chat.customer == wrote.address.customer, "it is in another's chat"
        assert not said, f"nobody wrote {said}"

    def _left_behind(self) -> Iterable[Unsaid]:
        """What was kept for an agent when the conversation ended."""
        for before, entry in self.ended:
            carried = () if entry.session is None else entry.session.waiting
            left = [one for one in before.waiting if one not in carried and not one.notice]
            assert not (left and entry.session), f"{left} are not in the next conversation"
            yield from left

    def _customers_words_are_in_order(self, chat: Chat) -> None:
        sent = {wrote.text: wrote for wrote in self.world.meta.wrote}
        owed = {say.text: self.owed[say.id][0] for say in _words(chat)}
        for earlier, later in pairwise(_words(chat)):
            one, other = sent[earlier.text], sent[later.text]
            assert one.sent_at is not None
            assert other.sent_at is not None
            if one.sent_at > other.sent_at:
                late = self.seen[other.event_id] > owed[one.text]
                assert late, f"{other.text!r} came in time, but after {one.text!r}"

    # -- What agents wrote -----------------------------------------------------------------

    def _answers(self) -> list[SendText]:
        effects = [effect for _, effect in self.owed.values()]
        return [one for one in effects if isinstance(one, SendText) and one.origin is Origin.AGENT]

    def _agents_words_are_in_order(self, who: str) -> None:
        spoken = self.world.spoken[who]
        answers = [one for one in self._answers() if one.address.customer == who]
        once = Counter(one.text for one in answers)
        assert set(once.values()) <= {1}, f"read twice from the desk: {once}"
        chat = self.world.chat(who)
        if chat is not None:
            said = {event.text for event in chat.events if isinstance(event, AgentWrote)}
            assert said <= set(once), f"never read from the desk: {said - set(once)}"
        read = [one.text for one in self.world.meta.taken if _is(one, who) and one.text in once]
        places = [spoken.index(text) for text, _ in groupby(read)]
        assert places == sorted(set(places)), f"the customer reads {read}"

    def _agents_words_are_with_the_customer(self, effect: SendText) -> None:
        times = sum(one.id == effect.id for one in self.world.meta.taken)
        assert effect.id in self.settled, f"{effect} is still owed"
        letter = self.dead.get(effect.id)
        if letter is None:
            assert times, f"{effect.text!r} has vanished"
        else:
            assert not times or letter.kind == "unknown", f"{effect.text!r} is dead, and delivered"
            self._agent_is_told(effect)

    def _agent_is_told(self, effect: SendText) -> None:
        entry = self.settled[effect.id]
        session = entry.session
        if session is None or session.id != effect.session or session.state is not State.TALKING:
            return  # there is nobody to be told
        notices = [one for one in entry.owed if isinstance(one, Say) and one.notice]
        assert notices, f"nobody was told of {effect.text!r}"
        assert effect.text in notices[0].text
        said = {say.id for say in self.world.desk.chats[notices[0].chat].said}
        assert notices[0].id in said or self._may_be_lost(notices[0]), f"{notices} was not said"

    def _may_be_lost(self, notice: Say) -> bool:
        over = any(before.id == notice.session for before, _ in self.ended)
        return over or bool({Fate.REFUSED, Fate.UNCLEAR} & self.world.desk.acts.gone)

    # -- Ends ------------------------------------------------------------------------------

    def _ends_have_a_cause(self) -> None:
        for before, entry in self.ended:
            assert self._may_end(before, entry), f"{before} ended without a cause: {entry}"
            told = {one.text for one in entry.owed if isinstance(one, SendText)}
            assert entry.session or ENDS & told, f"nobody was told that {before} ended"

    def _gateway_says_it_once(self) -> None:
        """Each conversation has one welcome and one end, whatever their effects are called."""
        effects = [one for _, one in self.owed.values() if isinstance(one, SendText)]
        said = Counter(
            (one.session, "an end" if one.text in ENDS else one.text)
            for one in effects
            if one.origin is Origin.GATEWAY and one.text not in REPEATED
        )
        assert set(said.values()) <= {1}, f"said more than once: {said.most_common(3)}"

    def _may_end(self, before: Session, entry: Entry) -> bool:
        if before.chat is not None:
            chat = self.world.desk.chats[before.chat]
            causes = (AgentLeft, DeskStatus)
            if chat.gone or any(isinstance(event, causes) for event in chat.events):
                return True
        if entry.settled is None:
            return False
        _, effect = self.owed[entry.settled]
        return isinstance(effect, OpenChat) or entry.dead is not None


def _words(chat: Chat) -> Sequence[Say]:
    """The customer's own words in a chat."""
    return [say for say in chat.said if not say.notice]


def _is(effect: Effect, who: str) -> bool:
    return effect.address.customer == who
