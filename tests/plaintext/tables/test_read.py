"""Files as organisers have them: by content, in whatever program's dialect, and broken in many ways."""

from __future__ import annotations

import csv
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from callforth.model.text import clean, typed
from callforth.plaintext.tables import TableUnusable, UnknownEncoding, read
from callforth.plaintext.tables.book import MOST_BYTES

ROWS = [
    ["Alias", "open-call"],
    ["", ""],
    ["Ihr Name", "Γιατί;"],
    ["Zoë Åström", "Zwei\nZeilen; mit „Zeichen“, und\tTab"],
]
SHOWN = (("Alias", "open-call"), ("Ihr Name", "Γιατί;"), ("Zoë Åström", "Zwei\nZeilen; mit „Zeichen“, und    Tab"))


def xlsx(rows, title="Content"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls(rows):
    book = xlwt.Workbook()
    sheet = book.add_sheet("Content")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write(at, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def ods(rows):
    book = OpenDocumentSpreadsheet()
    table = Table(name="Content")
    for row in rows:
        line = TableRow()
        for cell in row:
            one = TableCell(valuetype="string")
            for paragraph in cell.split("\n"):
                one.addElement(P(text=paragraph))
            line.addElement(one)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def written(rows, delimiter=",", encoding="utf-8"):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue().encode(encoding)


@pytest.mark.parametrize(("make", "kind"), [(xlsx, "xlsx"), (xls, "xls"), (ods, "ods"), (written, "csv")])
def test_the_same_table_from_every_kind_of_file(make, kind):
    rows = ROWS if kind != "ods" else [[cell.replace("\t", "    ") for cell in row] for row in ROWS]
    book = read(make(rows), "answers.csv")  # whatever its name says
    assert (book.kind, book.notes) == (kind, ())
    assert (book.sheets[0].rows, book.sheets[0].numbers) == (SHOWN, (1, 3, 4))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_any_delimiter_and_unicode_encoding(delimiter, encoding):
    book = read(written(ROWS, delimiter, encoding), "answers")
    assert book.sheets[0].rows == SHOWN


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Wie können wir das fördern? Größere Städte hören zu, ältere Menschen führen Gespräche."),
        ("cp1250", "Żółć płynie, ściśle łącząc społeczności; gdzieś źródło, będą spotkania i święta dzieci."),
        ("cp1253", "Ο διάλογος στη γειτονιά ξεκίνησε πριν από πέντε χρόνια και συνεχίζεται κάθε εβδομάδα."),
        ("cp1251", "Мы начали диалог между соседями пять лет назад и продолжаем его каждую неделю."),
    ],
)
def test_older_encodings_are_guessed_and_it_says_so(encoding, text):
    book = read(written([["Name", "Answer"], ["A", text]], ";", encoding), "answers.csv")
    assert book.sheets[0].rows == (("Name", "Answer"), ("A", text))
    assert "not in UTF-8" in book.notes[0]


def test_values_of_a_workbook_become_plain_text():
    cells = [
        5.0,
        0.5,
        True,
        datetime(2022, 8, 20, 10, 12, 1),
        date(2022, 8, 20),
        time(9, 30),
        46701234567,
        "007",
        "=1/0",
    ]
    book = read(xlsx([["a"] * len(cells), cells]), "x")
    shown = ("5", "0.5", "Yes", "2022-08-20T10:12:01", "2022-08-20", "09:30:00", "46701234567", "007", "")
    assert book.sheets[0].rows[1] == shown


def test_hidden_sheets_are_left_out_and_all_others_kept():
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.create_sheet("More").append(["b"])
    hidden = book.create_sheet("Hidden")
    hidden.append(["c"])
    hidden.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    assert [(sheet.name, sheet.rows) for sheet in read(stream.getvalue(), "x").sheets] == [
        ("Sheet", (("a",),)),
        ("More", (("b",),)),
    ]


