"""What one chat call reads from the state and leaves in it. Without a database a chat goes on, and says so."""

import logging
from typing import Any

from anyio.to_thread import run_sync

from core.conversation import Feedback
from core.errors import NotFoundError
from server.chat_request import ChatCall
from server.database import StateSchemaError, StateUnavailableError
from server.errors import not_found
from server.state import PersonKey, StateStore

log = logging.getLogger(__name__)

_DOWN = (StateUnavailableError, StateSchemaError)
FORGETFUL = "The database can't be reached: this conversation is not kept, and earlier feedback does not count now."


class Memory:
    """The memory of one call. `notices` tells what the person should know of it."""

    def __init__(self, store: StateStore, owner: str, call: ChatCall) -> None:
        self._store = store
        self._call = call
        self._person = PersonKey(owner, call.user) if call.user else None
        self.notices: tuple[str, ...] = ()

    async def begin(self) -> tuple[Feedback, ...]:
        """Keep what the person said, and recall their feedback. Raises a 404 for someone else's conversation."""
        if self._person is None:
            return ()
        try:
            if self._call.conversation_id:
                said = self._call.turn.messages[-1].content
                await run_sync(self._store.say, self._person, self._call.conversation_id, said)
            return await run_sync(self._store.feedback, self._person)
        except NotFoundError as error:
            raise not_found(str(error), "metadata.conversation_id", "conversation_not_found") from error
        except _DOWN as error:
            log.warning("A chat goes on without memory. %s", error)
            self.notices = (FORGETFUL,)
            return ()

    async def end(self, content: str, data: dict[str, Any]) -> None:
        """Keep a complete answer."""
        if self._person is None or self._call.conversation_id is None or self.notices:
            return
        try:
            await run_sync(
                self._store.answer, self._person, self._call.conversation_id, content.replace("\0", ""), data
            )
        except NotFoundError:
            log.info("A conversation was deleted while it was being answered.")
        except _DOWN as error:
            log.warning("An answer was not kept. %s", error)
