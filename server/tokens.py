"""Counts tokens as the language model does, for limits on the length of an answer."""

from collections.abc import Callable
from pathlib import Path

from tokenizers import Tokenizer


def token_counter(model: str) -> Callable[[str], int]:
    """A function that counts the tokens of a text.

    `model` is a checkpoint's folder or a hub name. Where its tokenizer can't be had, as for a model behind an address
    that only its server knows, a token is taken to be four bytes, which is what English needs on average.
    """
    if not model:
        return _four_bytes_each
    try:
        file = Path(model) / "tokenizer.json"
        tokenizer = Tokenizer.from_file(str(file)) if file.is_file() else Tokenizer.from_pretrained(model)
    except Exception:  # the tokenizers library raises plain Exception for all that can go wrong
        return _four_bytes_each
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def _four_bytes_each(text: str) -> int:
    return -(-len(text.encode("utf-8", "replace")) // 4)
