"""The front door of the tables: everyone imports them from here."""
# ruff: noqa: F401

from sqlalchemy.orm import configure_mappers

from tables.base import DEPARTMENT, OFFICE, Created, Table, UTCDateTime, db, lock, now, prepare_engine, unindexed, writing
from clauses.words import Benefit, CheckPhase, CycleKind, Measure, Need, Offer, OutboundPurpose, OutboundTarget, Outcome, Refusal
from workflow import Role
from tables.people import Delegation, Department, Grant, Setting, User, UserRole, clash, known_permissions
from tables.customers import Customer, CustomerClass, Gender, Visitor
from tables.regulations import (
    ApprovalRule, ChecklistTemplate, Clause, ClauseChoice, ClauseKind, ReceptionLevel, Regulation, RulebookVersion, SpendingCap, StepCondition, Subject, TourRoute, Vacancy, Versioned,
)
from tables.requests import Approval, Compliance, CurrentFinding, Decision, Event, NumberSequence, RecordedFinding, Request, forget_chain, open_for, preload_chains
from tables.visits import Area, Channel, Checkin, Evidence, EvidenceKind, Notice, NoticeReceipt, Visit, VisitCategory, VisitEscort, VisitGuest, VisitKind
from tables.resources import Dispatch, Driver, MeetingRoom, RoomBooking, Vehicle
from tables.gifts import Gift, GiftBenefit, GiftKind, GiftRequest, MovementKind, StockMovement, stock_of
from tables.aftercare import BusinessCard, ChecklistItem, Feedback, FollowUp, GoodsRelease, Incident, IncidentKind, ItineraryItem, ItineraryKind, Nda, VisitQuestion
from tables.supervision import Assessment, Commitment, Complaint, Inspection, InspectionKind, OutboundPlan, OutboundVisit, Training, TrainingAttendance, Violation
from tables.trials import Trial, TrialState
from tables.money import Account, Category, Expense, HospitalityRequest, MealPeriod

configure_mappers()

REQUESTS = {model.process.name: model for model in (Visit, RoomBooking, Dispatch, GiftRequest, HospitalityRequest, Expense, GoodsRelease, OutboundPlan,
                                                       OutboundVisit, Complaint)}
"""The requests by the name of their process."""

__all__ = [name for name in dir() if not name.startswith("_")]
