"""Answers side by side for a person to judge, as one page of HTML: the bare model's reasons, and ours."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from evaluation.explanations.measure import Explained, Reason

EXAMPLES = 20
_FOLDER = Path(__file__).parent / "templates"
_STYLE = Path(__file__).parents[1] / "report" / "templates" / "style.css"


def examples_page(answers: Mapping[str, Explained], seed: int, count: int = EXAMPLES) -> str:
    """The page of `count` answers drawn at random; every text of them is escaped."""
    numbers = [number for number, answer in answers.items() if answer.drafted and answer.shown]
    chosen = np.random.default_rng(seed).permutation(len(numbers))[:count]
    return _template().render(
        answers=[(numbers[int(place)], answers[numbers[int(place)]]) for place in sorted(chosen)],
        of=len(answers),
        seed=seed,
        style=Markup(_STYLE.read_text(encoding="utf-8")),  # noqa: S704 - a file of this repository
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["marked"] = _marked
    return environment.get_template("examples.html.jinja")


def _marked(reason: Reason) -> Markup:
    """A reason with its unsupported claims marked."""
    parts, at = [], 0
    for start, end in sorted(reason.spans):
        if start >= at:
            parts += [escape(reason.text[at:start]), Markup("<mark>{}</mark>").format(reason.text[start:end])]
            at = end
    return Markup("").join([*parts, escape(reason.text[at:])])
