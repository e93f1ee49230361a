"""The prompts of a chat's turn by name and version: one file each in `prompts/templates`."""

from functools import partial

from core.artifacts import Wording
from core.candidate import Candidate
from core.generator import ChatPrompt
from core.intent import Intent
from core.item import ItemTable
from prompts.chat_template import named_template, names_of
from prompts.payload import candidate_labels, example_answer, recommend_payload, to_prompt_json
from prompts.schema import REASON_CHARS, REASONING_CHARS, recommend_schema

KIND = "recommend"


def names() -> list[str]:
    """Every template for a turn, such as `recommend-v1`. Those that rank have a header: see `prompts.template`."""
    return names_of(KIND)


def recommend_prompt(
    name: str,
    intent: Intent,
    candidates: tuple[Candidate, ...],
    items: ItemTable,
    *,
    count: int,
    wording: Wording,
    example: tuple[Candidate, ...] = (),
    history: tuple[str, ...] = (),
    best_last: bool = False,
    reasoned: bool = True,
    temperature: float = 0.0,
    seed: int | None = None,
) -> ChatPrompt:
    """The prompt for choosing `count` of the candidates, with the schema that holds the answer to them.

    `example` are candidates that are not on offer and show how an answer looks; `best_last` turns the order of each
    candidate's evidence round, in which a tuned model tells it. An answer begins with a line of thought where it is
    `reasoned`. Raises InputError for an unknown template.
    """
    payload = partial(recommend_payload, intent, items=items, history=history)
    rendered = named_template(name, KIND).messages(
        {
            "wording": wording,
            "count": count,
            "reasoned": reasoned,
            "payload": to_prompt_json(payload(candidates, count=count, best_last=best_last)),
            "example_payload": to_prompt_json(payload(example, count=len(example))) if example else "",
            "example_answer": to_prompt_json(example_answer(intent, example, items, reasoned=reasoned)),
        }
    )
    system, *shown, user = (message["content"] for message in rendered)
    return ChatPrompt(
        system=system,
        user=user,
        example=(shown[0], shown[1]) if shown else None,
        answer_schema=recommend_schema(candidate_labels(candidates, items), candidates, count=count, reasoned=reasoned),
        # A token is two characters or more of such text; the rest is the JSON around it.
        max_tokens=reasoned * REASONING_CHARS // 2 + count * (REASON_CHARS // 2 + 60) + 40,
        temperature=temperature,
        seed=seed,
    )
