"""Which experiments there are, and what one is given. An experiment's module is imported only when it is run."""

import ast
import importlib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self, TypeVar, cast

from pydantic import BaseModel, Field, model_validator

from core.errors import InputError, NotFoundError
from core.settings import Settings
from core.values import Value
from evaluation.resumed import writing
from evaluation.validation import options_as

if TYPE_CHECKING:
    from evaluation.report.provenance import Provenance
    from evaluation.report.report import Report

_PACKAGE = "evaluation.experiments"
_Options = TypeVar("_Options", bound=BaseModel)


class ExperimentSettings(Value):
    """What an experiment is run with. `options` are its own, as `--set` gave them: see `options_as`."""

    settings: Settings = Field(default_factory=Settings)
    catalog: str
    report: Path  # where the report goes, and where an experiment keeps what it computed, to resume
    users: int | None = Field(None, ge=1)  # how many people are sampled; None: all
    seed: int = Field(0, ge=0)
    seeds: tuple[int, ...] = ()  # for what is repeated; by default `seed` alone
    options: dict[str, str] = Field(default_factory=dict)
    started: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @model_validator(mode="before")
    @classmethod
    def _repeat_at_least_once(cls, given: object) -> object:
        if isinstance(given, Mapping) and not given.get("seeds"):
            return {**given, "seeds": (given.get("seed", 0),)}
        return given

    @property
    def of_catalog(self) -> Settings:
        """The settings with this catalogue in them."""
        return self.settings.model_copy(update={"catalog": self.catalog})

    def options_as(self, model: type[_Options]) -> _Options:
        """The options as an experiment's own model; errors are those of `validation.options_as`."""
        return options_as(model, self.options, of="This experiment")

    def repeated(self, times: int) -> tuple[int, ...]:
        """The seeds of what is repeated: those given, or so many from the seed on."""
        return self.seeds if len(self.seeds) > 1 else tuple(range(self.seed, self.seed + times))

    def provenance(self, data_hash: str) -> "Provenance":
        """Where the numbers of this run come from; `data_hash` is the manifest's `catalog_hash`."""
        from evaluation.report.provenance import Provenance

        return Provenance.collect(started=self.started, data_hash=data_hash, seed=self.seed)


class _Module(Protocol):
    def run(self, settings: ExperimentSettings) -> "Report": ...


class Experiment(Value):
    """An experiment that can be run, and what it asks."""

    name: str
    summary: str

    def run(self, settings: ExperimentSettings) -> "Report":
        """Import and run it."""
        module = cast("_Module", importlib.import_module(f"{_PACKAGE}.{self.name.replace('-', '_')}"))
        return module.run(settings)

    @classmethod
    def of_file(cls, path: Path) -> Self | None:
        """The experiment in a module, read without running it; None where the module has no function `run`."""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if not any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            return None
        docstring = ast.get_docstring(tree) or ""
        return cls(name=path.stem.replace("_", "-"), summary=docstring.partition("\n")[0])


def find_experiments(folder: Path) -> dict[str, Experiment]:
    """The experiments of a folder by name, sorted."""
    found = (Experiment.of_file(path) for path in sorted(folder.glob("*.py")))
    return {experiment.name: experiment for experiment in found if experiment}


EXPERIMENTS = find_experiments(Path(__file__).parent)


def find_experiment(name: str, experiments: Mapping[str, Experiment] = EXPERIMENTS) -> Experiment:
    """The experiment of that name. Raises NotFoundError, naming those there are."""
    if name not in experiments:
        raise NotFoundError(f"There is no experiment {name!r}.", mend=f"There are {', '.join(experiments) or 'none'}.")
    return experiments[name]


def read_options(given: Iterable[str]) -> dict[str, str]:
    """`key=value` texts as a mapping. Raises InputError for one that is not of that form or is given twice."""
    options: dict[str, str] = {}
    for text in given:
        key, equals, value = text.partition("=")
        key = key.strip().replace("-", "_")
        if not (key and equals):
            raise InputError(f"The option {text!r} has no value.", mend="Write it as --set KEY=VALUE.")
        if key in options:
            raise InputError(f"The option {key} is given twice.", mend="Give each --set KEY=VALUE once.")
        options[key] = value.strip()
    return options


def check_report_folder(folder: Path) -> None:
    """Make the folder before anything is computed. Raises InputError where no report could be written to it."""
    with writing(folder, "Name another folder with --report."):
        folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"The folder {folder} can't be written to.", mend="Name another folder with --report.")
