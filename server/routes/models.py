"""`/v1/models`: what can be asked for answers and for embeddings."""

import time

from fastapi import APIRouter

from server.errors import not_found, responses
from server.openai_answers import ModelCard, ModelList
from server.services import Services


def routes(services: Services) -> APIRouter:
    """The models."""
    router = APIRouter(tags=["models"])
    names = dict.fromkeys((services.model_name, *services.embedders))
    cards = {name: ModelCard(id=name, created=int(time.time())) for name in names}

    @router.get("/v1/models", responses=responses())
    async def list_models() -> ModelList:
        """All models."""
        return ModelList(data=list(cards.values()))

    @router.get("/v1/models/{model:path}", responses=responses(404))
    async def retrieve_model(model: str) -> ModelCard:
        """One model."""
        if model not in cards:
            known = ", ".join(f"'{name}'" for name in cards)
            raise not_found(f"The model '{model}' does not exist; there are: {known}.", "model", "model_not_found")
        return cards[model]

    return router
