"""`tastemaker evaluate rank`: the best items for every history of a file, by history alone."""

import hashlib
from dataclasses import asdict
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.evaluate.outputs import check_out, markdown
from cli.options import CatalogOption, say, settings_from
from core.errors import InputError

if TYPE_CHECKING:
    from core.artifacts import ArtifactLayout
    from evaluation.ranking.evaluate import RankingReport, Slice
    from evaluation.ranking.sequences import SequenceFile
    from server.artifacts import Artifacts


def rank(
    sequences: Annotated[Path, typer.Option(help='Lines of {"user_id", "item_ids"}, a history in time order each.')],
    out: Annotated[Path | None, typer.Option(help="File for the lists; with --target-last, for the numbers.")] = None,
    k: Annotated[int, typer.Option(min=1, help="How many items.")] = 10,
    target_last: Annotated[
        bool,
        typer.Option(
            "--target-last",
            help="Measure instead, with each history's last item as the target. "
            "Honest only for a ranker that was not trained on those items.",
        ),
    ] = False,
    catalog: CatalogOption = "",
) -> None:
    """Rank the catalogue for every history of a file, without the language model.

    \b
    Examples:
      tastemaker evaluate rank --sequences histories.jsonl --out lists.jsonl
      tastemaker evaluate rank --sequences histories.jsonl --target-last
    """
    settings = settings_from(catalog=catalog)
    if out:
        check_out(out, sequences=sequences)
    elif not target_last:
        raise InputError("--out is needed.", mend="Name the file that the lists are written to.")
    from evaluation.ranking.sequences import SequenceFile
    from server.manifest import artifact_layout, read_items, read_manifest

    layout = artifact_layout(settings.artifacts, settings.catalog)
    read_manifest(layout)
    items = read_items(layout)
    people = SequenceFile(sequences, items)  # a broken line is said before anything heavy is loaded
    from server.artifacts import configured_artifacts

    artifacts = configured_artifacts(settings)
    if target_last:
        _measure(artifacts, people, out, k)
    elif out:
        _answer(artifacts, people, out, k)
    if people.unknown:
        missed = " A target among them counts as missed." if target_last else ""
        say(f"Choices of items that this catalogue doesn't know, passed over: {people.unknown:,}.{missed}")


def _answer(artifacts: "Artifacts", people: "SequenceFile", out: Path, k: int) -> None:
    from evaluation.ranking.answers import write_answers
    from server.composition import make_ranker

    state = _state(artifacts.layout)
    done = write_answers(make_ranker(artifacts), people, out, k, len(artifacts.items), ranker_state=state)
    if done:
        say(f"Went on after {done:,} lists that an earlier run wrote.")


def _state(layout: "ArtifactLayout") -> str:
    """Changes when any file of an artifact folder does."""
    files = sorted(path for path in layout.root.rglob("*") if path.is_file() and path.name != ".lock")
    stats = [(path.relative_to(layout.root).as_posix(), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(dumps(stats).encode()).hexdigest()


def _measure(artifacts: "Artifacts", people: "SequenceFile", out: Path | None, k: int) -> None:
    from evaluation.ranking.evaluate import evaluate_ranker
    from evaluation.ranking.metrics import UNKNOWN
    from server.composition import make_ranker

    chosen = [person.choices for person in people if person.choices]
    if not chosen:
        raise InputError(f"No line of {people.path} has an item.", mend="Without a target nothing can be measured.")
    report = evaluate_ranker(
        make_ranker(artifacts),
        [[row for row in choices[:-1] if row != UNKNOWN] for choices in chosen],
        [choices[-1] for choices in chosen],
        len(artifacts.items),
        ks=(k,),
        popularity=artifacts.statistics.chosen,
        progress="Ranking",
    )
    slices = (report.overall, *report.by_length, *report.by_popularity)
    names = list(report.overall.metrics)
    rows = ((one.name, f"{one.people:,}", *(one.metrics[name] for name in names)) for one in slices)
    typer.echo(markdown(("shown, or target", "people", *names), rows))
    if empty := people.people - len(chosen):
        say(f"Lines without an item, left out: {empty:,}.")
    if out:
        _write_report(report, slices, out)


def _write_report(report: "RankingReport", slices: "tuple[Slice, ...]", out: Path) -> None:
    from evaluation.resumed import writing
    from server.atomic import replacing

    content = {"slices": [asdict(one) for one in slices], "ranks": report.ranks.tolist()}
    with writing(out, "Choose another --out."), replacing(out) as path:
        path.write_text(dumps(content, indent=1) + "\n", encoding="utf-8")
    say(f"Written to {out}.")
