"""Lets a simulated person and a recommender talk until the target is shown or the turns are used up."""

import time

from core.conversation import Message
from core.values import Value
from evaluation.simulation.person import SimulatedPerson
from evaluation.simulation.recommenders import Recommender, Talk


class Exchange(Value):
    """What the person said, and what came back."""

    said: str
    told: str
    crowd: int  # how many items fit all that was told
    answered: str
    item_ids: tuple[str, ...] = ()
    place: int | None = None  # of the target among all that could have been shown; None: ruled out, or only words
    repeats: int = 0  # items that were shown before
    held_back: str = ""  # why the target was not shown although its place would do
    seconds: float = 0.0
    cpu_seconds: float = 0.0  # of this process: comparable where the machine does other things as well


class Conversation(Value):
    """A whole conversation. `found` is the turn, from 1, in which the target was shown; None: it never was."""

    user_id: str
    target: str
    recommender: str
    history_known: bool
    exchanges: tuple[Exchange, ...]
    found: int | None
    last_words: str = ""


async def converse(
    person: SimulatedPerson, recommender: Recommender, *, turns: int, history_known: bool, name: str = ""
) -> Conversation:
    """At most `turns` answers. `name` is what the conversation is kept under; by default the recommender's."""
    who = person.person
    messages: list[Message] = []
    exchanges: list[Exchange] = []
    said = person.open()
    while not said.accepts and len(exchanges) < turns:
        messages.append(Message(role="user", content=said.text))
        talk = Talk(tuple(messages), who.history if history_known else (), who.target)
        started, cpu_started = time.perf_counter(), time.process_time()
        shown = await recommender.answer(talk)
        exchanges.append(
            Exchange(
                said=said.text,
                told=said.told,
                crowd=said.crowd,
                answered=shown.text,
                item_ids=shown.item_ids,
                place=shown.place,
                repeats=len(talk.shown.intersection(shown.item_ids)),
                held_back=shown.held_back,
                cpu_seconds=round(time.process_time() - cpu_started, 4),
                seconds=round(time.perf_counter() - started, 4),
            )
        )
        messages.append(Message(role="assistant", content=shown.text, item_ids=shown.item_ids))
        said = person.reply(shown.item_ids, shown.text)
    return Conversation(
        user_id=who.user_id,
        target=who.target,
        recommender=name or recommender.name,
        history_known=history_known,
        exchanges=tuple(exchanges),
        found=len(exchanges) if said.accepts else None,
        last_words=said.text if said.accepts else "",
    )
