"""What vLLM says: kept in a rotated file, and read for how far it is while it loads and why it stopped."""

import logging
import re
from collections import deque
from collections.abc import Iterable
from logging.handlers import RotatingFileHandler
from pathlib import Path

_PROGRESS = {
    "Initializing a V1 LLM engine": "starting its engine",
    "Starting to load model": "loading the weights",
    "Loading weights took": "making room for the cache",
    "Warming up model": "compiling",
    "Capturing CUDA graph": "capturing CUDA graphs",
    "Starting vLLM server": "opening its API",
}
_CAUSES = (
    (r"No module named 'vllm", "vLLM is not installed. Install the extra `cpu` or `gpu`."),
    (r"Address already in use", "Another program has taken the port of vLLM."),
    (
        r"Cannot allocate memory|out of memory|MemoryError|Available memory on node|[Ff]ree memory on device"
        r"|No available memory for the cache|DefaultCPUAllocator",
        "There is not enough memory for the language model. End other programs, or choose a smaller model.",
    ),
    (
        r"SafetensorError|Cannot find any model weights|does not appear to have|Can't load (the )?(tokenizer|config)"
        r"|Unrecognized model|not a valid (JSON|model)|couldn't instantiate the backend tokenizer",
        "The folder of the language model is incomplete or damaged. Make it anew, or name another model.",
    ),
)
# The first error names the cause; those after it are vLLM's other processes that lost the first one.
_ERROR = re.compile(r"(?:^|\s)((?:[\w.]*\.)?[A-Z]\w*(?:Error|Exception)): (.+)")
_MAX_DETAIL = 240


class VllmLog:
    """The output of one life of vLLM."""

    def __init__(self, path: Path, *, secret: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._secret = secret
        self._tail: deque[str] = deque(maxlen=400)
        self.progress = "importing vLLM"

    def follow(self, lines: Iterable[bytes]) -> None:
        """Read until the output ends. Runs in a thread of its own."""
        handler = RotatingFileHandler(self._path, maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True)
        try:
            for raw in lines:
                line = raw.decode("utf-8", errors="replace").rstrip().replace(self._secret, "***")
                self._tail.append(line)
                self.progress = next((words for mark, words in _PROGRESS.items() if mark in line), self.progress)
                handler.emit(logging.makeLogRecord({"msg": line}))
        finally:
            handler.close()

    def cause(self, exit_code: int | None) -> str:
        """Why vLLM ended, in one line."""
        text = "\n".join(self._tail)
        for pattern, cause in _CAUSES:
            if re.search(pattern, text):
                return cause
        for line in self._tail:
            if error := _ERROR.search(line):
                return f"vLLM stopped: {error[2]}"[:_MAX_DETAIL] + f" (more in {self._path})"
        if exit_code is not None and exit_code < 0:
            return f"vLLM was ended by signal {-exit_code}."
        return f"vLLM ended with exit code {exit_code}. See {self._path}."
