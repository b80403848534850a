"""The lines of finance's expense CSV (domain.md §5): what stands in each column, and how it is written.

It imports next to nothing, because the processes that format a large file start with it (`panel.csv_worker`).
"""

from collections.abc import Iterable, Sequence
from functools import cached_property

from core.money import upper_of_cents
from panel.csv_columns import Clock, Remembered, lines, neutral, quoted, typed, written, yuan

# fmt: off
COLUMNS = (
    ("序号", lambda part: map(str, range(part.first, part.first + len(part.key)))),
    ("报销单号", lambda part: written(part.number)),
    ("来访单号", lambda part: written(part.visit)),
    ("行政接待申请单号", lambda part: written(part.hospitality)),
    ("公函号", lambda part: typed(part.letter)),
    ("报销日期", lambda part: part.words.clock.days(part.created)),
    ("发生日期", lambda part: written(part.incurred_on)),
    ("餐别", lambda part: part.label("meals", part.meal)),
    ("来访单位", lambda part: typed(part.organisation)),
    ("接待类别", lambda part: part.label("visits", part.visit_category)),
    ("接待等级", lambda part: typed(part.level)),
    ("主宾", lambda part: typed(part.lead)),
    ("来宾人数", lambda part: map(str, part.guests)),
    ("陪同人数", lambda part: map(str, part.escorts)),
    ("陪同人员", lambda part: typed(part.escort_names)),
    ("地点", lambda part: typed(part.place)),
    ("费用类型", lambda part: part.label("categories", part.category)),
    ("发票号码", lambda part: typed(part.invoice)),
    ("开票日期", lambda part: written(part.invoice_date)),
    ("收款方", lambda part: typed(part.payee)),
    ("价税合计", lambda part: yuan(part.amount)),
    ("税额", lambda part: yuan(part.tax)),
    ("酒水领用金额", lambda part: part.few(part.wine)),
    ("人均金额", lambda part: yuan(part.per_guest)),
    ("人均标准", lambda part: part.few(part.cap)),
    ("超标金额", lambda part: part.few(part.excess)),
    ("超标原因", lambda part: typed(part.reason)),
    ("依据条款", lambda part: typed(part.clause)),
    ("核定金额", lambda part: yuan(part.approved)),
    ("金额大写", lambda part: map(upper_of_cents, part.granted)),
    ("部门编码", lambda part: part.label("codes", part.department)),
    ("部门", lambda part: part.label("departments", part.department)),
    ("科目编码", lambda part: part.label("accounts", part.category)),
    ("报销人", lambda part: part.label("users", part.applicant)),
    ("附件张数", lambda part: map(str, part.attachments)),
    ("审批人与时间", lambda part: typed(part.approvals)),
    ("状态", lambda part: part.label("states", part.status)),
    ("结算日期", lambda part: written(part.settled_on)),
    ("凭证号", lambda part: typed(part.voucher)),
    ("备注", lambda part: typed(part.remarks)),
    ("合规检查", lambda part: typed(part.findings)),
)
# fmt: on
HEADER = tuple(title for title, _ in COLUMNS)


class ExpenseLines:
    """Rows of the statements as lines of the file.

    `sources` names what is read of an expense, in its order: amounts in whole cents, moments as minutes in UTC.
    `labels` gives the words of each kind by what is stored: codes, departments and users by number, the rest by
    value. `zone` is the company's time zone.
    """

    def __init__(self, sources: Sequence[str], labels: dict[str, list[tuple]], zone: str):
        self.sources, self.clock = sources, Clock(zone)
        self.names = dict(labels["users"])
        self.labels = {kind: {key: quoted(neutral(word)) for key, word in pairs} for kind, pairs in labels.items()}
        self.signature = Remembered(self._signature)
        self.yuan = Remembered(lambda cents: yuan([cents])[0])

    def __call__(self, first: int, rows: Sequence[tuple], approvals: Sequence[tuple], findings: dict[int, str]) -> str:
        """The lines of `rows`, numbered from `first`; `approvals` of them in the order of the steps, and what the
        clauses found about each."""
        part = _Part(self, first, rows, approvals, findings)
        return lines([column(part) for _, column in COLUMNS])

    def _signature(self, signed: tuple[int, int | None]) -> str:
        decider, behalf = signed
        return self.names[decider] + (f"（代{self.names[behalf]}）" if behalf else "")


class _Part:
    """Some expenses as columns: one attribute per source, and what is worked out of several."""

    def __init__(self, words: ExpenseLines, first: int, rows, approvals, findings):
        self.words, self.first, self._approvals, self._findings = words, first, approvals, findings
        self.__dict__.update(zip(words.sources, zip(*rows, strict=True), strict=True))

    def label(self, kind: str, column) -> Iterable[str]:
        """The words for stored values."""
        return map(self.words.labels[kind].__getitem__, column)

    def few(self, column) -> Iterable[str]:
        """Amounts of which few differ."""
        return map(self.words.yuan.__getitem__, column)

    @cached_property
    def total(self) -> list[int]:
        """Invoice and company wine at cost: what the cap is held against."""
        return [amount + (wine or 0) for amount, wine in zip(self.amount, self.wine, strict=True)]

    @property
    def per_guest(self) -> Iterable[int]:
        """Halves are rounded up, as in `core.money.per_guest`."""
        return ((2 * total + guests) // (2 * guests) for total, guests in zip(self.total, self.guests, strict=True))

    @property
    def excess(self) -> Iterable[int | None]:
        rows = zip(self.total, self.cap, self.guests, strict=True)
        return (None if cap is None else max(0, total - cap * guests) for total, cap, guests in rows)

    @property
    def granted(self) -> Iterable[int]:
        """What was approved; what is asked for until then."""
        rows = zip(self.amount, self.approved, strict=True)
        return (amount if approved is None else approved for amount, approved in rows)

    @property
    def approvals(self) -> list[str]:
        """Who approved and when, step by step, of the round that counts."""
        signature, steps = self.words.signature, dict.fromkeys(self.key, "")
        counting = dict(zip(self.key, self.round, strict=True))
        times = self.words.clock.times([approval[-1] for approval in self._approvals])
        for (key, turn, decider, behalf, _), time in zip(self._approvals, times, strict=True):
            if turn == counting[key]:
                step = f"{signature[decider, behalf]} {time}"
                steps[key] = f"{steps[key]}; {step}" if steps[key] else step
        return list(steps.values())

    @property
    def findings(self) -> list[str]:
        return [self._findings.get(key, "") for key in self.key]
