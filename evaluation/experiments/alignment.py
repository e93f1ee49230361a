"""What does alignment do: for items that nobody chose yet, and for finding a picture by a text?

The sixth experiment of LLM4Rec (arXiv 2510.01622): the fusion of all modalities with and without the loss that makes
them agree. Cold items (a tenth, whose choices are removed before anything is learned) and warm ones are ranked by the
same backbone; and a tenth of the items, which neither loss ever saw, is looked for by text and by picture. Options are
those of the experiment `multimodal`, whose trained networks serve again with `--set work=ITS REPORT/training`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from evaluation.experiments.registry import ExperimentSettings
from evaluation.multimodal.answers import against
from evaluation.multimodal.found import Found, find, settings_of
from evaluation.multimodal.representations import ALL, IDS, NO_ALIGNMENT, known_modalities
from evaluation.multimodal.runs import SEEDS, Options, held_out_log, work_folder
from evaluation.multimodal.tables import cold_table, plots, warm_table
from evaluation.multimodal.world import LEAST_PAST, Known, load_known
from evaluation.report.plot import Plot, bar_plot
from evaluation.report.report import Report
from evaluation.report.table import Table
from evaluation.report.words import percent, spanned
from training.fusion import FusionTraining, train_fusion

TASKS = ("text→image", "image→text", "text→behaviour", "fused→behaviour")
ALIGNED, NOT_ALIGNED, UNTRAINED, CHANCE = "aligned", "not aligned", "untrained heads", "chance"
# By condition and task, what each seed found of items that were held out.
Retrieved = Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]


def run(settings: ExperimentSettings) -> Report:
    """Train what isn't kept from an earlier run, and report."""
    options = settings.options_as(Options)
    known = load_known(settings)
    if not any(len(rows) > LEAST_PAST for rows in known.sequences):
        return _without_choices(settings, options, known)
    found = find(settings, options, (IDS, ALL, NO_ALIGNMENT))
    names = list(found.results)
    retrieved = retrieval(found)
    tables = (
        retrieval_table(retrieved),
        cold_table("Cold items", found, names, ALL.name),
        warm_table("Warm items", found, names, ALL.name),
    )
    drawn = (retrieval_plot(retrieved),) if retrieved[ALIGNED] else ()
    return Report(
        title=f"Alignment left out, on {found.world.known.manifest.catalog}",
        question="What is lost where modalities are not made to agree: for cold items, and between text and picture?",
        answer=answer(found, retrieved),
        tables=tuple(table for table in tables if table.rows),
        plots=(*drawn, *plots(found, names)),
        settings=settings_of(found, options),
        provenance=settings.provenance(found.world.known.manifest.catalog_hash),
    )


def _without_choices(settings: ExperimentSettings, options: Options, known: Known) -> Report:
    """The half about pictures and texts alone: nobody chose anything, so there is no next item to foretell."""
    modalities = known_modalities(known, settings.settings, pictures=options.pictures)
    work, seeds = work_folder(settings, options), settings.repeated(SEEDS)
    logs: dict[str, list[Mapping[str, Any]]] = {ALIGNED: [], NOT_ALIGNED: []}
    for condition, variant in ((ALIGNED, ALL), (NOT_ALIGNED, NO_ALIGNMENT)):
        for seed in seeds:
            folder = work / f"{variant.name.replace(' ', '-')}-{seed}"
            train_fusion(
                modalities, FusionTraining(**variant.changes, seed=seed), folder, progress=f"{condition}, seed {seed}"
            )
            logs[condition].append(held_out_log(folder))
    retrieved = by_condition([one for one in logs[ALIGNED] if one], [one for one in logs[NOT_ALIGNED] if one])
    nothing = "Nothing could be looked for: the catalogue has too few items, or one kind of data only."
    sentences = [_retrieved(retrieved) or nothing]
    sentences.append(f"{len(seeds)} seeds. Nobody chose anything here, so cold and warm items can't be compared.")
    table = retrieval_table(retrieved)
    return Report(
        title=f"Alignment left out, on {known.manifest.catalog}",
        question="What is lost between text and picture where modalities are not made to agree?",
        answer=" ".join(sentences),
        tables=(table,) if table.rows else (),
        plots=(retrieval_plot(retrieved),) if retrieved[ALIGNED] else (),
        settings={**options.model_dump(exclude={"work"}), "seeds": ", ".join(map(str, seeds))},
        provenance=settings.provenance(known.manifest.catalog_hash),
    )


