"""The prompts of a chat's turn by name and version: one file each in `prompts/templates`, rendered by LlamaIndex."""

from functools import cache, partial
from pathlib import Path

from llama_index.core.prompts import RichPromptTemplate

from core.artifacts import Wording
from core.candidate import Candidate
from core.errors import InputError
from core.generator import ChatPrompt
from core.intent import Intent
from core.item import ItemTable
from prompts.payload import candidate_labels, example_answer, recommend_payload, to_prompt_json
from prompts.schema import REASON_CHARS, REASONING_CHARS, recommend_schema

FOLDER = Path(__file__).parent / "templates"


def names() -> list[str]:
    """Every template for a turn, such as `recommend-v1`. Those that rank have a header: see `prompts.template`."""
    return sorted(path.stem for path in FOLDER.glob("recommend-*.jinja"))


@cache
def _template(name: str) -> RichPromptTemplate:
    if name not in names():
        raise InputError(f"There is no prompt template {name!r}.", mend=f"Choose one of: {', '.join(names())}.")
    return RichPromptTemplate((FOLDER / f"{name}.jinja").read_text(encoding="utf-8"))


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
    temperature: float = 0.0,
    seed: int | None = None,
) -> ChatPrompt:
    """The prompt for choosing `count` of the candidates, with the schema that holds the answer to them.

    `example` are candidates that are not on offer and show how an answer looks.
    """
    payload = partial(recommend_payload, intent, items=items, history=history)
    rendered = _template(name).format_messages(
        wording=wording,
        count=count,
        payload=to_prompt_json(payload(candidates, count=count)),
        example_payload=to_prompt_json(payload(example, count=len(example))) if example else "",
        example_answer=to_prompt_json(example_answer(intent, example, items)),
    )
    system, *shown, user = (message.content or "" for message in rendered)
    return ChatPrompt(
        system=system,
        user=user,
        example=(shown[0], shown[1]) if shown else None,
        answer_schema=recommend_schema(candidate_labels(candidates, items), candidates, count=count),
        # A token is two characters or more of such text; the rest is the JSON around it.
        max_tokens=REASONING_CHARS // 2 + count * (REASON_CHARS // 2 + 60) + 40,
        temperature=temperature,
        seed=seed,
    )
