"""What is asked for: labelled conversations that want items, and people of the catalogue with what they chose."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.conversation import Message
from core.intent import TurnKind
from core.turn import TurnRequest
from evaluation.understanding.report import Labelled

_WANTS = (TurnKind.RECOMMEND, TurnKind.REFINE, TurnKind.REJECT)
_OPENERS = (
    "What should I watch next?",
    "Recommend me something that I don't know yet.",
    "Surprise me with something from before 1990.",
    "Something funny, please.",
    "A dark thriller for tonight.",
    "I'd like a good drama.",
)


def requests(
    labelled: Sequence[Labelled], histories: Mapping[str, Sequence[str]], count: int, seed: int, longest: int = 50
) -> list[TurnRequest]:
    """`count` requests, the same for the same seed: half of them conversations, half people with their last choices."""
    chance = np.random.default_rng(seed)
    wanting = [each for each in labelled if each.intent.kind in _WANTS]
    people = [history for history in histories.values() if history]
    made: list[TurnRequest] = []
    for number in range(count):
        if wanting and (number % 2 == 0 or not people):
            conversation = wanting[int(chance.integers(len(wanting)))]
            made.append(TurnRequest(messages=conversation.messages))
        else:
            history = people[int(chance.integers(len(people)))]
            opener = _OPENERS[int(chance.integers(len(_OPENERS)))]
            messages = (Message(role="user", content=opener),)
            made.append(TurnRequest(messages=messages, history=tuple(history[-longest:])))
    return made
