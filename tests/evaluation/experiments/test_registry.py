"""Which experiments there are, and what they are given."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cli.evaluate.compare import compare
from cli.evaluate.experiment import experiment
from core.errors import InputError, NotFoundError
from evaluation.experiments import EXPERIMENTS
from evaluation.experiments.registry import ExperimentSettings, find_experiment, find_experiments, read_options
from evaluation.report.folder import read_report, write_report
from evaluation.report.report import Report
from tests.evaluation.report.examples import example


class Options(BaseModel):
    model_config = ConfigDict(extra="forbid")

    depth: int = Field(3, ge=1)


def _settings(tmp_path: Path, **changes: object) -> ExperimentSettings:
    return ExperimentSettings.model_validate({"catalog": "ml-100k", "report": tmp_path, **changes})


def test_a_module_with_run_is_an_experiment(tmp_path: Path) -> None:
    (tmp_path / "retrieval_depth.py").write_text('"""How deep?\n\nMore."""\n\ndef run(settings): ...\n')
    (tmp_path / "helpers.py").write_text("raise RuntimeError  # is never run\n")
    found = find_experiments(tmp_path)

    assert {name: one.summary for name, one in found.items()} == {"retrieval-depth": "How deep?"}
    assert find_experiment("retrieval-depth", found).name == "retrieval-depth"


def test_an_unknown_name_is_one_line_with_the_names_there_are(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def run(settings): ...\n")
    with pytest.raises(NotFoundError, match=r"^There is no experiment 'two'\. There are one\.$"):
        find_experiment("two", find_experiments(tmp_path))


def test_every_experiment_says_what_it_asks() -> None:
    assert all(one.summary for one in EXPERIMENTS.values())


def test_the_list_imports_nothing_heavy() -> None:
    code = (
        "import evaluation.experiments, sys; print([n for n in ('torch', 'matplotlib', 'polars') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_options_are_read_and_checked(tmp_path: Path) -> None:
    assert read_options(["depth=5", "some-name = a=b"]) == {"depth": "5", "some_name": "a=b"}
    for wrong in (["depth"], ["=5"], ["a=1", "a=2"]):
        with pytest.raises(InputError):
            read_options(wrong)
    assert _settings(tmp_path, options={"depth": "5"}).options_as(Options).depth == 5
    with pytest.raises(InputError, match=r"no option width\. It has depth\."):
        _settings(tmp_path, options={"width": "5"}).options_as(Options)
    with pytest.raises(InputError, match="This experiment: depth can't be 'deep'"):
        _settings(tmp_path, options={"depth": "deep"}).options_as(Options)


def test_something_is_repeated_at_least_once(tmp_path: Path) -> None:
    assert _settings(tmp_path, seed=7).seeds == (7,)
    assert _settings(tmp_path, seed=7, seeds=(1, 2)).seeds == (1, 2)
    with pytest.raises(ValidationError):
        _settings(tmp_path, users=0)


@pytest.fixture
def one_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[ExperimentSettings]:
    """An experiment called `example` that gives the settings it was run with."""
    (tmp_path / "example.py").write_text('"""What is it?"""\n\ndef run(settings): ...\n')
    given: list[ExperimentSettings] = []

    class Module:
        @staticmethod
        def run(settings: ExperimentSettings) -> Report:
            given.append(settings)
            return example("An answer.")

    monkeypatch.setitem(sys.modules, "evaluation.experiments.example", Module)
    monkeypatch.setitem(EXPERIMENTS, "example", find_experiments(tmp_path)["example"])
    return given


def test_the_command_runs_it_and_prints_its_page(
    one_experiment: list[ExperimentSettings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment("example", tmp_path / "out", "ml-100k", 20, 5, 3, ["depth=2"])

    (given,) = one_experiment
    assert (given.users, given.seed, given.seeds, given.options) == (20, 5, (5, 6, 7), {"depth": "2"})
    written = capsys.readouterr()
    assert written.out == f"{tmp_path / 'out' / 'report.html'}\n"
    assert "An answer." in written.err
    assert read_report(tmp_path / "out").title == "An answer."


def test_nothing_is_computed_for_a_report_that_can_not_be_written(
    one_experiment: list[ExperimentSettings], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file can't be written to \(file exists\)\. Name another folder"):
        experiment("example", tmp_path / "file", "ml-100k", None, 0, 1, [])
    with pytest.raises(InputError, match="--report reports/example"):
        experiment("example", None, "ml-100k", None, 0, 1, [])
    assert not one_experiment


def test_earlier_reports_are_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        write_report(example(), tmp_path / name)
    compare([tmp_path / "a", tmp_path / "b"], tmp_path / "both")

    assert capsys.readouterr().out == f"{tmp_path / 'both' / 'report.html'}\n"
