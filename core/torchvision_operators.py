"""Makes `import torchvision` work where its compiled operators can't be loaded.

open_clip and timm need the Python part of torchvision only, and transformers imports it wherever it is installed. A
build for CUDA beside torch for CPUs has operators that don't load, and its import fails with "operator torchvision::nms
does not exist". Declaring the operators, without an implementation, is all that the Python part needs.
"""

import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

_NAME = "torchvision"
_OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[object] = []  # a declaration lives as long as its library object


class _BeforeTorchvision(MetaPathFinder):
    """Declares what is missing when torchvision is about to be imported; finds nothing itself."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002
        if fullname == _NAME:
            sys.meta_path.remove(self)
            _declare_missing()


def declare_when_imported() -> None:
    """Watch for the import of torchvision. Costs nothing until then."""
    watched = any(isinstance(finder, _BeforeTorchvision) for finder in sys.meta_path)
    if _NAME not in sys.modules and not watched:
        sys.meta_path.insert(0, _BeforeTorchvision())


def _declare_missing() -> None:
    from importlib.machinery import PathFinder

    import torch

    spec = PathFinder.find_spec(_NAME)
    if spec is None or not spec.submodule_search_locations:
        return
    compiled = Path(next(iter(spec.submodule_search_locations)), "_C.so")
    try:
        torch.ops.load_library(str(compiled))  # type: ignore[no-untyped-call]
    except OSError:
        library = torch.library.Library(_NAME, "DEF")  # type: ignore[no-untyped-call]
        for operator in _OPERATORS:
            library.define(operator)  # type: ignore[no-untyped-call]
        _declared.append(library)
