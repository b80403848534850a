"""Django admin on the panel's SQLite database: its own filters, search and forms, over tables it does not manage.

Runs in the benchmark's own environment, by gunicorn. DATABASE_FILE names the database, OWN_FILE the one in which
Django keeps its users, sessions and log; STATES those a visit may have.
"""

import os

import django
from django.apps import AppConfig
from django.conf import settings

from tools.bench.rows import COLUMNS, WORDS

LABEL = "panel"
settings.configure(
    SECRET_KEY="measured on this machine only",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    STATIC_URL="/static/",
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["OWN_FILE"]},
        LABEL: {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE_FILE"], "CONN_MAX_AGE": None},
    },
    DATABASE_ROUTERS=[f"{__name__}.Router"],
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
        f"{__name__}.Panel",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)


class Panel(AppConfig):
    """This file as an application."""

    name, label = __name__, LABEL


class Router:
    """The panel's tables lie in its own database."""

    def db_for_read(self, model, **hints):
        return LABEL if model._meta.app_label == LABEL else None

    db_for_write = db_for_read

    def allow_migrate(self, database, app_label, **hints):
        return database == "default" and app_label != LABEL


django.setup()

from django.contrib import admin  # noqa: E402 - only after setup
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

STATES = [(state, state.title()) for state in os.environ["STATES"].split(",")]


class Table(models.Model):
    class Meta:
        abstract = True
        managed = False
        app_label = LABEL

    def __str__(self):
        return self.name


def refer(model, **options):
    return models.ForeignKey(model, models.DO_NOTHING, related_name="+", **options)


class Department(Table):
    name = models.CharField(max_length=80)

    class Meta(Table.Meta):
        db_table = "department"


class User(Table):
    name = models.CharField(max_length=40)

    class Meta(Table.Meta):
        db_table = "user"


class ReceptionLevel(Table):
    name = models.CharField(max_length=80)

    class Meta(Table.Meta):
        db_table = "reception_level"


class Visit(Table):
    number = models.CharField(max_length=20)
    status = models.CharField(max_length=24, choices=STATES)
    compliance = models.CharField(max_length=24, choices=[(c, c) for c in ("clear", "noted", "explained", "open")])
    organisation = models.CharField(max_length=80)
    level = refer(ReceptionLevel, null=True, blank=True)
    purpose = models.CharField(max_length=200)
    lead_guest = models.CharField(max_length=60)
    guest_count = models.IntegerField()
    planned_start = models.DateTimeField()
    planned_end = models.DateTimeField()
    host = refer(User)
    department = refer(Department)
    category = models.CharField(max_length=24)
    walk_in = models.BooleanField()

    class Meta(Table.Meta):
        db_table = "visit"

    def __str__(self):
        return self.number


class Customer(Table):
    name = models.CharField(max_length=80, unique=True)
    short_name = models.CharField(max_length=30, blank=True)
    kind = models.CharField(max_length=24)
    contact = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=120, blank=True)
    owner = refer(User, null=True, blank=True)
    department = refer(Department)
    contact_days = models.IntegerField(null=True, blank=True)
    remarks = models.TextField(blank=True)

    class Meta(Table.Meta):
        db_table = "customer"


@admin.register(Visit)
class VisitAdmin(admin.ModelAdmin):
    list_per_page = 20
    list_display = COLUMNS
    list_filter = ("status", "compliance", "level", "department", "planned_start", "walk_in")
    search_fields = WORDS
    ordering = ("-planned_start", "-id")


@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "contact", "owner", "department", "contact_days")


urlpatterns = [path("admin/", admin.site.urls), path("healthz", lambda request: HttpResponse("ok"))]
application = get_wsgi_application()


def make(username: str, password: str) -> None:
    """Django's own database, with somebody who may do everything."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    if not users.filter(username=username).exists():
        users.create_superuser(username, password=password)
