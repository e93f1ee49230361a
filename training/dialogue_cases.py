"""What there is to learn in conversations: every point at which somebody recommended something new."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.dialogue import Dialogue, Utterance

_WINDOW = 6  # choices that make a simulated conversation


@dataclass(frozen=True)
class Case:
    """A point of a conversation at which new items were recommended."""

    conversation: int
    before: Dialogue
    answers: tuple[int, ...]


def cases(dialogues: Sequence[Dialogue]) -> list[Case]:
    """Every point at which the recommender named items that were not named before."""
    found = []
    for number, dialogue in enumerate(dialogues):
        named: set[int] = set()
        for place, utterance in enumerate(dialogue):
            new = tuple(dict.fromkeys(row for row in utterance.rows if row not in named))
            if new and not utterance.by_person:
                found.append(Case(number, dialogue[:place], new))
            named.update(new)
    return found


def simulated(histories: Sequence[Sequence[int]], *, limit: int = 1000) -> list[Dialogue]:
    """Conversations without words, for a catalogue that has only histories of rows, oldest first.

    Of `_WINDOW` choices in a row the person names the first two, and the recommender names the others one by one. At
    most `limit` windows, drawn at random, the same ones each time.
    """
    starts = [
        (person, start)
        for person, history in enumerate(histories)
        for start in range(0, len(history) - _WINDOW + 1, _WINDOW)
    ]
    drawn = np.random.default_rng(0).permutation(len(starts))[:limit]
    dialogues: list[Dialogue] = []
    for person, start in (starts[number] for number in np.sort(drawn)):
        window = [int(row) for row in histories[person][start : start + _WINDOW]]
        told = Utterance(by_person=True, words="", rows=tuple(window[:2]))
        dialogues.append((told, *(Utterance(by_person=False, words="", rows=(row,)) for row in window[2:])))
    return dialogues
