"""A printed form as PDF: its blocks drawn on A4, the Chinese fonts embedded with only the glyphs used."""

from fpdf import FPDF
from fpdf.enums import Align, MethodReturnValue, WrapMode
from pylopdf_fonts_zh_cn import sans_path, serif_path

from panel.printing.blocks import UNITS, WIDTHS, Badges, Field, Fields, Prose, Rows, Sheet, Steps

MARGIN, LINE, PAD, SIZE = 15.0, 5.2, 1.2, 9.5
LABEL = 26.0
"""The width of a label's cell in millimetres."""
BADGE = (86.0, 54.0)
ALIGN = {"left": Align.L, "right": Align.R, "center": Align.C}


class Document(FPDF):
    """An A4 page with the form's number and the page at its foot."""

    def __init__(self, sheet: Sheet):
        super().__init__(orientation="landscape" if sheet.landscape else "portrait", format="A4")
        self.sheet = sheet
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.add_font("serif", "", str(serif_path()))
        self.add_font("sans", "", str(sans_path()))
        self.set_title(f"{sheet.title} {sheet.number}")
        self.set_creator("Yingke")
        self.set_lang("zh-CN")
        self.set_line_width(0.2)
        self.add_page()

    def footer(self):
        self.set_y(-11)
        self.set_font("sans", size=7)
        self.cell(
            0,
            4,
            f"{self.sheet.title}　{self.sheet.number}　　{self.sheet.printed}　　第 {self.page_no()} 页 / 共 {{nb}} 页",
            align=Align.C,
        )

    @property
    def bottom(self) -> float:
        return self.h - MARGIN

    def lines(self, text: str, width: float, size: float = SIZE, family: str = "sans") -> list[str]:
        """`text` broken to `width` millimetres."""
        self.set_font(family, size=size)
        if not text:
            return [""]
        return self.multi_cell(
            width - 2 * PAD, LINE, text, dry_run=True, output=MethodReturnValue.LINES, wrapmode=WrapMode.CHAR, padding=0
        ) or [""]

    def room(self, height: float) -> None:
        """A new page where `height` does not fit on this one."""
        if self.get_y() + height > self.bottom and self.get_y() > MARGIN + 1:
            self.add_page()

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        text: str,
        align: str = "left",
        size: float = SIZE,
        family: str = "sans",
        fill: bool = False,
    ) -> None:
        """A bordered cell with `text`, in its middle where it is short."""
        if fill:
            self.set_fill_color(244)
        self.rect(x, y, width, height, style="DF" if fill else "D")
        broken = self.lines(text, width, size, family)
        top = y + max(PAD, (height - len(broken) * LINE) / 2)
        for n, line in enumerate(broken):
            self.set_xy(x + PAD, top + n * LINE)
            self.cell(width - 2 * PAD, LINE, line, align=ALIGN[align])

    def heading(self, text: str) -> None:
        if not text:
            return
        self.room(LINE + 12)
        y = self.get_y()
        self.box(MARGIN, y, self.epw, LINE + 1.6, text, "center", 9.5, "serif", fill=True)
        self.set_y(y + LINE + 1.6)

    # ── Blocks ───────────────────────────────────────────────────────────────────────────────────
    def fields(self, block: Fields) -> None:
        unit = self.epw / UNITS
        for line in block.filled():
            height = max(self._field_height(f, unit) for f in line)
            self.room(height)
            x, y = MARGIN, self.get_y()
            for f in line:
                self.box(x, y, LABEL, height, f.label, "center", fill=True)
                self.box(x + LABEL, y, f.span * unit - LABEL, height, f.value, "left")
                x += f.span * unit
            self.set_y(y + height)

    def _field_height(self, f: Field, unit: float) -> float:
        value = len(self.lines(f.value, f.span * unit - LABEL))
        label = len(self.lines(f.label, LABEL))
        return max(value, label, f.tall) * LINE + 2 * PAD

    def rows(self, block: Rows) -> None:
        widths = [w * self.epw / WIDTHS for w in block.widths]

        def head():
            height = (
                max(len(self.lines(h, w, 8.5)) for h, w in zip(block.headers, widths, strict=True)) * LINE + 2 * PAD
            )
            self.room(height + LINE)
            draw(block.headers, ["center"] * len(widths), height, True)

        def draw(cells, aligns, height, fill):
            x, y = MARGIN, self.get_y()
            for text, width, align in zip(cells, widths, aligns, strict=True):
                self.box(x, y, width, height, text, align, 8.5, fill=fill)
                x += width
            self.set_y(y + height)

        head()
        for cells in block.rows:
            height = (
                max(block.tall, *(len(self.lines(c, w, 8.5)) for c, w in zip(cells, widths, strict=True))) * LINE
                + 2 * PAD
            )
            if self.get_y() + height > self.bottom:
                self.add_page()
                head()
            draw(cells, block.aligns, height, False)

    def steps(self, block: Steps) -> None:
        for step in block.steps:
            width = self.epw - LABEL - 8
            opinion = self.lines(step.opinion, width) if step.opinion else []
            height = max(18.0, (len(opinion) + 1) * LINE + 4 * PAD)
            self.room(height)
            y = self.get_y()
            self.box(MARGIN, y, LABEL + 8, height, f"{step.label}\n{step.clause}".strip(), "center", fill=True)
            self.rect(MARGIN + LABEL + 8, y, width, height)
            self.set_font("sans", size=SIZE)
            for n, line in enumerate(opinion):
                self.set_xy(MARGIN + LABEL + 8 + PAD, y + PAD + n * LINE)
                self.cell(width - 2 * PAD, LINE, line)
            self.set_xy(MARGIN + LABEL + 8 + PAD, y + height - LINE - PAD)
            self.cell(width - 2 * PAD, LINE, step.signature, align=Align.R)
            self.set_y(y + height)

    def prose(self, block: Prose) -> None:
        for paragraph in block.paragraphs:
            broken = self.lines(paragraph, self.epw, 10, "serif")
            self.room(len(broken) * (LINE + 0.6) + 2)
            self.set_y(self.get_y() + 1.2)
            for line in broken:
                self.set_x(MARGIN + PAD)
                self.set_font("serif", size=10)
                self.cell(self.epw - 2 * PAD, LINE + 0.6, line, new_x="LMARGIN", new_y="NEXT")
        self.set_y(self.get_y() + 1.5)

    def badges(self, block: Badges) -> None:
        columns = max(1, int(self.epw // BADGE[0]))
        x0, y = MARGIN + (self.epw - columns * BADGE[0] - (columns - 1) * 4) / 2, self.get_y()
        for n, (name, lines) in enumerate(block.badges):
            column = n % columns
            if column == 0 and n:
                y += BADGE[1] + 4
            if y + BADGE[1] > self.bottom:
                self.add_page()
                y = MARGIN
            self._badge(x0 + column * (BADGE[0] + 4), y, name, lines)
        self.set_y(y + BADGE[1])

    def _badge(self, x: float, y: float, name: str, lines: list[tuple[str, str]]) -> None:
        width, height = BADGE
        self.rect(x, y, width, height)
        self.set_xy(x, y + 2)
        self.set_font("serif", size=10)
        self.cell(width, 5, self.sheet.company or "访客证", align=Align.C)
        self.set_xy(x, y + 8)
        self.set_font("serif", size=17)
        self.cell(width - 18, 9, name, align=Align.C)
        self.qr(x + width - 20, y + 8, 16)
        self.set_font("sans", size=8.5)
        for n, (label, value) in enumerate(lines):
            self.set_xy(x + 4, y + 21 + n * 5.6)
            self.cell(13, 5, label)
            self.cell(width - (40 if n == 0 else 21), 5, self.lines(value, width - 21, 8.5)[0])
        self.set_xy(x, y + height - 5)
        self.set_font("sans", size=7)
        self.cell(width, 4, self.sheet.number, align=Align.C)

    def qr(self, x: float, y: float, side: float) -> None:
        """The number as a QR code, drawn module by module."""
        matrix = list(self.sheet.qr.matrix)
        module = side / len(matrix)
        self.set_fill_color(0)
        for r, row in enumerate(matrix):
            for c, dark in enumerate(row):
                if dark:
                    self.rect(x + c * module, y + r * module, module, module, style="F")


def draw(sheet: Sheet) -> bytes:
    """`sheet` as a PDF document."""
    document = Document(sheet)
    if not sheet.badges:
        document.set_font("serif", size=11)
        document.cell(0, 6, sheet.company, align=Align.C, new_x="LMARGIN", new_y="NEXT")
        document.set_font("serif", size=19)
        document.cell(0, 11, sheet.title, align=Align.C, new_x="LMARGIN", new_y="NEXT")
        document.qr(document.w - MARGIN - 15, MARGIN - 3, 15)
        document.set_font("sans", size=9)
        document.cell(0, 5, sheet.note, align=Align.L)
        document.set_x(MARGIN)
        document.cell(0, 5, f"编号：{sheet.number}", align=Align.R, new_x="LMARGIN", new_y="NEXT")
        document.set_y(document.get_y() + 1)
    for block in sheet.blocks:
        document.heading(block.heading)
        getattr(document, block.kind)(block)
    return bytes(document.output())
