"""A PDF with what documents about money have in common: letterhead, facts, tables, page numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from fpdf import FPDF, XPos, YPos
from fpdf.enums import Align, MethodReturnValue, TableBordersLayout
from fpdf.fonts import FontFace

from later import Image
from payments.printing.document import Column
from school.head import Head
from school.models import NAME

FONTS = Path(__file__).parent / "fonts"
# DejaVu Sans has the letters of all of Europe's languages, and many more.
_FAMILY = "DejaVu"
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}

# The colours of the pages, dark enough for a black and white printer.
_INK, _MUTED, _ACCENT, _LINE = (29, 39, 51), (93, 104, 117), (15, 107, 99), (200, 196, 188)
_MARGIN, _ROW = 20, 5.5
# The logo's greatest width and height, in millimetres.
_LOGO = (45, 11)


class Paper(FPDF):
    """A document on A4 that goes over as many pages as it needs."""

    def __init__(self, title: str, *, author: str, at: datetime) -> None:
        """Begin the first page.

        The same facts make the same file, whenever it is printed.
        """
        super().__init__(format="A4")
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=25)
        for style, file in _FILES.items():
            self.add_font(_FAMILY, style, FONTS / file)
        self.set_title(title)
        self.set_author(author)
        self.set_creator("Lectern")
        self.set_lang("en")
        self.set_creation_date(at)
        self.caption = title
        self.set_draw_color(*_LINE)
        self.add_page()

    def footer(self) -> None:
        """Write what the document is called, and which page this is."""
        self.set_y(-16)
        self._font(8, colour=_MUTED)
        half = self.epw / 2
        self.cell(half, 5, self._fitting(self.caption, half))
        self.cell(half, 5, f"Page {self.page_no()} of {{nb}}", align=Align.R)

    def school(self, head: Head, *, but_not: str = "") -> None:
        """Show the school's logo, and its name unless that follows anyway, if it has chosen them."""
        name = head.school if head.school not in (NAME, but_not) else ""
        top, left = self.get_y(), self.l_margin
        if head.logo:
            width, height = Image.open(BytesIO(head.logo)).size
            scale = min(_LOGO[0] / width, _LOGO[1] / height)
            self.image(BytesIO(head.logo), left, top, width * scale, height * scale)
            left += width * scale + 4
        if name:
            self._font(11, bold=True)
            self.set_xy(left, top)
            self.cell(0, _LOGO[1] if head.logo else 6, self._fitting(name, self.w - self.r_margin - left))
        if head.logo or name:
            self.set_xy(self.l_margin, top + (_LOGO[1] if head.logo else 6) + 6)

    def letterhead(self, name: str, lines: str) -> None:
        """Say who it is from: the name, and below it lines of text."""
        self._font(13, bold=True, colour=_ACCENT)
        self._paragraph(name, 7)
        self._font(9, colour=_MUTED)
        self._paragraph(lines, 4.5)
        self.ln(8)

    def heading(self, text: str, below: str = "") -> None:
        """Say what it is, with a sentence below."""
        self._font(18, bold=True)
        self._paragraph(text, 9)
        if below:
            self._font(10, colour=_MUTED)
            self._paragraph(below, 5)
        self.ln(4)

    def subheading(self, text: str) -> None:
        """Begin a part, on the next page if there is hardly any room left on this one."""
        if self.will_page_break(4 * _ROW + 10):
            self.add_page()
        self.ln(2)
        self._font(12, bold=True)
        self._paragraph(text, 7)
        self.ln(1)

    def sides(self, left: Sequence[str], right: Sequence[tuple[str, str]]) -> None:
        """Write an address, and beside it facts by name."""
        top, half = self.get_y(), self.epw / 2
        self._font(10)
        for line in left:
            self.multi_cell(half - 6, 5, line, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        lowest = self.get_y()
        self.set_y(top)
        for name, value in right:
            self.set_x(self.l_margin + half)
            self._font(10, colour=_MUTED)
            self.cell(32, 5, name)
            self._font(10)
            self.multi_cell(half - 32, 5, value, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(max(lowest, self.get_y()))
        self.ln(8)

    def rows(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Draw a table whose headings come again on each page."""
        self._font(9)
        aligns = [Align.R if column.is_amount else Align.L for column in columns]
        with self.table(
            col_widths=[column.width for column in columns],
            text_align=aligns,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=_ROW,
            padding=(1, 1.5),
            headings_style=FontFace(emphasis="B", color=_MUTED),
        ) as table:
            for cells in ([column.heading for column in columns], *rows):
                row = table.row()
                for cell in cells:
                    row.cell(cell)
        self.ln(2)

    def sums(self, *sums: tuple[str, str]) -> None:
        """Write amounts below a table, the last one the loudest."""
        if self.will_page_break(len(sums) * 7 + 4):
            self.add_page()
        for name, amount in sums:
            last = (name, amount) == sums[-1]
            self._font(11 if last else 10, bold=last, colour=_INK if last else _MUTED)
            self.cell(self.epw - 45, 7, name, align=Align.R)
            self.cell(45, 7, amount, align=Align.R, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(4)

    def text(self, text: str) -> None:  # type: ignore[override]
        """Write a paragraph, all of it on one page."""
        self._font(10)
        height: Any = self.multi_cell(0, 5, text, dry_run=True, output=MethodReturnValue.HEIGHT)
        if self.will_page_break(height):
            self.add_page()
        self._paragraph(text, 5)
        self.ln(2)

    def bytes(self) -> bytes:
        """Return the file."""
        return bytes(self.output())

    def _paragraph(self, text: str, height: float) -> None:
        if text:
            self.multi_cell(0, height, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _font(self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK) -> None:
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.set_text_color(*colour)

    def _fitting(self, text: str, width: float) -> str:
        """Shorten a text that is wider than its place."""
        if self.get_string_width(text) <= width:
            return text
        while text and self.get_string_width(f"{text}…") > width:
            text = text[:-1]
        return f"{text}…"
