"""`/v1/embeddings`: the encoders, as OpenAI's clients ask for embeddings."""

import base64
from typing import Annotated, Literal

import numpy as np
from anyio.to_thread import run_sync
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from core.errors import InputError
from server.embedders import TEXT
from server.errors import bad_request, not_found, responses
from server.fields import STORABLE, OptionalUserName, Text
from server.middleware import JSON_BODY
from server.openai_requests import RequestModel
from server.services import Services

MAX_INPUTS = 256


class EmbeddingRequest(RequestModel):
    """`POST /v1/embeddings`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": TEXT, "input": ["a dark thriller", "a light comedy"]}]}
    )

    model: Annotated[str, Field(max_length=256), STORABLE]
    input: (
        Annotated[Text, Field(min_length=1)]
        | Annotated[list[Annotated[Text, Field(min_length=1)]], Field(min_length=1, max_length=MAX_INPUTS)]
    ) = Field(description="Words, or a picture as `data:image/…;base64,…` where the model reads pictures.")
    encoding_format: Literal["float", "base64"] | None = None
    # As many as the model has; what that is can't stand in OpenAPI, so the field isn't there.
    dimensions: SkipJsonSchema[Annotated[int, Field(ge=1)] | None] = None
    user: OptionalUserName = None


class Embedding(BaseModel):
    """One input's embedding, of unit length: numbers, or base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(BaseModel):
    """Tokens of the words that were read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingList(BaseModel):
    """The response of `POST /v1/embeddings`, in the order of the inputs."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


def routes(services: Services) -> APIRouter:
    """Embeddings."""
    router = APIRouter(tags=["embeddings"])

    @router.post("/v1/embeddings", dependencies=JSON_BODY, responses=responses(400, 404, 413, 415))
    async def create_embedding(body: EmbeddingRequest) -> EmbeddingList:
        """Embed words or pictures. `/v1/models` lists the models."""
        embedder = services.embedders.get(body.model)
        if embedder is None:
            known = ", ".join(f"'{name}'" for name in services.embedders) or "none here"
            message = f"The model '{body.model}' makes no embeddings; those that do: {known}."
            raise not_found(message, "model", "model_not_found")
        inputs = [body.input] if isinstance(body.input, str) else body.input
        try:
            vectors = await run_sync(embedder.embed, inputs)
        except InputError as error:
            raise bad_request(str(error), "input") from error
        if body.dimensions not in (None, vectors.shape[1]):
            raise bad_request(f"'{body.model}' has {vectors.shape[1]} dimensions.", "dimensions")
        tokens = sum(services.count_tokens(text) for text in inputs if not text.startswith("data:"))
        packed = body.encoding_format == "base64"
        data = [
            Embedding(
                index=index,
                embedding=base64.b64encode(vector.astype("<f4").tobytes()).decode() if packed else vector.tolist(),
            )
            for index, vector in enumerate(np.asarray(vectors, dtype=np.float32))
        ]
        usage = EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens)
        return EmbeddingList(data=data, model=body.model, usage=usage)

    return router
