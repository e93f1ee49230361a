"""`/v1/models`: the one model that can be asked."""

import time

from fastapi import APIRouter

from server.errors import not_found, responses
from server.openai_types import ModelCard, ModelList
from server.services import Services


def routes(services: Services) -> APIRouter:
    """The models."""
    router = APIRouter(tags=["models"])
    card = ModelCard(id=services.model_name, created=int(time.time()))

    @router.get("/v1/models", responses=responses())
    async def list_models() -> ModelList:
        """All models."""
        return ModelList(data=[card])

    @router.get("/v1/models/{model}", responses=responses(404))
    async def retrieve_model(model: str) -> ModelCard:
        """One model."""
        if model != card.id:
            raise not_found(f"The model '{model}' does not exist; use '{card.id}'.", "model", "model_not_found")
        return card

    return router
