"""The front door of the tables: everyone imports them from here."""
# ruff: noqa: F401

from sqlalchemy.orm import configure_mappers

from tables.base import DEPARTMENT, OFFICE, Created, Table, UTCDateTime, db, lock, now, prepare_engine, unindexed, writing
from workflow import Role
from tables.people import Delegation, Department, Grant, Setting, User, UserRole, clash, known_permissions
from tables.customers import Customer, CustomerClass, Gender, Visitor
from tables.regulations import (
    ApprovalRule, Clause, ClauseKind, ReceptionLevel, Regulation, RulebookVersion, SpendingCap, StepCondition, Subject, Vacancy, Versioned,
)
from tables.requests import Approval, Decision, Event, NumberSequence, RecordedFinding, Request, forget_chain, open_for, preload_chains
from tables.visits import Area, Checkin, Evidence, EvidenceKind, Notice, NoticeReceipt, Visit, VisitCategory, VisitEscort, VisitGuest
from tables.resources import Dispatch, Driver, MeetingRoom, RoomBooking, Vehicle
from tables.gifts import Gift, GiftKind, GiftRequest, MovementKind, StockMovement, stock_of
from tables.money import Account, Category, Expense, HospitalityRequest, MealPeriod

configure_mappers()

REQUESTS = {model.process.name: model for model in (Visit, RoomBooking, Dispatch, GiftRequest, HospitalityRequest, Expense)}
"""The requests by the name of their process."""

__all__ = [name for name in dir() if not name.startswith("_")]
