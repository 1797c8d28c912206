"""What the maintainers run: the documents that are made from the code."""
