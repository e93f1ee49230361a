"""A vLLM, or another OpenAI-compatible server, that somebody else runs: watched over HTTP, never started or ended."""

import threading

import httpx

from core.errors import EngineError
from server.engine import EngineAddress, EngineState, EngineStatus, StatusBoard

_POLL_EVERY = 1.0
_TIMEOUT = 5.0


class ExternalEngine:
    """An `Engine` behind an address. `model` empty: the first one that the server names."""

    def __init__(self, url: str, *, key: str = "", model: str = "", poll_every: float = _POLL_EVERY) -> None:
        self._url = url.rstrip("/") if url.rstrip("/").endswith("/v1") else f"{url.rstrip('/')}/v1"
        self._key = key
        self._wanted = model
        self._model = model
        self._poll_every = poll_every
        self._board = StatusBoard()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> EngineStatus:
        return self._board.status

    @property
    def address(self) -> EngineAddress:
        if self.status.state is not EngineState.READY:
            raise EngineError(self.status.detail)
        return EngineAddress(url=self._url, key=self._key, model=self._model)

    def start(self) -> None:
        if self._thread is None:
            self._board.set(EngineState.LOADING, f"Waiting for the language model at {self._url}.")
            self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
        self._board.set(EngineState.STOPPED, "The language model is no longer watched.")

    def wait_ready(self, timeout: float) -> bool:
        return self._board.wait_ready(timeout)

    def _run(self) -> None:
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with httpx.Client(headers=headers, timeout=_TIMEOUT, trust_env=False) as client:
            while True:
                self._report(self._problem(client))
                if self._stopping.wait(self._poll_every):
                    return

    def _report(self, problem: EngineError | None) -> None:
        before = self.status.state
        if problem is None:
            if before is not EngineState.READY:
                back = before is EngineState.RESTARTING
                self._board.set(EngineState.READY, "The language model is ready.", restarts=int(back))
        elif before in (EngineState.READY, EngineState.RESTARTING):
            self._board.set(EngineState.RESTARTING, str(problem), deaths=int(before is EngineState.READY))
        else:
            self._board.set(EngineState.FAILED, str(problem))

    def _problem(self, client: httpx.Client) -> EngineError | None:
        """What keeps the server from answering. Also learns the model's name."""
        try:
            answer = client.get(f"{self._url}/models")
            answer.raise_for_status()
            names = [str(model["id"]) for model in answer.json()["data"]]
        except httpx.HTTPStatusError as error:
            if error.response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
                return EngineError(f"{self._url} refuses the key.", mend="Set TASTEMAKER_LLM_KEY.")
            return EngineError(f"{self._url} answers with HTTP {error.response.status_code}.")
        except (httpx.HTTPError, httpx.InvalidURL):
            return EngineError(f"No language model answers at {self._url}.", mend="Start it, or correct the address.")
        except (ValueError, KeyError, TypeError):
            return EngineError(f"{self._url} is no OpenAI-compatible server.", mend="Correct the address.")
        if self._wanted and self._wanted not in names:
            return EngineError(f"{self._url} has no model {self._wanted!r}.", mend=f"It has: {', '.join(names)}.")
        if not names:
            return EngineError(f"{self._url} serves no model.")
        self._model = self._wanted or names[0]
        return None
