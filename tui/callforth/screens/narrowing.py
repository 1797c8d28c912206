"""The search line as the one place that says what is shown: facets read it and write it, nothing else remembers.

Pure functions over the query's text; `index.query` gives it its meaning.
"""

from __future__ import annotations

from callforth.index.query import split_terms


def chosen(query: str, key: str) -> tuple[str, ...]:
    """Return the values that a plain `key:a,b` term of the query asks for."""
    for term in split_terms(query):
        if term.startswith(f"{key}:"):
            return tuple(value for value in term[len(key) + 1 :].split(",") if value)
    return ()


def without(query: str, key: str) -> str:
    """Return the query without its plain `key:…` terms."""
    return " ".join(term for term in split_terms(query) if not term.startswith(f"{key}:"))


def toggled(query: str, key: str, value: str) -> str:
    """Return the query with `value` added to, or taken from, its `key:…` term."""
    values = [v for v in chosen(query, key) if v != value]
    if len(values) == len(chosen(query, key)):
        values.append(value)
    rest = without(query, key)
    term = f"{key}:{','.join(values)}" if values else ""
    return " ".join(part for part in (term, rest) if part)
