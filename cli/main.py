"""The `tastemaker` command. Options are read here; what a command needs is imported when it runs."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import Abort, TyperException

from core.errors import TastemakerError

app = typer.Typer(
    name="tastemaker",
    help="A chat recommender for a catalogue that you own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
evaluate = typer.Typer(help="Measure a part of the recommender.", no_args_is_help=True)
app.add_typer(evaluate, name="evaluate")
train = typer.Typer(help="Train a part again, with settings of your own.", no_args_is_help=True)
app.add_typer(train, name="train")

CatalogOption = Annotated[str, typer.Option("--catalog", help="Name of a prepared catalogue.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@app.command()
def prepare(
    catalog: Annotated[str, typer.Option(help="`ml-100k`, or a folder with your own items.")] = "ml-100k",
    media: Annotated[Path | None, typer.Option(help="Folder with plots, people and posters.")] = None,
    json: JsonOption = False,
) -> None:
    """Make everything that serving needs from a catalogue; what is done already is skipped."""
    from cli.prepare import prepare as run_prepare

    run_prepare(catalog, media, json=json)


@app.command()
def serve(
    catalog: CatalogOption = "",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    llm: Annotated[str, typer.Option(help="OpenAI-compatible address of a running vLLM.")] = "",
) -> None:
    """Serve the page and the API."""
    from cli.serve import serve as run_serve

    run_serve(catalog, host, port, llm)


@app.command()
def chat(
    catalog: CatalogOption = "",
    llm: Annotated[str, typer.Option(help="OpenAI-compatible address of a running vLLM.")] = "",
) -> None:
    """The same chat in a terminal."""
    from cli.chat import chat as run_chat

    run_chat(catalog, llm)


@app.command()
def recommend(
    history: Annotated[str, typer.Option(help="Item ids, oldest first, separated by commas.")] = "",
    user: Annotated[str, typer.Option(help="A person of the prepared interactions.")] = "",
    k: Annotated[int, typer.Option(min=1, max=100, help="How many items.")] = 10,
    catalog: CatalogOption = "",
    json: JsonOption = False,
) -> None:
    """Recommend from a history, without the language model."""
    from cli.recommend import recommend as run_recommend

    run_recommend(history, user, k, catalog, json=json)


@app.command()
def doctor(catalog: CatalogOption = "", json: JsonOption = False) -> None:
    """Say what is missing and how to mend it."""
    from cli.doctor import doctor as run_doctor

    run_doctor(catalog, json=json)


@train.command()
def sequence(
    catalog: CatalogOption = "",
    members: Annotated[int | None, typer.Option(help="Networks whose answers are averaged.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over all histories.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Width of the network.")] = None,
    layers: Annotated[int | None, typer.Option(help="Layers of the network.")] = None,
    heads: Annotated[int | None, typer.Option(help="Attention heads of a layer.")] = None,
    dropout: Annotated[float | None, typer.Option(help="Share of activations that are dropped.")] = None,
    reach: Annotated[int | None, typer.Option(help="How many of the latest choices are read.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    weight_decay: Annotated[float | None, typer.Option(help="Weight decay.")] = None,
    batch_tokens: Annotated[int | None, typer.Option(help="Choices in a batch.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better validation before it stops.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything that is drawn.")] = None,
) -> None:
    """Train the model that ranks by history; settings that aren't named keep what they were."""
    from cli.train import sequence as run_sequence

    run_sequence(
        catalog,
        members=members,
        epochs=epochs,
        dimensions=dimensions,
        layers=layers,
        heads=heads,
        dropout=dropout,
        reach=reach,
        learning_rate=learning_rate,
        weight_decay=weight_decay,
        batch_tokens=batch_tokens,
        patience=patience,
        seed=seed,
    )


