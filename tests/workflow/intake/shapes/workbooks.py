"""Files as spreadsheet programs write them, made of rows by sheet; all of it synthetic."""

import csv
import io
import zipfile
from datetime import datetime

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P


def xlsx(sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def xls(sheets):
    book = xlwt.Workbook()
    when = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(at, column, cell, *([when] if isinstance(cell, datetime) else []))
    return saved(book)


def ods(sheets, untyped=()):
    """Write ODS; cells with one of the texts in `untyped` have no value type, as ODF Toolkit leaves them."""
    book = OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = Table(name=name)
        for row in rows:
            line = TableRow()
            for cell in row:
                line.addElement(_ods_cell(cell, untyped))
            table.addElement(line)
        book.spreadsheet.addElement(table)
    return saved(book)


def _ods_cell(cell, untyped):
    if isinstance(cell, datetime):
        return TableCell(valuetype="date", datevalue=cell.isoformat())
    one = TableCell() if cell in untyped else TableCell(valuetype="string")
    for paragraph in str(cell).split("\n") if cell else ():
        one.addElement(P(text=paragraph))
    return one


def written(rows, delimiter=",", encoding="utf-8", **how):
    """Write CSV; moments as a spreadsheet program shows them in Britain."""
    stream = io.StringIO(newline="")
    texts = [[f"{cell:%d/%m/%Y %H:%M}" if isinstance(cell, datetime) else cell for cell in row] for row in rows]
    csv.writer(stream, delimiter=delimiter, **how).writerows(texts)
    return stream.getvalue().encode(encoding)


def packed(*members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return stream.getvalue()


def saved(book):
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
