"""The tables of the state database. A change of their shape raises `SCHEMA_VERSION`."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, ForeignKey, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 1


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables carry a prefix: a PostgreSQL database may hold others."""

    metadata = MetaData()


class SchemaVersion(Base):
    """One row: the version of the tables."""

    __tablename__ = "tastemaker_schema"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Person(Base):
    """Someone whom a client names. Every API key has people of its own; `owner` is a hash of the key."""

    __tablename__ = "tastemaker_people"
    __table_args__ = (UniqueConstraint("owner", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)


class Conversation(Base):
    """A conversation; it belongs to the person who wrote in it first. `public_id` is the client's name for it."""

    __tablename__ = "tastemaker_conversations"
    __table_args__ = (UniqueConstraint("owner", "public_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(64))
    public_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)


class StoredMessage(Base):
    """A message; ids grow in the order of writing. `data` is what an answer holds beside its text."""

    __tablename__ = "tastemaker_messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey(Conversation.id, ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(16))
    content: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)


class StoredFeedback(Base):
    """A person's last verdict on an item of a catalogue; ids grow in the order of giving."""

    __tablename__ = "tastemaker_feedback"
    __table_args__ = (UniqueConstraint("person_id", "catalog", "item_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id, ondelete="CASCADE"))
    catalog: Mapped[str] = mapped_column(String(256))
    item_id: Mapped[str] = mapped_column(String(512))
    verdict: Mapped[str] = mapped_column(String(8))
    conversation: Mapped[str | None] = mapped_column(String(64))  # where it was given, as the client names it
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=_now)