@train.command("fusion")
def train_fusion(
    catalog: CatalogOption = "",
    fusion: Annotated[str | None, typer.Option(help="full, early or late.")] = None,
    alignment: Annotated[str | None, typer.Option(help="infonce, variational or none.")] = None,
    disentanglement: Annotated[bool | None, typer.Option(help="Keep shared and specific parts apart.")] = None,
    dimensions: Annotated[int | None, typer.Option(help="Of an embedding; a multiple of 8.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over all items.")] = None,
    batch: Annotated[int | None, typer.Option(help="Items in a batch.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    patience: Annotated[int | None, typer.Option(help="Epochs without a better validation before it stops.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything that is drawn.")] = None,
) -> None:
    """Train the fusion of all kinds of data; settings that aren't named keep what they were."""
    from cli.train import fusion as run_fusion

    run_fusion(
        catalog,
        fusion=fusion,
        alignment=alignment,
        disentanglement=disentanglement,
        dimensions=dimensions,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        patience=patience,
        seed=seed,
    )


@train.command("soft-prompt")
def train_soft_prompt(
    catalog: CatalogOption = "",
    base: Annotated[str, typer.Option(help="A causal model: a name or a folder; default: the one that serves.")] = "",
    tokens: Annotated[int | None, typer.Option(help="Soft tokens of a person.")] = None,
    examples: Annotated[int | None, typer.Option(help="Choices to learn from; default: all.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the examples.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything that is drawn.")] = None,
    out: Annotated[str, typer.Option(help="The adapter's name.")] = "",
) -> None:
    """Teach the language model to read a person's embedding; its weights stay."""
    from cli.train_language import soft_prompt

    soft_prompt(catalog, base, out, tokens=tokens, examples=examples, epochs=epochs, seed=seed)


@train.command("lora")
def train_lora(
    catalog: CatalogOption = "",
    base: Annotated[str, typer.Option(help="A causal model: a name or a folder; default: the one that serves.")] = "",
    layers: Annotated[str, typer.Option(help="How many of the last layers, or all.")] = "4",
    method: Annotated[str | None, typer.Option(help="lora, bottleneck or full.")] = None,
    order: Annotated[str | None, typer.Option(help="soft-first, lora-first, alternating or joint.")] = None,
    rank: Annotated[int | None, typer.Option(help="Of the low-rank matrices.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Soft tokens of a person.")] = None,
    examples: Annotated[int | None, typer.Option(help="Choices to learn from; default: all.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Passes over the examples.")] = None,
    batch: Annotated[int | None, typer.Option(help="Examples in a step.")] = None,
    explanations: Annotated[float | None, typer.Option(help="Share of the steps that learn to explain.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Highest learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything that is drawn.")] = None,
    quantised: Annotated[bool, typer.Option(help="Four-bit base weights (QLoRA), on a GPU.")] = False,
    teacher: Annotated[str, typer.Option(help="OpenAI-compatible address of a model that writes reasons.")] = "",
    out: Annotated[str, typer.Option(help="The adapter's name.")] = "",
) -> None:
    """Tune the language model, and the soft prompt with it."""
    from cli.train_language import lora

    lora(
        catalog,
        base,
        out,
        layers,
        teacher,
        method=method,
        order=order,
        rank=rank,
        tokens=tokens,
        examples=examples,
        epochs=epochs,
        batch=batch,
        explanations=explanations,
        learning_rate=learning_rate,
        seed=seed,
        quantised=quantised,
    )


@train.command("dialogue")
def train_dialogue(
    conversations: Annotated[list[Path], typer.Option(help="Files of conversations.")],
    catalog: CatalogOption = "",
) -> None:
    """Learn what to recommend from conversations."""
    from cli.dialogues import train_dialogue as run_train

    run_train(catalog, conversations)


@evaluate.command()
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
    """The best items for every history of a file, without the language model."""
    from cli.rank import rank as run_rank

    run_rank(sequences, out, k, catalog, target_last=target_last)


@evaluate.command()
def dialogues(
    turns: Annotated[Path | None, typer.Option(help="Turns to answer.")] = None,
    out: Annotated[Path | None, typer.Option(help="File for the answers.")] = None,
    k: Annotated[int, typer.Option(min=1, help="How many items.")] = 10,
    catalog: CatalogOption = "",
    conversations: Annotated[list[Path] | None, typer.Option(help="Measure on these instead.")] = None,
) -> None:
    """Answer turns of conversations, or measure recall by cross-validation."""
    from cli.dialogues import dialogues as run_dialogues

    run_dialogues(turns, out, k, catalog, conversations or [])


@evaluate.command()
def unbiased(
    train: Annotated[Path, typer.Option(help="Chosen ratings: `user,item,rating` lines without a header.")],
    test: Annotated[Path, typer.Option(help="Pairs to score: `user,item` lines; a rating is never read.")],
    out: Annotated[Path, typer.Option(help="Where the scores go, one JSON line a pair.")],
    user_features: Annotated[Path | None, typer.Option(help="`id,value,…` lines without a header.")] = None,
    item_features: Annotated[Path | None, typer.Option(help="`id,value,…` lines without a header.")] = None,
    method: Annotated[str, typer.Option(help="auto, naive, ips, snips, dr or mrdr.")] = "auto",
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins.")] = 0,
    json: JsonOption = False,
) -> None:
    """Learn from chosen ratings and score randomly shown pairs."""
    from cli.unbiased import unbiased as run_unbiased

    run_unbiased(train, test, out, user_features, item_features, method, seed, json=json)


@evaluate.command()
def experiment(
    name: Annotated[str, typer.Argument(help="One of those that --list shows.")] = "",
    report: Annotated[Path | None, typer.Option(help="Folder for the report; a cut-off run goes on in it.")] = None,
    catalog: CatalogOption = "",
    users: Annotated[int | None, typer.Option(min=1, help="How many people are sampled; default: all.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins.")] = 0,
    seeds: Annotated[int, typer.Option(min=1, help="How often what is random is repeated.")] = 1,
    option: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE of the experiment's own.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="Show the experiments there are.")] = False,
) -> None:
    """Run one of the experiments and write its report."""
    from cli.experiment import experiment as run_experiment
    from cli.experiment import list_experiments

    if list_:
        list_experiments()
    else:
        run_experiment(name, report, catalog, users, seed, seeds, option or [])


@evaluate.command()
def compare(
    folders: Annotated[list[Path], typer.Argument(help="Folders of earlier reports.")],
    report: Annotated[Path, typer.Option(help="Folder for the report.")],
) -> None:
    """Set earlier reports side by side, with paired tests where values of people were kept."""
    from cli.experiment import compare as run_compare

    run_compare(folders, report)


@evaluate.command()
def prompts(
    report: Annotated[Path, typer.Option(help="Folder for the report; a cut-off run goes on in it.")],
    prompts: Annotated[str, typer.Option(help="Templates, `choose`, or files of your own, separated by commas.")] = (
        "hard,json,chain-of-thought,few-shot"
    ),
    variants: Annotated[
        str,
        typer.Option(help="base, adapter:NAME, soft:NAME, model:NAME, SETTING=VALUE; join with +, separate by commas."),
    ] = "base",
    users: Annotated[int | None, typer.Option(min=1, help="How many people are sampled; default: all.")] = None,
    catalog: Annotated[list[str] | None, typer.Option(help="A prepared catalogue; may be given several times.")] = None,
    llm: Annotated[str, typer.Option(help="OpenAI-compatible address of a running vLLM.")] = "",
    candidates: Annotated[int, typer.Option(min=2, max=100, help="How many candidates are shown.")] = 20,
    k: Annotated[int, typer.Option(min=1, max=100, help="How many are ranked and measured.")] = 10,
    split: Annotated[str, typer.Option(help="test: each person's last choice; validation: the one before.")] = "test",
    targets: Annotated[int, typer.Option(min=1, help="How many choices of each person are held out.")] = 1,
    ranker: Annotated[str, typer.Option(help="What offers candidates: history, blend, or a ranker's folder.")] = (
        "history"
    ),
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins.")] = 0,
    concurrency: Annotated[int, typer.Option(min=1, help="How many questions are asked at once.")] = 32,
    prices: Annotated[str, typer.Option(help="What a million tokens cost, read and written, such as 0.15,0.60.")] = "",
) -> None:
    """Compare prompts, models and settings on people of a catalogue."""
    from cli.evaluate_prompts import prompts as run_prompts

    run_prompts(
        prompts,
        variants,
        report,
        users,
        catalog or [],
        llm,
        candidates=candidates,
        k=k,
        split=split,
        targets=targets,
        ranker=ranker,
        seed=seed,
        concurrency=concurrency,
        prices=prices,
    )


@evaluate.command()
def simulate(
    report: Annotated[Path, typer.Option(help="Folder for the report; a cut-off run goes on in it.")],
    catalog: CatalogOption = "",
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 100,
    turns: Annotated[int, typer.Option(min=1, max=50, help="Answers in a conversation, at most.")] = 5,
    shown: Annotated[int, typer.Option(min=1, max=10, help="Items in an answer.")] = 3,
    known_history: Annotated[
        bool | None, typer.Option("--known-history/--unknown-history", help="Default: both.")
    ] = None,
    held_out: Annotated[str, typer.Option(help="validation (last choice but one) or test.")] = "validation",
    llm: Annotated[str, typer.Option(help="`local`, or an OpenAI-compatible address; default: none.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins.")] = 0,
) -> None:
    """Conversations with simulated people who look for one item and never name it."""
    from cli.evaluate_simulation import simulate as run_simulate

    run_simulate(
        catalog, people, turns, report, llm, shown=shown, known_history=known_history, held_out=held_out, seed=seed
    )


@evaluate.command()
def judge(
    report: Annotated[Path, typer.Option(help="Folder for the report; a cut-off run goes on in it.")],
    answers: Annotated[Path | None, typer.Option(help='Lines of {"id", "asked", "item", "facts", "text"}.')] = None,
    llm: Annotated[str, typer.Option(help="OpenAI-compatible address of the judge.")] = "",
    labels: Annotated[int | None, typer.Option(min=2, help="How many labels are asked for; default: all.")] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Questions at a time.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Where chance begins.")] = 0,
) -> None:
    """Explanations judged by a language model whose reliability is measured first."""
    from cli.evaluate_judge import judge as run_judge

    run_judge(answers, report, llm, labels=labels, concurrency=concurrency, seed=seed)


@evaluate.command()
def understanding(
    labels: Annotated[Path | None, typer.Option(help="Labelled conversations; default: the held-out ones.")] = None,
    with_: Annotated[str, typer.Option("--with", help="Any of rules, model, combined.")] = "rules",
    llm: Annotated[str, typer.Option(help="A running vLLM, for `model` and `combined`.")] = "",
    report: Annotated[Path | None, typer.Option(help="Folder for the report.")] = None,
    catalog: CatalogOption = "",
) -> None:
    """How well conversations are understood, by kind."""
    from cli.understanding import understanding as run_understanding

    run_understanding(labels, with_, llm, report, catalog)


def run() -> None:
    """Entry point: an error that a person can mend is one line, and its exit code says what kind it is."""
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        # Without a command the help was shown, and there is nothing more to say.
        if cause := error.format_message().rstrip("."):
            print(f"tastemaker: {cause}. Add --help to see what there is.", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except TastemakerError as error:
        print(f"tastemaker: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, Abort):
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough of it; writing the rest to nowhere keeps Python's exit quiet.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    run()
