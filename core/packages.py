"""Files inside installed Python packages, found without running the package's code."""

from importlib.util import find_spec
from pathlib import Path

from core.errors import InputError


def package_folder(name: str) -> Path:
    """The folder of a top-level package. Raises InputError when it isn't installed."""
    spec = find_spec(name)  # of a top-level name: reads no code of the package
    if spec is None or not spec.submodule_search_locations:
        distribution = name.replace("_", "-")
        raise InputError(
            f"The package {distribution} is not installed.",
            mend=f"Run `make install`, or `pip install --no-deps {distribution}`.",
        )
    return Path(next(iter(spec.submodule_search_locations)))
