"""The one-pass ranking prompt: candidates stand behind single letters, and the next token is one of the letters.

The score of a candidate is the log probability of its letter after the prompt, as in listwise ranking by first-token
logits (FIRST, arXiv 2406.15657). Soft tokens (LLM4Rec, arXiv 2510.01622, soft prompts) stand where the markers PERSON
and ITEM stand; without them the same template is an ordinary prompt. Knows nothing of torch: a tokenizer is passed in.
"""

import re
from collections import Counter
from collections.abc import Sequence
from string import ascii_lowercase, ascii_uppercase

from pydantic import Field

from core.artifacts import Wording
from core.errors import InputError
from core.intent import Intent
from core.item import ItemTable
from core.markers import ITEM, PERSON, Tokenizer
from core.values import Value
from prompts.chat_template import named_template
from prompts.payload import recommend_payload
from prompts.plain_text import plain

LETTERS = ascii_uppercase + ascii_lowercase
MAX_CANDIDATES = len(LETTERS)
LATEST = 10  # titles of the history that are shown


class ChoicePrompt(Value):
    """A rendered prompt, and what each letter stands for."""

    system: str = Field(repr=False)
    user: str = Field(repr=False)
    labels: dict[str, str]  # letter → item id, in the order of the candidates

    @property
    def messages(self) -> list[dict[str, str]]:
        """The prompt as chat messages."""
        return [{"role": "system", "content": self.system}, {"role": "user", "content": self.user}]


def choice_prompt(
    intent: Intent,
    candidates: Sequence[str],
    items: ItemTable,
    *,
    wording: Wording,
    history: Sequence[str] = (),
    soft: bool = True,
    name: str = "choose-v1",
    latest: int = LATEST,
) -> ChoicePrompt:
    """The prompt for one choice among `candidates` (item ids, at most MAX_CANDIDATES, in the order of their letters).

    `history` are item ids, latest last. `soft` puts the markers where soft tokens stand. Raises InputError for an
    unknown template or too many candidates.
    """
    if not 1 <= len(candidates) <= MAX_CANDIDATES:
        cause = f"{len(candidates)} candidates can't be ranked in one pass."
        raise InputError(cause, mend=f"Set TASTEMAKER_CANDIDATES to at most {MAX_CANDIDATES}.")
    labels = dict(zip(LETTERS, candidates, strict=False))
    known = [item_id for item_id in history if item_id in items]
    system, user = named_template(name, "choose").messages(
        {
            "wording": wording,
            "person": PERSON if soft else "",
            "item": ITEM if soft else "",
            "latest": "; ".join(_titles(known[-latest:], items)) if latest else "",
            "wants": _wants(intent, items),
            "candidates": list(zip(labels, _titles(list(labels.values()), items), strict=True)),
        }
    )
    return ChoicePrompt(system=system["content"], user=user["content"], labels=labels)


def chat_text(prompt: ChoicePrompt, tokenizer: Tokenizer) -> str:
    """The prompt in the model's own chat format; the next token is a letter. Markers still stand in it.

    Raises InputError for a model without a chat template that has a system role.
    """
    messages = [{**message, "content": _harmless(message["content"], tokenizer)} for message in prompt.messages]
    return _format(messages, tokenizer)


def label_ids(labels: Sequence[str], tokenizer: Tokenizer, begun: str = "") -> list[int]:
    """The token of each letter at the start of an answer, or behind what is `begun` of it.

    Raises InputError where a letter is no single token.
    """
    start = _format([{"role": "system", "content": "x"}, {"role": "user", "content": "x"}], tokenizer) + begun
    before = tokenizer.encode(start, add_special_tokens=False)
    ids = []
    for label in labels:
        tokens = tokenizer.encode(start + label, add_special_tokens=False)
        if tokens[:-1] != before:
            cause = f"The model's tokenizer has no single token for the letter {label} at the start of an answer."
            raise InputError(cause, mend="Choose another model.")
        ids.append(tokens[-1])
    return ids


def _titles(item_ids: Sequence[str], items: ItemTable) -> list[str]:
    """Titles without years, of which each costs six tokens; two of the same title keep theirs."""
    count = Counter(items[item_id].title for item_id in item_ids)
    shown = (items[item_id] for item_id in item_ids)
    return [plain(item.title if count[item.title] == 1 else item.label) for item in shown]


def _wants(intent: Intent, items: ItemTable) -> list[tuple[str, str]]:
    """What the person said they want, by the same names as in the JSON prompt."""
    payload = recommend_payload(intent, (), items=items, count=1)
    said = {name: value for name, value in payload.items() if name not in ("choose", "candidates")}
    return [
        (name.replace("_", " ").capitalize(), plain(value if isinstance(value, str) else "; ".join(value)))
        for name, value in said.items()
    ]


def _harmless(text: str, tokenizer: Tokenizer) -> str:
    """Break up whatever this tokenizer would read as a special token, so that data can't end a message."""
    special = [str(token) for token in tokenizer.added_tokens_decoder.values() if len(str(token).strip()) > 1]
    if not special:
        return text
    longest_first = "|".join(re.escape(token) for token in sorted(special, key=len, reverse=True))
    return re.sub(longest_first, lambda found: f"{found[0][0]} {found[0][1:]}", text)


def _format(messages: list[dict[str, str]], tokenizer: Tokenizer) -> str:
    try:
        # Models that can think are told to answer at once; templates that know no such switch ignore it.
        text: str = tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
    except Exception as error:  # jinja2's TemplateError, or transformers' ValueError where there is no template
        cause = "The language model has no chat template with a system message."
        raise InputError(cause, mend="Choose a model that is tuned for instructions.") from error
    return text
