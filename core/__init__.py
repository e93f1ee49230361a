"""The values that travel between the steps. Knows nothing about files of a data set, models or servers."""
