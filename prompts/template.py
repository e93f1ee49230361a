"""A prompt template as one file: a header in TOML between two lines of `+++`, then chat blocks in Jinja.

A new template is a new file: in `prompts/templates`, or at any path. The header:

    name = "hard"            what it is called
    version = 1              goes up whenever the text changes
    form = "hard"            hard, json, chain-of-thought or few-shot
    soft = false             whether it has places for soft tokens
    answer = "ranking"       the schema of the answer, see `prompts.answers`

Every mistake is one line with the file and the line number, and is found before anything is rendered for a person.
"""

import hashlib
import tomllib
import traceback
from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from banks.env import env as _environment  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta, nodes
from pydantic import Field, ValidationError, field_validator

from core.errors import InputError
from core.values import Value
from prompts.answers import ANSWERS
from prompts.chat_template import FOLDER, ChatTemplate, Message

_FENCE = "+++"


class Form(StrEnum):
    """How a prompt speaks, in the terms of the survey (arXiv 2505.09777, section on prompting)."""

    HARD = "hard"  # plain text
    JSON = "json"  # the same facts as JSON
    CHAIN_OF_THOUGHT = "chain-of-thought"  # asks for reasoning before the answer
    FEW_SHOT = "few-shot"  # shows true examples of other people first


class Header(Value):
    """What a template says of itself."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    version: int = Field(ge=1)
    form: Form
    soft: bool = False
    answer: str

    @field_validator("answer")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in ANSWERS:
            raise ValueError(f"there is no answer {name!r}; there are {', '.join(ANSWERS)}")
        return name


class PromptTemplate:
    """A template that was read and whose header is sound; `check` looks at the rest."""

    def __init__(self, path: Path) -> None:
        """Raises InputError, with the file and the line, for a header that is missing or broken."""
        self.path = path
        text = _read(path)
        self.header, self._body, self._first_line = _split(path, text)
        self.digest = hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def name(self) -> str:
        """Name and version, such as `json-v1`."""
        return f"{self.header.name}-v{self.header.version}"

    def render(self, variables: Mapping[str, Any]) -> list[Message]:
        """The chat messages, in OpenAI's shape."""
        return self._compiled.messages(variables)

    def check(self, sample: Mapping[str, Any]) -> None:
        """Render once with a sample, strictly. Raises InputError with the line of what is wrong."""
        strict = _environment.overlay(undefined=StrictUndefined)
        try:
            tree = strict.parse(self._body)
            for name, line in _unknown_names(tree, set(sample)):
                known = ", ".join(sorted(sample))
                raise self._mistake(line, f"there is no variable {name!r}", f"There are {known}.")
            strict.from_string(self._body).render(dict(sample))
        except TemplateSyntaxError as error:
            raise self._mistake(error.lineno, (error.message or "it is broken").rstrip(".")) from error
        except UndefinedError as error:
            raise self._mistake(_line_of(error), str(error)) from error
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
            raise self._mistake(_line_of(error), f"{type(error).__name__}: {error}") from error
        roles = [message["role"] for message in self.render(sample)]
        if "{% chat" not in self._body or roles[-1] != "user":
            raise self._mistake(1, "the last chat block is not the user's", 'End with {% chat role="user" %}.')

    @cached_property
    def _compiled(self) -> ChatTemplate:
        return ChatTemplate(self._body)

    def _mistake(self, line: int, what: str, mend: str = "Mend that line.") -> InputError:
        return InputError(f"{self.path}, line {line + self._first_line - 1}: {' '.join(what.split())}.", mend=mend)


def template_names() -> list[str]:
    """The templates with a header in `prompts/templates`, by their files' names."""
    return sorted(path.stem for path in FOLDER.glob("*.jinja") if _has_header(path))


def find_template(name: str) -> PromptTemplate:
    """A template by its name, with or without its version (without: the newest), or by the path of its file.

    Raises InputError, naming those there are.
    """
    if name.endswith(".jinja") or "/" in name:
        return PromptTemplate(Path(name))
    known = template_names()
    versions = [stem for stem in known if stem == name or stem.rpartition("-v")[0] == name]
    if not versions:
        cause = f"There is no prompt template {name!r}."
        raise InputError(cause, mend=f"There are {', '.join(known)}; or give a file that ends in .jinja.")
    newest = max(versions, key=_version)
    return PromptTemplate(FOLDER / f"{newest}.jinja")


def _version(stem: str) -> int:
    """The version in a file's name; 0 where it has none."""
    number = stem.rpartition("-v")[2]
    return int(number) if number.isdecimal() else 0


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        mend = f"Name a file, or one of {', '.join(template_names())}."
        raise InputError(f"There is no prompt template {path}.", mend=mend) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The prompt template {path} can't be read.", mend="It is a text file in UTF-8.") from error


def _has_header(path: Path) -> bool:
    return path.read_text(encoding="utf-8").startswith(_FENCE)


def _split(path: Path, text: str) -> tuple[Header, str, int]:
    """The header, the template, and the line of the file that the template begins on."""
    lines = text.splitlines(keepends=True)
    ends = [place for place, line in enumerate(lines) if line.strip() == _FENCE]
    if len(ends) < 2 or ends[0] != 0:
        mend = f"Begin with name, version, form and answer between two lines of {_FENCE}."
        raise InputError(f"{path}, line 1: the header is missing.", mend=mend)
    head = "".join(lines[1 : ends[1]])
    try:
        header = Header.model_validate(tomllib.loads(head))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}, in the header from line 2 on: {error}.", mend="Mend the header.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        line = next((place + 2 for place, one in enumerate(head.splitlines()) if one.split("=")[0].strip() == name), 1)
        what = first["msg"].removeprefix("Value error, ")
        raise InputError(f"{path}, line {line}: {name}: {what}.", mend="Mend the header.") from error
    return header, "".join(lines[ends[1] + 1 :]), ends[1] + 2


def _unknown_names(tree: nodes.Template, known: set[str]) -> Iterator[tuple[str, int]]:
    """Variables that nobody gives, with the first line that each stands on."""
    unknown = meta.find_undeclared_variables(tree) - known - {"range", "dict", "namespace", "joiner", "cycler"}
    for name in sorted(unknown):
        yield name, min(node.lineno for node in tree.find_all(nodes.Name) if node.name == name)


def _line_of(error: Exception) -> int:
    """The line of the template in an error's traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == "<template>"), 1)
