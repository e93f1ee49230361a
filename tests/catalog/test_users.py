"""Tables of users: any columns, as text."""

from pathlib import Path

import pytest

from catalog.folder import CatalogFolder
from catalog.movielens import read_ml100k
from catalog.users import read_users
from core.columns import USER_ID
from core.errors import InputError


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_any_columns_are_text(tmp_path: Path) -> None:
    lines = '{"user_id": 7, "age": 31.0, "member": true}\n\n{"user_id": "8", "age": null, "city": "N/A"}\n'
    users = read_users(write(tmp_path, "users.jsonl", lines))
    assert users.rows() == [("7", "31", "yes", None), ("8", None, None, None)]
    assert users.columns == [USER_ID, "age", "member", "city"]


def test_an_empty_table_has_no_users(tmp_path: Path) -> None:
    assert read_users(write(tmp_path, "users.jsonl", "")).is_empty()


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("name,age\nann,3\n", "users.csv has no column user_id; it has name, age."),
        ("id,age\nann,3\n,4\n", "users.csv, line 3: it names no user."),
        ("id,age\nann,3\nbob,4\nann,5\n", "users.csv, line 4: the user ann already stands on line 2."),
    ],
)
def test_a_broken_table_is_refused_by_line(tmp_path: Path, text: str, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        read_users(write(tmp_path, "users.csv", text))
    assert caught.value.cause == cause.removesuffix(".") or str(caught.value).startswith(cause)


def test_a_folder_has_users_where_it_says_so(tmp_path: Path) -> None:
    write(tmp_path, "items.csv", "id,title\n1,Jaws\n")
    before = CatalogFolder(tmp_path).fingerprint()
    assert CatalogFolder(tmp_path).read().users.rows() == []
    write(tmp_path, "users.csv", "user,gender\nann,f\n")
    assert CatalogFolder(tmp_path).read().users.rows() == [("ann", "f")]
    assert CatalogFolder(tmp_path).fingerprint() != before


def test_movielens_knows_gender_age_and_occupation() -> None:
    users = read_ml100k().users
    assert len(users) == 943
    assert {"gender", "age", "occupation"} <= set(users.columns)
    assert users.row(0, named=True)["gender"] in ("M", "F")
