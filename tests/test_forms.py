"""The controls of generated forms are written as WTForms writes them, on every screen."""

import pytest
from flask_login import login_user
from wtforms.meta import DefaultMeta


@pytest.mark.parametrize("locale", ["zh_Hans_CN", "en"])
def test_a_control_is_what_wtforms_makes_of_it(sqlite_office, locale):
    from models import User, db
    from panel.widgets import _writer

    with sqlite_office.app.test_request_context("/admin/"):
        user = db.session.get(User, sqlite_office.user_id("office_head"))
        user.locale = locale
        login_user(user)
        compared = set()
        for name, screen in sqlite_office.app.extensions["screens"].items():
            if screen.model is None or not screen.form_columns:
                continue
            for field in screen.get_create_form()():
                if _writer(type(field.widget)) is None:
                    continue
                if field.data is None:
                    field.raw_data = ['<b>"1" & more</b>']
                for given in (
                    {},
                    {"class_": "form-control", "aria_label": '"A" & <b>', "disabled": True, "hidden": False},
                ):
                    ours = field.meta.render_field(field, given)
                    assert ours == DefaultMeta().render_field(field, given), (name, field.name)
                compared.add(type(field.widget).__name__)
        assert {"TextInput", "TextArea", "Select"} <= compared
