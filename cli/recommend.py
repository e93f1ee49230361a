"""`tastemaker recommend`: recommendations from a history, without the language model."""

import asyncio
from json import dumps
from typing import Annotated

import typer

from cli.options import CatalogOption, JsonOption, say, settings_from
from core.errors import InputError


def recommend(
    history: Annotated[str, typer.Option(help="Item ids, oldest first, separated by commas.")] = "",
    user: Annotated[str, typer.Option(help="A person of the prepared interactions.")] = "",
    k: Annotated[int, typer.Option(min=1, max=100, help="How many items.")] = 10,
    catalog: CatalogOption = "",
    json: JsonOption = False,
) -> None:
    """Recommend for a history or a person, without the language model.

    \b
    Examples:
      tastemaker recommend --history 50,181 --k 5
      tastemaker recommend --user 196 --json
    """
    named = [item_id for part in history.split(",") if (item_id := part.strip())]
    if bool(named) == bool(user):
        raise InputError("One of --history and --user is needed.", mend="Such as `--history 50,181` or `--user 196`.")
    settings = settings_from(catalog=catalog)
    from agent.no_generator import NoGenerator
    from agent.recommender import Recommender
    from server.artifacts import configured_artifacts
    from server.composition import make_parts

    artifacts = configured_artifacts(settings)
    if user:
        if user not in artifacts.histories:
            raise InputError(f"Nobody in this catalogue's interactions is called {user!r}.", mend="Use --history.")
        chosen = artifacts.histories[user]
    else:
        chosen = named
        if unknown := [item_id for item_id in named if item_id not in artifacts.items]:
            say(f"Not in this catalogue, and left out: {', '.join(unknown)}.")
    recommender = Recommender(make_parts(settings, artifacts, NoGenerator()))
    answer = asyncio.run(recommender(chosen, "", k, user=user or None))
    if json:
        typer.echo(dumps({"recommendations": [one.model_dump() for one in answer.recommendations]}, ensure_ascii=False))
        return
    for place, one in enumerate(answer.recommendations, start=1):
        typer.echo(f"{place:>2}. {one.title}  [{one.item_id}]\n    {one.reason}")
