"""Tables from elsewhere: spreadsheets, CSV, and what forms export as JSON, XML or mail.

What a file is, its content says, never its name: exports are renamed, and a CSV called `.xls` is common. This room only
says which cells stand where; what they mean is for `workflow/intake` to say. Every cell is text and is cleaned here.
"""

from __future__ import annotations

from callforth.plaintext.tables.book import Grid, TableUnusable, Workbook
from callforth.plaintext.tables.delimited import UnknownEncoding
from callforth.plaintext.tables.sniff import read

__all__ = ["Grid", "TableUnusable", "UnknownEncoding", "Workbook", "read"]
