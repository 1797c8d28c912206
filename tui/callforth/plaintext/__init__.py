"""How things look on disk, and lossless edits of them."""
