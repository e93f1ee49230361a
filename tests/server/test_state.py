"""The state on SQLite and on PostgreSQL, both real."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from core.conversation import Feedback, Verdict
from core.errors import InputError, NotFoundError
from server.database import Database, StateSchemaError, StateUnavailableError
from server.state import KeptMessage, PersonKey, StateStore
from tests.fakes_turn import sqlite_url

ANN = PersonKey("", "ann")
BOB = PersonKey("", "bob")
CONVERSATION = "conversation-1"


@pytest.fixture
def store(database_url: str) -> Iterator[StateStore]:
    store = StateStore(database_url, catalog="films")
    yield store
    store.database.close()


def test_a_conversation_is_kept_in_order(store: StateStore) -> None:
    store.say(ANN, CONVERSATION, "a film for Zoë 🎬")
    store.answer(ANN, CONVERSATION, "Heat", {"recommendations": [{"item_id": "1"}]})
    store.say(ANN, CONVERSATION, "older")

    assert store.conversation(ANN, CONVERSATION, last=10) == [
        KeptMessage("user", "a film for Zoë 🎬"),
        KeptMessage("assistant", "Heat", {"recommendations": [{"item_id": "1"}]}),
        KeptMessage("user", "older"),
    ]
    assert [message.content for message in store.conversation(ANN, CONVERSATION, last=1)] == ["older"]


def test_a_message_that_was_not_answered_is_kept_once_when_it_is_said_again(store: StateStore) -> None:
    for _ in range(2):
        store.say(ANN, CONVERSATION, "a film")
    store.answer(ANN, CONVERSATION, "Heat", {})
    store.say(ANN, CONVERSATION, "a film")

    assert [message.role for message in store.conversation(ANN, CONVERSATION, last=10)] == ["user", "assistant", "user"]


def test_nobody_sees_or_touches_the_conversation_of_someone_else(store: StateStore) -> None:
    store.say(ANN, CONVERSATION, "a film")
    for stranger in (BOB, PersonKey("another key", "ann")):
        with pytest.raises(NotFoundError):
            store.conversation(stranger, CONVERSATION, last=10)
        with pytest.raises(NotFoundError):
            store.forget_conversation(stranger, CONVERSATION)
        with pytest.raises(NotFoundError):
            store.answer(stranger, CONVERSATION, "mine now", {})
    with pytest.raises(NotFoundError):
        store.say(BOB, CONVERSATION, "mine now")

    assert [message.content for message in store.conversation(ANN, CONVERSATION, last=10)] == ["a film"]


def test_two_keys_may_use_the_same_names(store: StateStore) -> None:
    other = PersonKey("another key", "ann")
    store.say(ANN, CONVERSATION, "first")
    store.say(other, CONVERSATION, "second")
    store.give_feedback(other, "1", Verdict.UP)

    assert [message.content for message in store.conversation(other, CONVERSATION, last=10)] == ["second"]
    assert store.feedback(ANN) == ()


def test_a_forgotten_conversation_is_gone(store: StateStore) -> None:
    store.say(ANN, CONVERSATION, "a film")
    store.forget_conversation(ANN, CONVERSATION)
    with pytest.raises(NotFoundError):
        store.conversation(ANN, CONVERSATION, last=10)
    with store.database._engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM tastemaker_messages")).scalar() == 0


def test_the_last_verdict_counts_and_can_be_taken_back(store: StateStore) -> None:
    store.give_feedback(ANN, "1", Verdict.UP)
    store.give_feedback(ANN, "2", Verdict.SEEN, CONVERSATION)
    assert store.give_feedback(ANN, "1", Verdict.DOWN) == (
        Feedback(item_id="2", verdict=Verdict.SEEN),
        Feedback(item_id="1", verdict=Verdict.DOWN),
    )
    assert store.give_feedback(ANN, "2", None) == (Feedback(item_id="1", verdict=Verdict.DOWN),)
    assert store.feedback(ANN) == (Feedback(item_id="1", verdict=Verdict.DOWN),)
    assert store.feedback(BOB) == ()


def test_feedback_counts_for_its_catalogue_only(store: StateStore, database_url: str) -> None:
    store.give_feedback(ANN, "1", Verdict.UP)
    books = StateStore(database_url, catalog="books")
    assert books.feedback(ANN) == ()
    books.database.close()


def test_first_writes_of_one_person_may_come_at_once(store: StateStore, database_url: str) -> None:
    stores = [store, StateStore(database_url, catalog="films")]  # as two servers
    with ThreadPoolExecutor(16) as pool:
        said = [pool.submit(stores[n % 2].say, ANN, f"conversation-{n % 4}", f"message {n}") for n in range(32)]
        given = [pool.submit(stores[n % 2].give_feedback, ANN, str(n % 4), Verdict.UP) for n in range(32)]
        assert [write.result() for write in said] == [None] * 32
        assert all(write.result() for write in given)
    stores[1].database.close()

    kept = [store.conversation(ANN, f"conversation-{n}", last=50) for n in range(4)]
    assert [len(messages) for messages in kept] == [8, 8, 8, 8]
    assert sorted(verdict.item_id for verdict in store.feedback(ANN)) == ["0", "1", "2", "3"]


def test_tables_of_another_version_are_refused(store: StateStore, database_url: str) -> None:
    store.feedback(ANN)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE tastemaker_schema SET version = 99"))
    engine.dispose()
    later = Database(database_url)
    with pytest.raises(StateSchemaError, match="version 99; this program needs version 1"):
        later.prepare()
    later.close()


def test_a_sqlite_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "state.sqlite3"
    store = StateStore(f"sqlite:///{file}", catalog="films")
    store.give_feedback(ANN, "1", Verdict.UP)
    assert {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()} == {
        "state.sqlite3": 0o600,
        "state.sqlite3-wal": 0o600,
        "state.sqlite3-shm": 0o600,
    }
    assert file.parent.stat().st_mode & 0o777 == 0o700
    store.database.close()


def test_a_database_that_is_down_is_told_in_one_line(tmp_path: Path) -> None:
    store = StateStore(f"postgresql://ann:secret@/none?host={tmp_path}", catalog="films")
    with pytest.raises(StateUnavailableError) as raised:
        store.feedback(ANN)
    assert "Check TASTEMAKER_DATABASE_URL" in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite3").write_text("not a database, but long enough to be looked at as one" * 50)
    database = Database(sqlite_url(tmp_path))
    with pytest.raises(StateUnavailableError, match="file is not a database"):
        database.prepare()
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_can_not_be_used_is_refused(url: str) -> None:
    with pytest.raises(InputError, match=r"sqlite:///FILE"):
        Database(url)
