"""Rating models judged on randomly shown pairs: files in and out, and measures."""
