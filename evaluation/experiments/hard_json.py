"""The hard JSON prompt read as a ranking in one pass: the answer is begun, and the letters of the first place compared.

LLM4Rec's hard-prompt baseline (arXiv 2510.01622). What the frozen model would write first is what it says is likeliest;
the probabilities of all letters there rank all candidates, so nothing is lost to answers that break off or repeat.
"""

from typing import Any

import torch

from evaluation.people import latest as last_of
from prompts.choice import label_ids
from prompts.ranking import RankingTask, labels_of, render_ranking
from prompts.template import find_template
from training.language.candidates import Choice
from training.language.corpus import Corpus
from training.language.encoding import EncodedChoice

TEMPLATE = "json"
_COUNT = 10  # candidates that the prompt asks for
_BEGUN = '{"ranking": ["'


def encode_hard_json(choice: Choice, corpus: Corpus, tokenizer: Any, latest: int) -> EncodedChoice:
    """The prompt with `latest` titles of the history and the beginning of its answer, without soft tokens.

    Raises InputError for a tokenizer that has no single token for a letter there.
    """
    items = corpus.items.items
    task = RankingTask(
        history=tuple(items[row] for row in last_of(choice.position.history, latest)),
        candidates=tuple(items[row] for row in choice.rows),
        count=min(_COUNT, len(choice.rows)),
    )
    messages = list(render_ranking(find_template(TEMPLATE), task, corpus.wording).messages)
    asked: str = tokenizer.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
    )
    nobody = torch.zeros(corpus.embeddings.shape[1])
    return EncodedChoice(
        pieces=(tuple(tokenizer.encode(asked + _BEGUN, add_special_tokens=False)),),
        person=nobody,
        items=nobody.expand(len(choice.rows), -1),
        letters=torch.tensor(label_ids(labels_of(len(choice.rows)), tokenizer, _BEGUN)),
        label=-1 if choice.label is None else choice.label,
        chances=torch.zeros(len(choice.rows)),
    )
