"""Stock Flask-Admin on the panel's SQLite database: plain ModelViews with its own filters, search, forms and CSV.

Runs in the benchmark's own environment, by gunicorn; DATABASE_FILE names the database.
"""

import os
import warnings

import sqlalchemy as sa
from flask import Flask, redirect, request
from flask_admin import Admin
from flask_admin.contrib.sqla import ModelView
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy

from tools.bench.rows import COLUMNS, WORDS

app = Flask(__name__)
app.config["SECRET_KEY"] = "measured on this machine only"
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['DATABASE_FILE']}"
db = SQLAlchemy(app)
with app.app_context(), warnings.catch_warnings():
    warnings.simplefilter("ignore", sa.exc.SAWarning)  # an index of an expression cannot be reflected
    db.metadata.reflect(db.engine, only=("visit", "customer", "department", "user", "reception_level"))
tables = db.metadata.tables


class Named:
    def __str__(self):
        return self.name


class Department(Named, db.Model):
    __table__ = tables["department"]


class ReceptionLevel(Named, db.Model):
    __table__ = tables["reception_level"]


class User(Named, UserMixin, db.Model):
    __table__ = tables["user"]


class Visit(db.Model):
    __table__ = tables["visit"]
    level = db.relationship(ReceptionLevel, foreign_keys=[__table__.c.level_id])
    host = db.relationship(User, foreign_keys=[__table__.c.host_id])
    department = db.relationship(Department, foreign_keys=[__table__.c.department_id])


class Customer(Named, db.Model):
    __table__ = tables["customer"]
    owner = db.relationship(User, foreign_keys=[__table__.c.owner_id])
    department = db.relationship(Department, foreign_keys=[__table__.c.department_id])


class SignedIn(ModelView):
    page_size = 20
    named_filter_urls = True
    can_export = True

    def is_accessible(self):
        return current_user.is_authenticated


class VisitView(SignedIn):
    column_list = COLUMNS
    column_export_list = (*COLUMNS, "applicant_id", "category", "planned_end", "submitted_at", "closed_at")
    column_searchable_list = WORDS
    column_filters = ("status", "compliance", "level_id", "department_id", "planned_start", "category", "walk_in")
    column_default_sort = [("planned_start", True), ("id", True)]


class CustomerView(SignedIn):
    form_optional_types = (sa.Boolean, sa.String)
    column_list = ("name", "kind", "contact", "owner", "department", "contact_days")
    form_columns = (
        "name",
        "short_name",
        "kind",
        "contact",
        "address",
        "owner",
        "department",
        "contact_days",
        "remarks",
    )


login = LoginManager(app)


@login.user_loader
def load_user(key):
    return db.session.get(User, int(key))


@app.route("/login", methods=["GET", "POST"])
def sign_in():
    if request.method == "POST":
        login_user(db.session.scalar(sa.select(User).where(User.username == request.form["username"])))
        return redirect("/admin/")
    return '<form method="post"><input name="username"><input name="password" type="password"></form>'


@app.get("/healthz")
def healthz():
    return "ok"


admin = Admin(app, name="Stock")
admin.add_view(VisitView(Visit, db.session, endpoint="visit"))
admin.add_view(CustomerView(Customer, db.session, endpoint="customer"))
