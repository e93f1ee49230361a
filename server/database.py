"""A connection to the state database: SQLite by default, PostgreSQL by URL. It knows nothing of what is stored."""

import os
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session

from core.errors import InputError, TastemakerError
from server.tables import SCHEMA_VERSION, Base, SchemaVersion

T = TypeVar("T")

DEFAULT_FILE = Path("state") / "tastemaker.sqlite3"
_BUSY_SECONDS = 5
_CONNECT_SECONDS = 3
_ATTEMPTS = 5
_SCHEMA_LOCK = 7_239_418_205  # any number that only this program uses, for PostgreSQL's advisory lock


class StateUnavailableError(TastemakerError):
    """The database can't be reached now, or can't be written to."""

    http_status = 503


class StateSchemaError(TastemakerError):
    """The database holds tables of another version of this program."""

    exit_code = 2
    http_status = 503


class Database:
    """Runs work in transactions. The tables are made at the first use."""

    def __init__(self, url: str = "") -> None:
        """`url` is empty for a SQLite file in `state/`. Raises InputError for a URL that can't be used."""
        parsed = _parse(url)
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        self._file = Path(parsed.database) if self._is_sqlite and parsed.database else None
        self._engine = _sqlite(parsed) if self._is_sqlite else _postgresql(parsed)
        self._lock = threading.Lock()
        self._prepared = False

    def run(self, work: Callable[[Session], T]) -> T:
        """Do `work` in one transaction, again if another writer came first.

        Raises StateUnavailableError where the database is down and StateSchemaError where its tables don't fit.
        """
        self.prepare()
        for _ in range(_ATTEMPTS - 1):
            try:
                return self._once(work)
            except IntegrityError:
                continue
        try:
            return self._once(work)
        except IntegrityError as error:
            raise _unavailable(error) from error

    def prepare(self) -> None:
        """Make the tables, or check that they are of this version."""
        with self._lock:
            if self._prepared:
                return
            try:
                if self._file:
                    _make_private(self._file)
                with self._engine.begin() as connection:
                    _make_tables(connection)
            except (SQLAlchemyError, OSError) as error:
                raise _unavailable(error) from error
            self._prepared = True

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _once(self, work: Callable[[Session], T]) -> T:
        try:
            with Session(self._engine) as session, session.begin():
                return work(session)
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise _unavailable(error) from error


def _parse(url: str) -> URL:
    mend = "Use sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME."
    try:
        parsed = make_url(url or f"sqlite:///{DEFAULT_FILE}")
    except ArgumentError:
        raise InputError("The database URL can't be read.", mend=mend) from None
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "sqlite+pysqlite", "postgresql+psycopg"}:
        raise InputError(f"The database '{parsed.drivername}' is not supported.", mend=mend)
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise InputError("The SQLite database needs a file.", mend="Use sqlite:///FILE.")
    return parsed


def _sqlite(url: URL) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS}, pool_size=8, max_overflow=32, pool_timeout=_BUSY_SECONDS
    )

    # The driver begins transactions too late to hold a lock while it reads; so it is told to leave that to us.
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            connect_args={"connect_timeout": _CONNECT_SECONDS},
            pool_size=8,
            max_overflow=32,
            pool_timeout=_BUSY_SECONDS,
            pool_pre_ping=True,
        )
    except (ImportError, NoSuchModuleError) as error:
        raise InputError("PostgreSQL needs the package psycopg.", mend='Install "psycopg[binary]".') from error


def _make_private(file: Path) -> None:
    """Only the account that serves may read what people said; SQLite gives its side files the same mode."""
    if not file.parent.exists():
        file.parent.mkdir(parents=True, mode=0o700)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
    file.chmod(0o600)


def _make_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # two servers may start at once; SQLite's transaction holds a lock
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SCHEMA_LOCK})
    if not inspect(connection).has_table(SchemaVersion.__tablename__):
        Base.metadata.create_all(connection)
        connection.execute(SchemaVersion.__table__.insert().values(version=SCHEMA_VERSION))  # type: ignore[attr-defined]
        return
    found = connection.execute(select(SchemaVersion.version)).scalar_one_or_none()
    if found != SCHEMA_VERSION:
        raise StateSchemaError(
            f"The state database has tables of version {found}; this program needs version {SCHEMA_VERSION}.",
            mend="Point TASTEMAKER_DATABASE_URL at a new database, or run the version that wrote this one.",
        )


_NOT_RUNNING = "Check TASTEMAKER_DATABASE_URL and that it is running."


def _unavailable(error: Exception) -> StateUnavailableError:
    # Only the driver's first line: what SQLAlchemy adds holds the statement and what people said.
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    line = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
    is_file = isinstance(cause, sqlite3.Error | OSError)
    mend = "Make room on its disk, and end what else holds its file." if is_file else _NOT_RUNNING
    return StateUnavailableError(f"The state database can't be used now: {line}.", mend=mend)
