"""What the steps of a turn hand on to each other, and what they let out while they work.

Each event carries all that the next steps read, so that any step can be run alone.
"""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from llama_index.core.workflow import Event, StartEvent, StopEvent

from agent.draft import Draft
from agent.pictures import Seen
from core.candidate import Shortlist
from core.generator import ChatPrompt, Choice
from core.intent import Intent
from core.recommendation import Answer
from core.turn import ItemReady, ReasonReady, TextDelta, TurnRequest
from index.fusion import Retrieval
from index.query import Query


@dataclass(frozen=True, repr=False)
class Embedding:
    """A vector [d]. It prints as a name: the workflow describes every event to its listeners."""

    vector: npt.NDArray[np.float32]


class Asked(StartEvent):
    """A person wrote."""

    request: TurnRequest


class Understood(Event):
    """The conversation became an intent."""

    request: TurnRequest
    intent: Intent
    seen: Seen | None = None


class Retrieved(Event):
    """Items whose metadata answers the words of the wish; `words` [d] is their embedding, None where none were said."""

    request: TurnRequest
    intent: Intent
    seen: Seen | None = None
    retrieval: Retrieval
    words: Embedding | None


class Represented(Event):
    """The person as an embedding in the space of the items, and with it all that the candidates are made for."""

    request: TurnRequest
    query: Query


class Shortlisted(Event):
    """The candidates, corrected for bias."""

    request: TurnRequest
    query: Query
    shortlist: Shortlist


class Ranked(Event):
    """The candidates in the order in which they are offered; `choice` where the language model ranked them."""

    request: TurnRequest
    query: Query
    shortlist: Shortlist
    choice: Choice | None = None


class Prompted(Event):
    """The prompts for the language model: one, or one for each item whose place is known."""

    query: Query
    shortlist: Shortlist
    choice: Choice | None
    prompts: tuple[ChatPrompt, ...]


class Generated(Event):
    """The model's answer while it is being written; `drafts` is None where the model can't be asked."""

    query: Query
    shortlist: Shortlist
    choice: Choice | None
    drafts: AsyncGenerator[Draft] | None


class Let(Event):
    """Something that leaves the turn while it runs."""

    out: TextDelta | ItemReady | ReasonReady


class Answered(StopEvent):
    """The turn is over."""

    answer: Answer