def retrieval(found: Found) -> Retrieved:
    """What was found of held-out items, with alignment and without, by heads that learned nothing, and by chance."""
    aligned = [log for log in found.results[ALL.name].retrieval if log]
    without = [log for log in found.results[NO_ALIGNMENT.name].retrieval if log]
    return by_condition(aligned, without)


def by_condition(aligned: Sequence[Mapping[str, Any]], without: Sequence[Mapping[str, Any]]) -> Retrieved:
    """The same from the logs of trainings."""
    logs_by_condition = {
        ALIGNED: [log["recall"] for log in aligned],
        NOT_ALIGNED: [log["recall"] for log in without],
        UNTRAINED: [log["untrained"] for log in aligned],
        CHANCE: [log["chance"] for log in aligned],
    }
    return {
        condition: {task: [log[task] for log in logs] for task in TASKS if logs and task in logs[0]}
        for condition, logs in logs_by_condition.items()
    }


def retrieval_table(retrieved: Retrieved) -> Table:
    """Recall at 1 and 10 for each task and condition: means over the seeds, with the seeds' range."""
    rows = []
    for task in TASKS:
        for condition, tasks in retrieved.items():
            if task in tasks:
                seeds = tasks[task]
                recalls = [np.array([one[name] for one in seeds]) for name in ("at_1", "at_10")]
                cells = [cell for recall in recalls for cell in (float(recall.mean()), spanned(recall))]
                rows.append([f"{task}, {condition}", int(np.mean([one["candidates"] for one in seeds])), *cells])
    columns = ("looked for", "candidates", "recall@1", "recall@1 by seed", "recall@10", "recall@10 by seed")
    note = (
        "Held-out items, other ones for each seed. Behaviour is what people chose beside an item: content foretells it."
    )
    return Table("Items that alignment never saw, found by another kind of data", columns, rows, note=note)


def retrieval_plot(retrieved: Retrieved) -> Plot:
    """Bars of recall at 10."""
    tasks = list(retrieved[ALIGNED])
    bars = {
        condition: [float(np.mean([one["at_10"] for one in of_task[task]])) for task in tasks]
        for condition, of_task in retrieved.items()
    }
    alt = f"Recall at 10 of held-out items for {', '.join(tasks)}: {', '.join(bars)}."
    return bar_plot("Held-out items found among the first 10", tasks, bars, value_label="recall@10", alt=alt)


def answer(found: Found, retrieved: Retrieved) -> str:
    """What the numbers say, and what they don't."""
    sentences = [_retrieved(retrieved)]
    if "text→image" not in retrieved[ALIGNED]:
        sentences.append("No text could be looked for by a picture: the catalogue has none, or too few items.")
    sentences += [against(found, NO_ALIGNMENT.name, ALL.name), against(found, ALL.name, IDS.name)]
    sentences.append(
        f"{len(found.seeds)} seeds. Held-out items were drawn from the same catalogue; another catalogue's pictures "
        "may be easier or harder."
    )
    return " ".join(filter(None, sentences))


def _retrieved(retrieved: Retrieved) -> str:
    """How much is found of items that alignment never saw; empty where nothing could be looked for."""
    tasks = [task for task in TASKS if task in retrieved[ALIGNED]]
    if not tasks:
        return ""
    said = []
    for task in tasks:
        mean = {name: float(np.mean([one["at_10"] for one in of_task[task]])) for name, of_task in retrieved.items()}
        said.append(f"{task} {percent(mean[ALIGNED])} ({percent(mean[NOT_ALIGNED])}, {percent(mean[CHANCE])})")
    candidates = int(np.mean([one["candidates"] for one in retrieved[ALIGNED][tasks[0]]]))
    return (
        f"Of {candidates} items that alignment never saw, so many are found among the first 10 (in brackets without "
        f"alignment, and by chance): {'; '.join(said)}."
    )
