"""What the server remembers: people, their conversations and their feedback. It knows nothing of requests or turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from core.conversation import Feedback, Verdict
from core.errors import NotFoundError
from server.database import Database
from server.tables import Conversation, Person, StoredFeedback, StoredMessage


@dataclass(frozen=True)
class PersonKey:
    """Who someone is: a name that is theirs under one API key (`owner`, a hash; empty without keys)."""

    owner: str
    name: str


@dataclass(frozen=True)
class KeptMessage:
    """A message of a kept conversation; `data` is what an answer holds beside its text."""

    role: str
    content: str
    data: dict[str, Any] | None = None


class StateStore:
    """The state of one catalogue's chats. Every method is one transaction and blocks; call it in a thread.

    Every method raises StateUnavailableError where the database is down. A conversation of someone else is told
    as one that does not exist.
    """

    def __init__(self, url: str = "", *, catalog: str) -> None:
        """`url` as in `Settings.database_url`; feedback counts only for items of the same `catalog`."""
        self.database = Database(url)
        self._catalog = catalog

    def feedback(self, person: PersonKey) -> tuple[Feedback, ...]:
        """A person's verdicts, oldest first."""
        return self.database.run(lambda session: self._feedback(session, person))

    def give_feedback(
        self, person: PersonKey, item_id: str, verdict: Verdict | None, conversation: str | None = None
    ) -> tuple[Feedback, ...]:
        """Replace a person's verdict on an item, or take it back with None; all their verdicts, oldest first."""

        def work(session: Session) -> tuple[Feedback, ...]:
            person_id = _ensure_person(session, person)
            mine = (StoredFeedback.person_id == person_id, StoredFeedback.catalog == self._catalog)
            session.execute(delete(StoredFeedback).where(*mine, StoredFeedback.item_id == item_id))
            if verdict:
                row = StoredFeedback(
                    person_id=person_id,
                    catalog=self._catalog,
                    item_id=item_id,
                    verdict=verdict.value,
                    conversation=conversation,
                )
                session.add(row)
                session.flush()
            return self._feedback(session, person)

        return self.database.run(work)

    def say(self, person: PersonKey, conversation: str, content: str) -> None:
        """Keep what a person says. An unanswered message that is said again is not kept twice.

        Raises NotFoundError where the conversation is someone else's.
        """

        def work(session: Session) -> None:
            conversation_id = _ensure_conversation(session, person, conversation)
            last = session.scalar(_messages(conversation_id).order_by(StoredMessage.id.desc()).limit(1))
            if last is None or (last.role, last.content) != ("user", content):
                session.add(StoredMessage(conversation_id=conversation_id, role="user", content=content))

        self.database.run(work)

    def answer(self, person: PersonKey, conversation: str, content: str, data: dict[str, Any]) -> None:
        """Keep an answer. Raises NotFoundError where the conversation is gone or someone else's."""

        def work(session: Session) -> None:
            found = _find_conversation(session, person, conversation)
            session.add(StoredMessage(conversation_id=found.id, role="assistant", content=content, data=data))

        self.database.run(work)

    def conversation(self, person: PersonKey, conversation: str, *, last: int) -> Sequence[KeptMessage]:
        """The last messages, oldest first. Raises NotFoundError where the conversation is someone else's."""

        def work(session: Session) -> list[KeptMessage]:
            found = _find_conversation(session, person, conversation)
            newest = session.scalars(_messages(found.id).order_by(StoredMessage.id.desc()).limit(last)).all()
            return [KeptMessage(row.role, row.content, row.data) for row in reversed(newest)]

        return self.database.run(work)

    def forget_conversation(self, person: PersonKey, conversation: str) -> None:
        """Delete a conversation. Raises NotFoundError where it is someone else's."""
        self.database.run(lambda session: session.delete(_find_conversation(session, person, conversation)))

    def _feedback(self, session: Session, person: PersonKey) -> tuple[Feedback, ...]:
        rows = session.execute(
            select(StoredFeedback.item_id, StoredFeedback.verdict)
            .join(Person, Person.id == StoredFeedback.person_id)
            .where(Person.owner == person.owner, Person.name == person.name, StoredFeedback.catalog == self._catalog)
            .order_by(StoredFeedback.id)
        )
        return tuple(Feedback(item_id=item_id, verdict=Verdict(verdict)) for item_id, verdict in rows)


def _messages(conversation_id: int) -> Select[StoredMessage]:
    return select(StoredMessage).where(StoredMessage.conversation_id == conversation_id)


def _ensure_person(session: Session, person: PersonKey) -> int:
    known = select(Person.id).where(Person.owner == person.owner, Person.name == person.name)
    found = session.scalar(known.with_for_update())  # one write of a person at a time
    if found is not None:
        return found
    row = Person(owner=person.owner, name=person.name)
    session.add(row)
    session.flush()  # fails where someone wrote the same person meanwhile; the transaction is then run again
    return row.id


def _ensure_conversation(session: Session, person: PersonKey, public_id: str) -> int:
    person_id = _ensure_person(session, person)
    found = session.scalar(_conversations(person.owner, public_id))
    if found is None:
        found = Conversation(owner=person.owner, public_id=public_id, person_id=person_id)
        session.add(found)
        session.flush()
    if found.person_id != person_id:
        raise _no_conversation(public_id)
    return found.id


def _find_conversation(session: Session, person: PersonKey, public_id: str) -> Conversation:
    mine = _conversations(person.owner, public_id).join(Person).where(Person.name == person.name)
    found = session.scalar(mine)
    if found is None:
        raise _no_conversation(public_id)
    return found


def _conversations(owner: str, public_id: str) -> Select[Conversation]:
    return select(Conversation).where(Conversation.owner == owner, Conversation.public_id == public_id)


def _no_conversation(public_id: str) -> NotFoundError:
    return NotFoundError(f"There is no conversation '{public_id}' of this user.")
