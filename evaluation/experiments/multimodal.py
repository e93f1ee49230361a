"""Does an item know more of what it is made of several kinds of data, and does each part of their fusion help?

The first experiment of LLM4Rec (arXiv 2510.01622), next-item ranking with one backbone, the sequence model: ids, text,
image, text and image, all; then the fusion of all with a part left out. All choices of a tenth of the items are removed
before anything is learned, so that each table has cold items beside warm ones. What the catalogue lacks is left out.
Options: see `evaluation.multimodal.runs.Options`. Goes on where it was interrupted.
"""

from collections.abc import Sequence

from evaluation.experiments.registry import ExperimentSettings
from evaluation.multimodal.answers import against, parts
from evaluation.multimodal.found import Found, find, settings_of, warm_values
from evaluation.multimodal.representations import ALL, IDS, KINDS, PARTS
from evaluation.multimodal.runs import K, Options
from evaluation.multimodal.tables import cold_table, plots, warm_table, weights_table
from evaluation.report.report import Report
from evaluation.report.words import listed, number


def run(settings: ExperimentSettings) -> Report:
    """Train every variant with every seed, unless it is kept from an earlier run, and report."""
    options = settings.options_as(Options)
    found = find(settings, options, (*KINDS, *PARTS[1:]))
    made = [one.name for one in KINDS if one.name in found.results]
    without = [one.name for one in PARTS if one.name in found.results]
    tables = [
        warm_table("What an item is made of: warm items", found, made, IDS.name),
        cold_table("What an item is made of: cold items", found, made, IDS.name),
        warm_table("The fusion, part by part: warm items", found, without, ALL.name),
        cold_table("The fusion, part by part: cold items", found, without, ALL.name),
        weights_table(found),
    ]
    return Report(
        title=f"One kind of data against several, on {found.world.known.manifest.catalog}",
        question="Is the next choice easier to foretell when items are more than ids, warm ones and cold ones?",
        answer=answer(found, options, made, without),
        tables=tuple(table for table in tables if table.rows),
        plots=plots(found, [*made, *(name for name in without if name not in made)]),
        settings=settings_of(found, options),
        provenance=settings.provenance(found.world.known.manifest.catalog_hash),
    )


def answer(found: Found, options: Options, made: Sequence[str], without: Sequence[str]) -> str:
    """What the numbers say, and what they don't."""
    sentences = [
        _best(found, made),
        against(found, ALL.name, IDS.name),
        parts(found, without, ALL.name),
    ]
    if found.left_out:
        sentences.append(f"The catalogue has no data for {listed(found.left_out)}.")
    shared = "" if options.fusion_seeds else ", with one fusion for all seeds"
    sentences.append(
        f"{len(found.seeds)} seeds{shared}. The network reads only the last choices, so its level is below that of "
        "the ranker that serves. Items were made cold at random; new ones may be less liked than these."
    )
    return " ".join(filter(None, sentences))


def _best(found: Found, made: Sequence[str]) -> str:
    level = {name: float(warm_values(found, name)[1].mean()) for name in made}
    ordered = sorted(level.items(), key=lambda pair: -pair[1])
    levels = listed(f"{name} {number(value)}" for name, value in ordered)
    return f"NDCG@{K} on warm items, by what an item is made of: {levels}."
