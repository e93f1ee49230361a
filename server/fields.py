"""Values that several requests hold. What each demands stands in OpenAPI too, so that clients can know it before."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

CONVERSATION_ID = r"^[A-Za-z0-9_-]{8,64}$"

# Halves of a pair, alone: JSON can carry them, no database and no answer can. No pattern of OpenAPI can name them.
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Matching:
    """Marks text that must match a pattern as a whole; `says` is what who sends another is told."""

    pattern: str
    says: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        pattern = re.compile(self.pattern)

        def check(text: str) -> str:
            # Not `match`, for which `$` also stands before a last newline.
            if not pattern.fullmatch(text) or (not text.isascii() and _SURROGATE.search(text)):
                raise PydanticCustomError("invalid_text", "{says}", {"says": self.says})
            return text

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "pattern": self.pattern}


def _whole(value: object) -> object:
    # JSON has one kind of numbers: 3.0 is as whole as 3.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_number(value: object) -> object:
    # In Python 0 is equal to False, in JSON it is not.
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise PydanticCustomError("bool_type", "It must be false")
    return value


# PostgreSQL stores no NUL.
STORABLE = Matching(r"^[^\x00]*$", "It holds a NUL character or half of a surrogate pair")
# Neither control characters nor those that hide or turn the text around them.
_PRINTABLE = Matching(
    r"^[^\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]*$",
    "It must be at most 256 printable characters",
)

# Bounds come before what runs after them, so that they stand in OpenAPI and are told in their own words.
Text = Annotated[str, STORABLE]
ItemId = Annotated[str, Field(max_length=512), STORABLE]
UserName = Annotated[str, Field(min_length=1, max_length=256), _PRINTABLE]
# Empty is as good as none: OpenAI's clients send either.
OptionalUserName = Annotated[str, Field(max_length=256), _PRINTABLE] | None
ConversationId = Annotated[str, Matching(CONVERSATION_ID, "It must be 8 to 64 of the characters A-Z a-z 0-9 _ and -")]
No = Annotated[Literal[False], BeforeValidator(_no_number)]
WHOLE = BeforeValidator(_whole)
