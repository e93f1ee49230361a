"""Another vector store than FAISS, by configuration. Knows nothing about what is stored."""

import json
from importlib import import_module

from llama_index.core.vector_stores.types import BasePydanticVectorStore

from core.errors import InputError

_MEND = (
    'Give the class and its settings, such as {"class": "llama_index.vector_stores.qdrant.QdrantVectorStore", '
    '"url": "http://127.0.0.1:6333", "collection_name": "films"}.'
)


def open_store(configuration: str) -> BasePydanticVectorStore | None:
    """The vector store that a JSON object describes: its `class` inside LlamaIndex, and what the class is made with.

    An empty configuration is None, which stands for FAISS. Raises InputError for one that can't be used.
    """
    if not configuration:
        return None
    path, settings = _parse(configuration)
    module_name, _, class_name = path.rpartition(".")
    if not path.startswith("llama_index."):
        raise InputError(f"{path} is no vector store of LlamaIndex.", mend=_MEND)
    try:
        store = getattr(import_module(module_name), class_name, None)
    except ImportError as error:
        package = "-".join(module_name.split(".")[:3]).replace("_", "-")
        raise InputError(f"{module_name} is not installed.", mend=f"Run `pip install {package}`.") from error
    if not (isinstance(store, type) and issubclass(store, BasePydanticVectorStore)):
        raise InputError(f"{path} is no vector store of LlamaIndex.", mend=_MEND)
    try:
        return store(**settings)
    except (TypeError, ValueError, AttributeError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{class_name} does not take these settings: {reason}.", mend=_MEND) from error


def _parse(configuration: str) -> tuple[str, dict[str, object]]:
    try:
        settings = json.loads(configuration)
        return str(settings.pop("class")), settings
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise InputError(f"The vector store {configuration!r} is no JSON object with a class.", mend=_MEND) from error
