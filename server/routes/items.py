"""`/v1/items/{id}`: an item of the catalogue and its picture."""

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.responses import Response

from core.item import Credit, Item
from server.answers import image_address
from server.errors import not_found, responses
from server.pictures import picture_of
from server.services import Services

_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The poster, or a drawn card.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/gif", "image/webp", "image/svg+xml")
        },
    },
    304: {"description": "The picture is the one that the client has."},
}
_CACHE = "public, max-age=86400"
# A card is opened on its own at most: nothing in it may run or load.
_CARD_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


class ItemResponse(BaseModel):
    """An item with the address of its picture."""

    id: str
    title: str
    aliases: list[str]
    year: int | None
    categories: list[str]
    people: list[Credit]
    description: str
    numbers: dict[str, float]
    facts: dict[str, str]
    image: str


def routes(services: Services) -> APIRouter:
    """The items."""
    router = APIRouter(tags=["items"])

    # Ids of a catalogue may hold slashes. This route comes first, for a path takes all that follows.
    @router.get("/v1/items/{item_id:path}/image", response_class=Response, responses={**_PICTURE, **responses(404)})
    async def get_item_image(item_id: str, request: Request) -> Response:
        """The item's poster or, where it has none, a card with its title."""
        picture = await run_sync(picture_of, _find(services, item_id))
        headers = {"ETag": picture.etag, "Cache-Control": _CACHE}
        if picture.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if picture.file:
            return FileResponse(picture.file, media_type=picture.media_type, headers=headers)
        headers["Content-Security-Policy"] = _CARD_POLICY
        return Response(picture.content, media_type=picture.media_type, headers=headers)

    @router.get("/v1/items/{item_id:path}", responses=responses(404))
    async def get_item(item_id: str) -> ItemResponse:
        """All that the catalogue says of an item."""
        item = _find(services, item_id)
        facts = item.model_dump(exclude={"image"})
        return ItemResponse.model_validate({**facts, "image": image_address(item.id)})

    return router


def _find(services: Services, item_id: str) -> Item:
    if item_id not in services.items:
        raise not_found(f"There is no item '{item_id}'.", "item_id", "item_not_found")
    return services.items[item_id]
