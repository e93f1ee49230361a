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
