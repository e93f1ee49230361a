"""The rubric: one versioned file with the aspects, their anchors, and the words in which the judge is asked."""

import hashlib
import tomllib
from pathlib import Path

from pydantic import Field, ValidationError

from core.errors import InputError
from core.values import Value
from evaluation.validation import first_problem

FOLDER = Path(__file__).parent / "rubrics"
DEFAULT = FOLDER / "explanations-v1.toml"
SCORES = (1, 2, 3, 4, 5)


class Aspect(Value):
    """One thing that is judged, with what 1, 3 and 5 mean."""

    name: str = Field(pattern=r"^[a-z]+$")
    question: str
    low: str
    middle: str
    high: str

    @property
    def text(self) -> str:
        """One line of the prompt."""
        return f"{self.name}: {self.question} 1: {self.low}. 3: {self.middle}. 5: {self.high}."


class Rubric(Value):
    """`score` and `compare` have places {criteria}, {data} and {mark}. `digest` changes with any word of the file."""

    name: str
    version: int = Field(ge=1)
    system: str
    score: str
    compare: str
    aspects: tuple[Aspect, ...] = Field(min_length=1)
    digest: str = ""

    @property
    def label(self) -> str:
        """Name and version, such as `explanations-v1`."""
        return f"{self.name}-v{self.version}"

    @property
    def names(self) -> tuple[str, ...]:
        """The aspects' names."""
        return tuple(aspect.name for aspect in self.aspects)

    def criteria(self, *, reversed_order: bool = False) -> str:
        """The aspects for a prompt, in their order or the other way round."""
        aspects = self.aspects[::-1] if reversed_order else self.aspects
        return "\n".join(f"- {aspect.text}" for aspect in aspects)


def read_rubric(path: Path = DEFAULT) -> Rubric:
    """Raises InputError for a file that is missing, no TOML, or no rubric."""
    try:
        text = path.read_text(encoding="utf-8")
        rubric = Rubric.model_validate(
            {**tomllib.loads(text), "digest": hashlib.sha256(text.encode()).hexdigest()[:12]}
        )
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"The rubric {path} can't be read ({error}).", mend="Mend the file.") from error
    except ValidationError as error:
        raise InputError(f"The rubric {path}: {first_problem(error)}.", mend="Mend the file.") from error
    for name in ("score", "compare"):
        try:
            getattr(rubric, name).format(criteria="", data="", mark="")
        except (KeyError, IndexError, ValueError) as error:
            cause = f"The rubric {path}: {name} has a place that isn't known ({error})."
            raise InputError(cause, mend="Use {criteria}, {data} and {mark}.") from error
    return rubric
