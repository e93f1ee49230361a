"""The values that travel between the steps. Knows nothing about files of a data set, models or servers."""

from core.torchvision_operators import declare_when_imported

# Every process of this program imports `core` first, so this comes before the first `import transformers`.
declare_when_imported()
