"""How the fields of a form stand on its page: in which order, which of them folded up."""

from flask_babel import gettext

from panel.i18n import tr


class FormLayout:
    """Mixed into a screen."""

    form_order: tuple[str, ...] = ()
    form_more: tuple[str, ...] = ()
    """Fields that are seldom needed: they stand folded up below the others."""

    def ordered(self, form):
        """The fields in the order people fill them in: `form_order`, then the rest as declared."""
        place = {name: i for i, name in enumerate(self.form_order or self.form_columns or ())}
        return sorted(form, key=lambda f: place.get(f.name, 999))

    def demanded(self) -> frozenset[str]:
        """Fields of `form_more` that are asked for all the same and stand with the others."""
        return frozenset()

    def new_heading(self) -> str:
        """What the page of a new row is called."""
        return f"{gettext('New')} · {tr(self.title)}"

    def tucked_away(self, form) -> set[str]:
        """Fields that few fill in."""
        return set(self.form_more)

    def folded(self, form) -> tuple[list, list]:
        """The fields that stand open and those folded up; one with an error or a demand is never folded."""
        away = self.tucked_away(form) - self.demanded()
        shown = [f for f in self.ordered(form) if f.name not in away or f.errors]
        return shown, [f for f in self.ordered(form) if f not in shown]
