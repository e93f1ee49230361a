"""Work that threads do ahead of a consumer, in order and in bounded memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


def ahead(
    pool: ThreadPoolExecutor, function: Callable[[_In], _Out], inputs: Iterable[_In], depth: int
) -> Iterator[tuple[_In, _Out]]:
    """Each input and what the function makes of it, in order, with up to `depth` of them under way.

    An error of the function comes out at its place. Whoever stops early leaves nothing to be begun.
    """
    waiting: deque[tuple[_In, Future[_Out]]] = deque()
    try:
        for value in inputs:
            waiting.append((value, pool.submit(function, value)))
            if len(waiting) > depth:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()
    finally:
        for _, future in waiting:
            future.cancel()
