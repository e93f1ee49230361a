"""The catalogue as it is kept beside what is made of it."""

from pathlib import Path

from core.errors import ArtifactError
from server.atomic import remove
from server.making.contents import Contents
from server.making.work import Work


def make_items(work: Work, path: Path) -> None:
    """One item as JSON a line."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(f"{item.model_dump_json()}\n" for item in work.catalog.items)


def make_interactions(work: Work, path: Path) -> None:
    """In time order."""
    work.catalog.interactions.write_parquet(path)


def make_users(work: Work, path: Path) -> None:
    """All columns as text."""
    work.catalog.users.write_parquet(path)


def make_contents(work: Work, path: Path) -> None:
    """Hashes by which the other steps know whether they have anything to do."""
    contents = Contents.of(work.catalog)
    path.write_text(contents.model_dump_json(indent=1), encoding="utf-8")
    try:
        has_other_rows = Contents.read(work.layout.contents).hashes["ids"] != contents.hashes["ids"]
    except (ArtifactError, KeyError):  # there was nothing before
        return
    # What other commands made for the items as they were; conversations of the catalogue's own are learned from again.
    if has_other_rows and work.layout.dialogue_model.exists():
        remove(work.layout.dialogue_model)
        if not work.conversations:
            work.say("The dialogue model was of other items: run `tastemaker train dialogue` again.")
