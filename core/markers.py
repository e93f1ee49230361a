"""Where soft tokens stand in a prompt's text, and what is asked of a tokenizer.

Unicode's private use area: no text means anything by these characters, and prompts take them out of all data.
"""

from collections.abc import Mapping
from typing import Any, Protocol

PERSON = "\ue000"  # where the person's soft tokens stand
ITEM = "\ue001"  # where a candidate's soft token stands


class Tokenizer(Protocol):
    """What is used of a transformers tokenizer."""

    @property
    def added_tokens_decoder(self) -> Mapping[int, Any]:
        """Tokens that text can't be split into, by id."""
        ...

    def apply_chat_template(self, conversation: list[dict[str, str]], **options: Any) -> Any:
        """The conversation in the form that the model was trained with."""
        ...

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        """Token ids."""
        ...