def test_excels_own_line_about_the_delimiter_is_no_row():
    book = read(b"sep=;\r\na;b,c\r\n1;2\r\n", "x")
    assert (book.sheets[0].rows, book.sheets[0].numbers) == ((("a", "b,c"), ("1", "2")), (2, 3))


def test_an_encoding_that_is_named_counts_for_text():
    text = "Name;Answer\nŻółć;ściśle\n"
    book = read(text.encode("cp1250"), "x", "cp1250")
    assert (book.sheets[0].rows[1], book.notes) == (("Żółć", "ściśle"), ())
    assert read('{"a": "Ż"}'.encode("utf-16"), "x", "utf-16").document == {"a": "Ż"}
    assert read(xlsx(ROWS), "x", "cp1250").notes == ("x says its encoding itself; the one that was named is not used",)
    for encoding in ("cp12500", "base64", "a\0b"):
        with pytest.raises(UnknownEncoding, match=r"there is no encoding '.*'; name one like utf-8"):
            read(text.encode(), "x", encoding)
    for data, encoding in ((text.encode(), "ascii"), (text.encode(), "utf-16"), (text.encode("utf-16"), "cp1250")):
        with pytest.raises(TableUnusable, match=f"x is not in {encoding}; name another --encoding"):
            read(data, "x", encoding)


def test_numbers_that_lost_digits_are_told():
    (note,) = read(xlsx([["Name", "Phone"], ["A", 46701234567], ["B", 12345678901234567]]), "x").notes
    assert note.startswith("numbers of more than 15 digits lose the last ones in a spreadsheet (row 3)")
    (note,) = read(b"Name,Phone\nA,4.67012E+10\nB,5E+9\n", "x").notes
    assert note.startswith("numbers may have lost digits (like '4.67E+10', in 2 rows from row 2 on)")


def test_formulas_that_nobody_has_worked_out_are_told():
    rows = [["Name", "Email"], ["A", "a@example.org"], ["B", '="b" & "@example.org"']]
    (note,) = read(xlsx(rows), "x").notes
    assert note.startswith("formulas without a saved result are empty cells here (the first in row 3)")
    with zipfile.ZipFile(io.BytesIO(xlsx(rows))) as archive:
        members = [(one, archive.read(one)) for one in archive.namelist()]
    saved = [(one, re.sub(rb"<v>\s*</v>|<v\s*/>", b"<v>b@example.org</v>", text)) for one, text in members]
    assert saved != members
    assert read(packed(*saved), "x").notes == ()


def test_a_quote_may_close_within_a_cell_and_must_close():
    assert read(b'a,b\n"x"y,z\n', "x").sheets[0].rows[1] == ("xy", "z")
    for text, row in ((b'a,b\n"x"y,z\n"Ed,e\nD,f\n', 3), (b'sep=;\r\na;b\r\n1;"', 3)):
        with pytest.raises(TableUnusable, match=f"has a quote in row {row} that is never closed"):
            read(text, "x")


def test_workbooks_are_read_where_memory_is_limited_already():
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from callforth.plaintext.tables import read\n"
        "print(read(sys.stdin.buffer.read(), 'x').sheets[0].rows[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], input=xlsx(ROWS), capture_output=True, check=True)
    assert done.stdout == b"('Alias', 'open-call')\n"


def test_json_xml_and_mail_are_told_apart():
    assert read(json.dumps({"answers": [1]}).encode(), "x").document == {"answers": [1]}
    root = read(b"\xef\xbb\xbf<?xml version='1.0'?><Results><Survey/></Results>", "x").document
    assert root.tag == "Results"
    mail = b"Return-Path: <a@example.org>\nFrom: a@example.org\nSubject: Hello\n\nHi\n"
    assert (read(mail, "x").kind, read(b"From a@example.org Mon\n" + mail, "x").kind) == ("mail", "mail")
    assert read(b"From: name,Subject\nA,B\n", "x").kind == "csv"
    assert read(b"Note: x,Name\nA,B\n\nFrom: a\nSubject: b\n", "x").kind == "csv"
    assert read(b"From: a@example.org\nDate: nonsense\nContent-Type: text/html\n\n<p>Hi\n", "x").kind == "mail"


