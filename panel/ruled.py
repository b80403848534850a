"""Rows without a process that clauses speak of: judged when they are saved, the findings on their fields."""

import facts
import rules
from panel.access import actor
from panel.findings import cited
from panel.views import PanelView
from rulebook import versions
from rules import Severity


class Ruled(PanelView):
    """Mixed into a screen whose rows have facts: what blocks stands on the field, what asks for a reason too."""

    judged_at: tuple[str, ...] = ("review",)
    reason_field = "late_reason"
    """The field in which a reason is given, where the table has one."""

    def judged(self, row):
        """What the adopted clauses find about `row` as the form has it."""
        who = actor()
        return rules.judge(versions.load(None, who.department_id), facts.of(row, who.now, who.today), self.judged_at)

    def problems(self, row, form):
        yield from super().problems(row, form)
        if any(field.data is None for field in form if field.flags.required):
            return  # the form itself asks for what is missing
        has_reason = hasattr(row, self.reason_field)
        for finding in self.judged(row):
            silent = finding.severity == Severity.EXPLAIN and has_reason and not getattr(row, self.reason_field)
            if finding.severity == Severity.BLOCK or silent:
                # On the field that puts it right; where there is none it stands above the form.
                cures = [name for name in finding.cured_by or () if name in form]
                yield self.reason_field if silent else next(iter(cures), ""), cited(finding)
