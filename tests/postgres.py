"""A PostgreSQL of the tests' own: in a temporary folder, on a socket in it, gone when the tests are done."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Debian keeps the server's programs out of the search path.
_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
_START_SECONDS = 30


def find_programs() -> Path | None:
    """The folder with `initdb` and `postgres`, or None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    return Path(found).parent if found else next((place for place in _PLACES if (place / "initdb").exists()), None)


@contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """The URL of a running server, up to the database's name. It refuses root, so root starts it as `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has at most 107 letters
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data = folder / "data"
    try:
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True, capture_output=True, user=user, cwd=folder,
        )  # fmt: skip
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-k", str(folder)]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [programs / "postgres", "-D", data, *options], stdout=log, stderr=log, user=user, cwd=folder
            ) as server,
        ):
            try:
                _wait(folder, server)
                yield f"postgresql+psycopg://postgres@/{{name}}?host={folder}"
            finally:
                server.send_signal(signal.SIGINT)  # fast: it waits for no client
                server.wait(_START_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(folder: Path, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if "ready to accept connections" in (folder / "log").read_text():
            return
        time.sleep(0.05)
    raise RuntimeError((folder / "log").read_text())
