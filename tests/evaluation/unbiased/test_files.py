import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import InputError
from evaluation.unbiased.files import read_pairs, read_ratings, write_scores


def file(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_ratings_are_read_and_a_repeated_pair_counts_once(tmp_path: Path) -> None:
    ratings = read_ratings(file(tmp_path, "7,a,4\n\n8, b ,1.5\n7,a,2\n"))
    exposure = ratings.data.exposure
    assert list(ratings.users) == ["7", "8"]
    assert list(ratings.items) == ["a", "b"]
    assert ratings.data.ratings.tolist() == [3.0, 1.5]
    assert (exposure.users.tolist(), exposure.items.tolist()) == ([0, 1], [0, 1])
    assert (exposure.user_count, exposure.item_count) == (3, 3)  # one more of each: the unknown
    assert ratings.users.rows(["8", "nobody"]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("user,item,rating\n1,2,3\n", "line 1: the rating 'rating' is not a number. A header"),
        ("1,2,3\n1,2\n", "line 2"),
        ("1,2,3\n\n1,,3\n", "line 3"),
        ("1,2,nan\n", "line 1: the rating 'nan'"),
        ('1,2,3\n"1,2,3\n', "line 2"),
        ("", "holds no ratings"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, text: str, line: str) -> None:
    with pytest.raises(InputError, match=line):
        read_ratings(file(tmp_path, text))


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="missing"):
        read_ratings(tmp_path / "missing.csv")
    (tmp_path / "binary.csv").write_bytes(b"1,2,3\n\xff\xfe,2,3\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_ratings(tmp_path / "binary.csv")


def test_the_ratings_of_pairs_are_never_read(tmp_path: Path) -> None:
    assert read_pairs(file(tmp_path, "1,2,not a rating\n3,4\n")) == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize("header", ["user,item,rating", "User_ID,item_id", "userId,itemId,rating"])
def test_a_header_is_no_pair(tmp_path: Path, header: str) -> None:
    with pytest.raises(InputError, match=r"line 1: .* is a header"):
        read_pairs(file(tmp_path, f"{header}\n1,2,3\n"))


def test_features_are_standardised_and_words_become_columns(tmp_path: Path) -> None:
    train = file(tmp_path, "1,a,3\n2,a,4\n9,b,4\n", "train.csv")
    people = file(tmp_path, "1,10,red\n2,20,blue\n3,30,red\n", "people.csv")
    ratings = read_ratings(train, user_features=people)
    table = ratings.data.user_features
    assert list(ratings.users) == ["1", "2", "9", "3"]
    assert table is not None
    assert table.shape == (5, 3)
    assert table[:, 0].tolist() == pytest.approx([-1.2247, 0, 0, 1.2247, 0], abs=1e-4)
    assert table[2].tolist() == table[4].tolist() == [0, 0, 0]
    with pytest.raises(InputError, match=r"people.csv, line 2: 2 fields where the first line has 3"):
        read_ratings(train, user_features=file(tmp_path, "1,10,red\n2,20\n", "people.csv"))


def test_scores_keep_order_and_ids(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "scores.jsonl"
    write_scores(out, [("2", "x"), ("10", "007")], np.array([1.5, 2.0]))
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert lines == [{"user": 2, "item": "x", "score": 1.5}, {"user": 10, "item": "007", "score": 2.0}]


def test_the_order_of_additions_does_not_show(tmp_path: Path) -> None:
    for name, score in (("one", 0.1 + 0.2 + 0.3), ("other", 0.3 + 0.2 + 0.1)):
        write_scores(tmp_path / name, [("1", "2")], np.array([score]))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_scores_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "scores.jsonl"
    out.write_text("before", encoding="utf-8")
    with pytest.raises(ValueError, match="zip"):
        write_scores(out, [("1", "2")], np.array([1.0, 2.0]))
    assert out.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [out]
    with pytest.raises(InputError, match="can't be written"):
        write_scores(out / "below", [("1", "2")], np.array([1.0]))
