"""Chat templates: Jinja with a block `{% chat role="…" %}` for each message, compiled once and rendered often.

By banks, which LlamaIndex's `RichPromptTemplate` is made of. That one compiles its text at each call, which takes a
hundred times as long as rendering it.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from banks import Prompt  # type: ignore[import-untyped]

from core.errors import InputError

FOLDER = Path(__file__).parent / "templates"

Message = dict[str, str]


class ChatTemplate:
    """A template that is compiled. Safe to render in several threads."""

    def __init__(self, text: str) -> None:
        """Raises jinja2's TemplateSyntaxError for a text that is no template."""
        self._prompt = Prompt(text, render_cache=_NoCache())

    def messages(self, variables: Mapping[str, Any]) -> list[Message]:
        """The chat messages, in OpenAI's shape."""
        messages = self._prompt.chat_messages(dict(variables))
        return [{"role": message.role, "content": _text(message.content)} for message in messages]


def names_of(kind: str) -> list[str]:
    """The templates of a kind by name and version, such as `choose-v1` and `choose-bare-v1` of `choose`."""
    return sorted(path.stem for path in FOLDER.glob(f"{kind}-*.jinja"))


@cache
def named_template(name: str, kind: str) -> ChatTemplate:
    """The template of that name. Raises InputError, naming those of the kind, for an unknown one."""
    names = names_of(kind)
    if name not in names:
        raise InputError(f"There is no prompt template {name!r}.", mend=f"Choose one of: {', '.join(names)}.")
    return ChatTemplate((FOLDER / f"{name}.jinja").read_text(encoding="utf-8"))


class _NoCache:
    """Rendered prompts are not kept: a run over many people would keep them all."""

    def get(self, _: dict[str, Any]) -> str | None:
        return None

    def set(self, _: dict[str, Any], prompt: str) -> None:
        del prompt


def _text(content: str | list[Any]) -> str:
    return content if isinstance(content, str) else "".join(block.text or "" for block in content)