def packed(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def test_an_archive_with_uploads_gives_its_one_table():
    book = read(
        packed(("Content.xlsx", xlsx(ROWS)), ("uploads/1/cv.pdf", b"%PDF"), ("uploads/1/list.csv", b"a,b")), "x"
    )
    assert (book.kind, book.sheets[0].rows) == ("xlsx", SHOWN)


def far():
    book = openpyxl.Workbook()
    book.active["A1"] = "Name"
    book.active["XFD1048576"] = "x"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def encrypted():
    # What a workbook with a password is: a compound file with this stream in its directory.
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 500


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: b"", "is empty"),
        (lambda: b"\xef\xbb\xbf\r\n ", "is empty"),
        (lambda: xlsx([]), "has no filled cell"),
        (lambda: bytes(MOST_BYTES + 1).replace(b"\0", b"a"), "has 67 MB, more than the 67 MB"),
        (lambda: packed(("xl/workbook.xml", bytes(300_000_000))), "would become 300 MB"),
        (lambda: xlsx(ROWS)[:-400], "is damaged"),
        (lambda: packed(("xl/workbook.xml", b"<no")), "is damaged"),
        (lambda: b'a,b\n"' + b"x" * (17 << 20), "has a cell of more than 16 MB in row 2"),
        (far, "has a cell far outside"),
        (encrypted, "protected by a password"),
        (lambda: packed(("a.csv", b"a"), ("b.csv", b"b")), "an archive with 2 tables"),
        (lambda: packed(("word/document.xml", b"a"), ("[Content_Types].xml", b"")), "no spreadsheet"),
        (lambda: b"%PDF-1.7", "is a PDF"),
        (lambda: b"<html><table>", "is a web page"),
        (lambda: b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "defines entities"),
        (lambda: b"<Results><Survey>", "is damaged XML"),
        (lambda: b'{"answers": [', "is damaged JSON"),
        (lambda: b"[" * 100_000, "is damaged JSON (too deep)"),
        (lambda: b"[[1], [2]", "is damaged JSON"),
        (lambda: bytes(range(32)) * 40, "neither a spreadsheet nor text"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(make, says):
    with pytest.raises(TableUnusable) as caught:
        read(make(), "answers.xlsx")
    assert str(caught.value).startswith("answers.xlsx ")
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_ten_thousand_hostile_cells_come_back_as_they_were():
    chance = random.Random(7)
    pool = [
        '"',
        "'",
        ",",
        ";",
        "\n",
        "\t",
        "=1+1",
        "@SUM",
        "---",
        "<!--",
        "\u202e",
        "ß",
        "名",
        "👩",
        " ",
        "a",
        "\\",
        "|",
        "&",
    ]
    rows = [["".join(chance.choices(pool, k=chance.randint(0, 12))) for _ in range(20)] for _ in range(500)]
    wanted = [[clean(typed(cell)).strip() for cell in ["x", *row]] for row in rows]
    assert [list(row) for row in read(written([["x", *row] for row in rows]), "x").sheets[0].rows] == wanted
    texts = [["x", *[("" if cell.startswith("=") else cell) for cell in row]] for row in rows]
    wanted = [[clean(typed(cell)).strip() for cell in row] for row in texts]
    found = [list(row) for row in read(xlsx(texts), "x").sheets[0].rows]
    assert [row + [""] * (21 - len(row)) for row in found] == wanted


@given(st.binary(max_size=300))
def test_no_bytes_lead_to_anything_but_a_table_or_a_sentence(data):
    try:
        book = read(data, "x")
    except TableUnusable as error:
        assert str(error).startswith("x ")
    else:
        assert all(len(row) == len(sheet.rows[0]) for sheet in book.sheets for row in sheet.rows)
