"""Cutting what is to be said into what Messenger takes in one call (wire reference, 1.7).

Meta says "fewer than 2,000 characters" and not what it counts; 1,900 UTF-16 units are below that
however it counts. Quick replies: 13 at most, with titles of 20 characters.
"""

from __future__ import annotations

from attrs import evolve

from chatgw.channels.text import clean, shorten, split, units
from chatgw.values import Choice, Effect, SendChoices, SendText, Words

TEXT_UNITS = 1_900
TITLE_UNITS = 20
MOST_CHIPS = 13


def fit(effect: Effect) -> list[Effect]:
    """The parts of an effect, in order; the effect itself if it fits or is not text.

    Parts are called ``<id>.1``, ``<id>.2`` …; a single part keeps the effect's id.
    """
    if isinstance(effect, SendText):
        return [
            evolve(effect, id=part_id, text=text)
            for part_id, text in _parts(effect.id, clean(effect.text))
        ]
    if isinstance(effect, SendChoices):
        return _fit_choices(effect)
    return [effect]


def _fit_choices(effect: SendChoices) -> list[Effect]:
    """The question and its chips; a numbered list besides, where the chips do not tell it all.

    With the list, the customer can type the number of a choice that has no chip.
    """
    caption = clean(effect.text)
    choices = [Choice(clean(choice.title), choice.payload) for choice in effect.choices]
    told_by_chips = len(choices) <= MOST_CHIPS and all(
        choice.title.strip() and units(choice.title) <= TITLE_UNITS for choice in choices
    )
    if not (told_by_chips and caption.strip()):
        lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
        caption = "\n".join([caption, *lines] if caption.strip() else lines)
        if not told_by_chips:
            choices = [
                Choice(shorten(line, TITLE_UNITS), choice.payload)
                for line, choice in zip(lines, choices, strict=True)
            ]
    *leading, (last_id, last_text) = _parts(effect.id, caption)
    parts: list[Effect] = [
        SendText(
            id=part_id,
            address=effect.address,
            session=effect.session,
            at=effect.at,
            useful_for=effect.useful_for,
            only_in=effect.only_in,
            heard_at=effect.heard_at,
            text=text,
        )
        for part_id, text in leading
    ]
    chips = tuple(choices[:MOST_CHIPS])
    return [*parts, evolve(effect, id=last_id, text=last_text, choices=chips)]


def _parts(effect_id: str, text: str) -> list[tuple[str, Words]]:
    """The parts of a text with their ids; one, even of an empty text."""
    texts = split(text, TEXT_UNITS) or [""]
    if len(texts) == 1:
        return [(effect_id, Words(texts[0]))]
    return [(f"{effect_id}.{number}", Words(part)) for number, part in enumerate(texts, 1)]
