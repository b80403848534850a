"""Every generated screen, as a declaration, and the menu in reading order."""

from flask_babel import lazy_gettext as _l

from core.text import N_
from models import (
    Account,
    Approval,
    ApprovalRule,
    Assessment,
    BusinessCard,
    Checkin,
    ChecklistItem,
    ChecklistTemplate,
    Clause,
    ClauseChoice,
    Commitment,
    Complaint,
    Customer,
    Delegation,
    Department,
    Dispatch,
    Driver,
    Event,
    Evidence,
    Expense,
    Feedback,
    FollowUp,
    Gift,
    GiftRequest,
    GoodsRelease,
    Grant,
    HospitalityRequest,
    Incident,
    Inspection,
    ItineraryItem,
    MeetingRoom,
    Nda,
    NoticeReceipt,
    OutboundPlan,
    OutboundVisit,
    ReceptionLevel,
    Regulation,
    RoomBooking,
    SpendingCap,
    StockMovement,
    TourRoute,
    Training,
    TrainingAttendance,
    Trial,
    User,
    Vehicle,
    Violation,
    Visit,
    VisitEscort,
    VisitGuest,
    Visitor,
    VisitQuestion,
)
from panel.pages.due import DueScreen
from panel.pages.reports import ComplianceScreen
from panel.screens.aftercare import (
    CardScreen,
    CommitmentScreen,
    ComplaintScreen,
    FeedbackScreen,
    FollowUpScreen,
    OutboundScreen,
    PlanScreen,
    QuestionScreen,
)
from panel.screens.customers import VisitorScreen
from panel.screens.desk import GoodsReleaseScreen, IncidentScreen, NdaScreen
from panel.screens.gifts import GiftRequestScreen, GiftScreen, StockScreen
from panel.screens.money import ExpenseScreen, HospitalityScreen
from panel.screens.people import DelegationScreen, GrantScreen, UserScreen
from panel.screens.regulations import RegulationScreen
from panel.screens.regulations_clauses import CapScreen, ClauseScreen, RouteScreen, StepScreen, TermsScreen
from panel.screens.regulations_trial import TrialScreen
from panel.screens.resources import BookingScreen, DispatchScreen
from panel.screens.supervision import (
    AssessmentScreen,
    AttendanceScreen,
    InspectionScreen,
    TrainingScreen,
    ViolationScreen,
)
from panel.screens.system import ApprovalScreen, EventScreen
from panel.screens.visits import VisitScreen
from panel.screens.visits_parts import (
    ChecklistScreen,
    EscortScreen,
    EvidenceScreen,
    GuestScreen,
    ItineraryScreen,
    ReceiptScreen,
)
from panel.views import PanelView

RECEPTION, FRONT_DESK, RESOURCES = N_("Reception"), N_("Front desk"), N_("Rooms and cars")
GIFTS, MONEY, RULES, SYSTEM = N_("Gifts and wine"), N_("Hospitality costs"), N_("Regulations"), N_("Organisation")
AFTER, SUPERVISION = N_("Aftercare"), N_("Supervision")


# fmt: off
# ── People ───────────────────────────────────────────────────────────────────────────────────────
class DepartmentView(PanelView):
    model, area, title = Department, SYSTEM, N_("Departments")
    column_list = ("code", "name", "name_en", "active")
    column_searchable_list = ("name", "code")
    column_filters = ("active",)
    form_columns = ("code", "name", "name_en", "active")


class UserView(UserScreen):
    model, area, title = User, SYSTEM, N_("Users")
    column_list = ("username", "name", "title", "department", "roles", "phone", "active")
    column_searchable_list = ("name", "username")
    column_filters = ("department", "active")
    column_sortable_list = ("username",)
    form_columns = ("username", "name", "title", "phone", "department", "locale", "active", "must_change")


class GrantView(GrantScreen):
    model, area, title = Grant, SYSTEM, N_("Grants")
    column_list = ("role", "permission")
    column_searchable_list = ("permission",)
    column_filters = ("role",)
    form_columns = ("role", "permission")


class DelegationView(DelegationScreen):
    model, area, title = Delegation, SYSTEM, N_("Delegations")
    column_list = ("delegator", "delegate", "since", "until", "reason", "active")
    search_relations = (("delegator", "name"), ("delegate", "name"))
    column_filters = ("since", "until", "active")
    column_default_sort = ("until", True)
    form_columns = ("delegate", "since", "until", "reason", "active")
    empty_hint = N_("No approval right is delegated. Going on leave? Name somebody who decides for you.")


# ── Customers ────────────────────────────────────────────────────────────────────────────────────
class CustomerView(PanelView):
    model, area, title, personal = Customer, RECEPTION, N_("Customers"), True
    column_list = ("name", "kind", "contact", "owner", "department", "contact_days")
    column_filters = ("kind", "department")
    form_columns = ("name", "short_name", "kind", "contact", "address", "owner", "department", "contact_days",
                    "remarks")
    empty_hint = N_("No customer yet. Create one before you file its first visit.")


class VisitorView(VisitorScreen):
    model, area, title = Visitor, RECEPTION, N_("Visitors")
    column_list = ("name", "gender", "title", "organisation", "phone", "identity_no", "department", "blacklisted")
    column_filters = ("department", "blacklisted", "gender")
    form_columns = ("name", "gender", "title", "organisation", "customer", "department", "phone", "identity_no",
                    "diet", "assistance", "blacklisted",
                    "blacklist_reason")


# ── Visits ───────────────────────────────────────────────────────────────────────────────────────
class VisitView(VisitScreen):
    model, area, title = Visit, RECEPTION, N_("Visits")
    column_list = ("number", "status", "compliance", "organisation", "level", "purpose", "lead_guest", "guest_count",
                   "planned_start", "host", "department")
    column_filters = ("status", "compliance", "level", "department", "planned_start", "category", "walk_in")
    column_sortable_list = ("number", "planned_start", "created_at")
    column_default_sort = ("planned_start", True)
    column_details_list = ("number", "organisation", "customer", "contact", "channel", "category", "visit_kind",
                           "purpose", "level", "lead_guest", "lead_title", "guest_count",
                           "planned_start", "planned_end", "nights", "transport", "needs", "route", "host",
                           "host_confirmed_at", "proposed_host", "proposed_by", "proposed_reason", "area",
                           "sensitive", "letter_no", "budget", "walk_in",
                           "requested_at", "answered_at", "guest_confirmed_at", "ready_at", "refusal", "offer",
                           "outcome", "applicant", "department", "submitted_at", "remarks", "record")
    column_export_list = (*column_list, "applicant", "category", "planned_end", "submitted_at", "closed_at")
    summary_columns = ("organisation", "level", "purpose", "lead_guest", "guest_count", "planned_start",
                       "planned_end", "host", "applicant", "budget")
    form_columns = ("customer", "organisation", "purpose", "category", "level", "planned_start", "planned_end",
                    "guest_count", "host", "area", "letter_no", "budget", "unrelated_sales",
                    "remarks", "visit_kind", "channel", "contact", "lead_title", "nights", "transport", "needs",
                    "sensitive", "route", "requested_at")
    form_order = ("customer", "organisation", "purpose", "visit_kind", "category", "level", "planned_start",
                  "planned_end", "guest_names", "guest_count", "host", "escort_users",
                  "area", "needs", "letter_no", "evidence_file", "evidence_sealed", "budget", "lead_title",
                  "contact", "channel", "requested_at", "nights", "transport", "route",
                  "sensitive", "unrelated_sales", "remarks")
    form_more = ("lead_title", "contact", "channel", "requested_at", "nights", "transport", "route", "sensitive",
                 "unrelated_sales", "remarks")
    empty_hint = N_("No visit yet. File the first one.")


class VisitGuestView(GuestScreen):
    model, area, title, in_menu = VisitGuest, RECEPTION, N_("Guests of visits"), True
    column_list = ("visit", "visitor", "is_lead")
    column_filters = ("is_lead",)
    search_relations = (("visitor", "name"), ("visit", "number"))
    form_columns = ("visit", "visitor", "is_lead")


class VisitEscortView(EscortScreen):
    model, area, title, in_menu = VisitEscort, RECEPTION, N_("Escorts of visits"), True
    column_list = ("visit", "user", "duty")
    search_relations = (("user", "name"), ("visit", "number"))
    form_columns = ("visit", "user", "duty")


class EvidenceView(EvidenceScreen):
    model, area, title, in_menu = Evidence, RECEPTION, N_("Evidence"), True
    column_list = ("visit", "kind", "reference", "issuer", "sealed", "filename", "size", "created_at")
    column_searchable_list = ("reference", "issuer", "filename")
    column_filters = ("kind", "sealed", "created_at")
    form_columns = ("visit", "kind", "reference", "issuer", "sealed")


class ChecklistItemView(ChecklistScreen):
    model, area, title = ChecklistItem, RECEPTION, N_("Checklists")
    column_list = ("visit", "phase", "item", "clause", "done_at", "done_by", "note")
    search_relations = (("visit", "number"),)
    column_filters = ("phase", "done_at")
    form_columns = ("note",)


class ItineraryItemView(ItineraryScreen):
    model, area, title, in_menu = ItineraryItem, RECEPTION, N_("Itineraries"), True
    column_list = ("visit", "kind", "starts_at", "place", "standard", "responsible", "satisfaction")
    search_relations = (("visit", "number"),)
    column_filters = ("kind", "starts_at")
    form_columns = ("visit", "kind", "starts_at", "place", "standard", "diet", "responsible", "satisfaction", "note")


class VisitQuestionView(QuestionScreen):
    model, area, title = VisitQuestion, AFTER, N_("Questions and needs")
    column_list = ("visit", "question", "owner", "answer", "created_at", "answered_at")
    search_relations = (("visit", "number"),)
    column_filters = ("created_at", "answered_at")
    form_columns = ("visit", "question", "owner", "answer")
    empty_hint = N_("No question is recorded. Add what guests need and ask on the visit's page.")


class NoticeReceiptView(ReceiptScreen):
    model, area, title = NoticeReceipt, RECEPTION, N_("Notices")
    column_list = ("visit_number", "organisation", "department", "task", "status", "signed_by", "signed_at")
    column_details_list = ("visit_number", "organisation", "department", "task", "relieved", "due_at", "status",
                           "responsible", "signed_by", "signed_at")
    column_filters = ("status", "department")
    column_default_sort = None
    labels = {"visit_number": _l("Visit"), "organisation": _l("Visiting organisation"),
              "due_at": _l("Done by (time)")}


class NdaView(NdaScreen):
    model, area, title = Nda, FRONT_DESK, N_("Confidentiality agreements")
    column_list = ("visit", "signatory", "organisation", "signed_on", "valid_until", "topics")
    column_searchable_list = ("signatory", "organisation")
    column_filters = ("signed_on", "valid_until")
    form_columns = ("visit", "signatory", "organisation", "signed_on", "valid_until", "topics")


class GoodsReleaseView(GoodsReleaseScreen):
    model, area, title = GoodsRelease, FRONT_DESK, N_("Goods release slips")
    column_list = ("number", "status", "visit", "carrier", "items", "reason", "applicant")
    column_filters = ("status", "department")
    column_searchable_list = ("number", "carrier", "items")
    form_columns = ("visit", "carrier", "items", "reason")


class IncidentView(IncidentScreen):
    model, area, title = Incident, FRONT_DESK, N_("Incidents")
    column_list = ("occurred_at", "kind", "visit", "place", "description", "measures", "police", "reported_by")
    column_filters = ("kind", "occurred_at", "police")
    column_searchable_list = ("description", "measures")
    column_default_sort = ("occurred_at", True)
    form_columns = ("visit", "kind", "occurred_at", "place", "description", "measures", "handled_at", "police")
    empty_hint = N_("No incident is recorded.")


class BusinessCardView(CardScreen):
    model, area, title = BusinessCard, AFTER, N_("Business cards")
    column_list = ("name", "title", "organisation", "text", "visit")
    column_filters = ("created_at",)
    form_columns = ("visit", "name", "title", "organisation", "text")


class CheckinView(PanelView):
    model, area, title = Checkin, FRONT_DESK, N_("Visitors' register")
    column_list = ("guest", "organisation", "host", "badge_no", "identity_checked", "arrived_at", "left_at")
    column_filters = ("arrived_at", "identity_checked")
    column_searchable_list = ("badge_no",)
    column_default_sort = ("arrived_at", True)
    labels = {"organisation": _l("Visiting organisation"), "host": _l("Host")}
    row_needs = ("guest.visitor", "guest.visit.host")
    column_formatters = {"organisation": lambda v, c, row, n: row.guest.visit.organisation, "host": lambda v, c, row,
                         n: row.guest.visit.host.name}


# ── Rooms and vehicles ───────────────────────────────────────────────────────────────────────────
class RoomBookingView(BookingScreen):
    model, area, title = RoomBooking, RESOURCES, N_("Room bookings")
    column_list = ("number", "status", "room", "subject", "starts_at", "ends_at", "attendees", "applicant",
                   "department")
    column_filters = ("status", "room", "department", "starts_at")
    column_sortable_list = ("number", "starts_at")
    column_default_sort = ("starts_at", True)
    form_columns = ("room", "subject", "visit", "starts_at", "ends_at", "attendees", "needs")


class MeetingRoomView(PanelView):
    model, area, title = MeetingRoom, RESOURCES, N_("Meeting rooms")
    column_list = ("name", "location", "capacity", "equipment", "active")
    column_searchable_list = ("name", "location")
    column_filters = ("active", "capacity")
    form_columns = ("name", "location", "capacity", "equipment", "active")


class DispatchView(DispatchScreen):
    model, area, title = Dispatch, RESOURCES, N_("Dispatch orders")
    column_list = ("number", "status", "compliance", "reason", "destination", "out_planned", "back_planned",
                   "passengers", "vehicle", "driver", "applicant")
    column_filters = ("status", "compliance", "vehicle", "driver", "department", "out_planned")
    column_sortable_list = ("number", "out_planned")
    column_default_sort = ("out_planned", True)
    form_columns = ("visit", "reason", "pick_up", "destination", "flight", "contact", "sign", "passengers",
                    "out_planned", "back_planned", "send_off", "late_reason")


class VehicleView(PanelView):
    model, area, title = Vehicle, RESOURCES, N_("Vehicles")
    column_list = ("plate", "model", "seats", "odometer", "active")
    column_searchable_list = ("plate", "model")
    column_filters = ("active", "seats")
    form_columns = ("plate", "model", "seats", "odometer", "active")


class DriverView(PanelView):
    model, area, title = Driver, RESOURCES, N_("Drivers")
    column_list = ("name", "phone", "licence_class", "licence_until", "active")
    column_searchable_list = ("name",)
    column_filters = ("active",)
    form_columns = ("name", "phone", "licence_class", "licence_until", "active")


# ── Gifts ────────────────────────────────────────────────────────────────────────────────────────
class GiftRequestView(GiftRequestScreen):
    model, area, title = GiftRequest, GIFTS, N_("Gift requests")
    column_list = ("number", "status", "compliance", "gift", "quantity", "amount", "purpose", "visit", "recipient",
                   "applicant", "department")
    column_filters = ("status", "compliance", "department", "created_at")
    column_searchable_list = ("number", "purpose", "recipient")
    column_sortable_list = ("number",)
    column_default_sort = ("number", True)
    labels = {"amount": _l("At cost (CNY)")}
    form_columns = ("visit", "hospitality", "gift", "quantity", "purpose")


class GiftView(GiftScreen):
    model, area, title = Gift, GIFTS, N_("Gifts and wine")
    column_list = ("code", "name", "kind", "specification", "unit", "unit_cost", "stock", "minimum", "important",
                   "active")
    column_searchable_list = ("name", "code")
    column_filters = ("kind", "important", "active")
    labels = {"stock": _l("Stock")}
    form_columns = ("code", "name", "kind", "specification", "unit", "unit_cost", "important", "benefit", "minimum",
                    "active")


class StockMovementView(StockScreen):
    model, area, title = StockMovement, GIFTS, N_("Stock ledger")
    column_list = ("created_at", "gift", "kind", "quantity", "unit_cost", "request_id", "by", "note")
    column_filters = ("gift", "kind", "created_at")
    column_searchable_list = ("note",)
    search_relations = (("gift", "name"),)
    form_columns = ("gift", "kind", "quantity", "unit_cost", "note")


# ── Money ────────────────────────────────────────────────────────────────────────────────────────
class HospitalityRequestView(HospitalityScreen):
    model, area, title = HospitalityRequest, MONEY, N_("Hospitality requests")
    column_list = ("number", "status", "compliance", "organisation", "category", "planned_on", "guests",
                   "escort_count", "amount", "visit", "applicant", "department")
    column_filters = ("status", "compliance", "category", "department", "planned_on", "amount")
    column_sortable_list = ("number", "planned_on")
    column_default_sort = ("planned_on", True)
    form_columns = ("visit", "organisation", "category", "purpose", "planned_on", "guests", "escort_count", "amount")


class ExpenseView(ExpenseScreen):
    model, area, title = Expense, MONEY, N_("Expenses")
    column_list = ("number", "status", "compliance", "incurred_on", "organisation", "category", "guests", "amount",
                   "per_guest", "excess", "applicant", "department")
    column_export_list = (*column_list, "cap", "cap_clause", "wine_amount", "total", "over_cap_reason", "invoice_no",
                          "payee", "tax", "settled_on")
    column_filters = ("status", "compliance", "category", "department", "incurred_on", "amount")
    column_sortable_list = ("number", "incurred_on", "created_at")
    column_default_sort = ("incurred_on", True)
    labels = {"per_guest": _l("Per guest (CNY)"), "excess": _l("Above the cap (CNY)"), "total": _l("With wine (CNY)")}
    column_details_list = ("number", "visit", "hospitality", "organisation", "category", "meal_period",
                           "incurred_on", "place", "guests", "escort_count", "escort_names",
                           "invoice_no", "invoice_date", "payee", "amount", "tax", "wine_amount", "total",
                           "per_guest", "cap", "cap_clause", "excess", "over_cap_reason",
                           "attachments", "approved_amount", "settled_on", "voucher_no", "applicant", "department",
                           "remarks")
    summary_columns = ("organisation", "category", "incurred_on", "place", "guests", "escort_count", "amount",
                       "wine_amount", "per_guest", "cap", "excess",
                       "over_cap_reason", "applicant")
    form_columns = ("visit", "hospitality", "organisation", "category", "meal_period", "incurred_on", "place",
                    "guests", "escort_count", "escort_names", "invoice_no",
                    "invoice_date", "payee", "amount", "tax", "wine_request", "over_cap_reason", "attachments",
                    "remarks")


class AccountView(PanelView):
    model, area, title = Account, MONEY, N_("Account codes")
    column_list = ("category", "code", "name")
    column_searchable_list = ("code", "name")
    column_filters = ("category",)
    form_columns = ("category", "code", "name")


# ── Aftercare ────────────────────────────────────────────────────────────────────────────────────
class FeedbackView(FeedbackScreen):
    model, area, title = Feedback, AFTER, N_("Feedback")
    column_list = ("visit", "given_on", "satisfaction", "opinion", "needs", "passed_to", "passed_on", "dealt_with")
    search_relations = (("visit", "number"),)
    column_filters = ("given_on", "satisfaction", "passed_on")
    form_columns = ("visit", "given_on", "satisfaction", "needs", "opinion", "passed_to", "passed_on", "dealt_with",
                    "late_reason")


class FollowUpView(FollowUpScreen):
    model, area, title = FollowUp, AFTER, N_("Follow-ups")
    column_list = ("held_on", "customer", "content", "open_points", "owner", "next_on", "settled", "visit")
    column_filters = ("settled", "next_on", "held_on", "department")
    column_searchable_list = ("content", "open_points")
    form_columns = ("visit", "customer", "held_on", "content", "open_points", "owner", "next_on", "settled")


class ComplaintView(ComplaintScreen):
    model, area, title = Complaint, AFTER, N_("Complaints")
    column_list = ("number", "status", "compliance", "organisation", "content", "received_at", "answered_at",
                   "satisfied", "department")
    column_filters = ("status", "compliance", "department", "created_at")
    form_columns = ("visit", "organisation", "complainant", "received_at", "content")
    empty_hint = N_("No complaint has been received.")


class OutboundPlanView(PlanScreen):
    model, area, title = OutboundPlan, AFTER, N_("Plans of visits")
    column_list = ("number", "status", "compliance", "month", "applicant", "department", "remarks")
    column_filters = ("status", "compliance", "department", "month")
    column_searchable_list = ("number",)
    form_columns = ("month", "remarks")
    empty_hint = N_("No plan yet. File next month's before this month ends.")


class OutboundVisitView(OutboundScreen):
    model, area, title = OutboundVisit, AFTER, N_("Visits to customers")
    column_list = ("number", "status", "compliance", "planned_on", "customer", "purpose", "target", "goal",
                   "applicant", "reported_on")
    column_filters = ("status", "compliance", "purpose", "planned_on", "department")
    column_searchable_list = ("number", "goal")
    search_relations = (("customer", "name"),)
    form_columns = ("plan", "customer", "planned_on", "purpose", "target", "contact", "goal", "items",
                    "expected_cost")


class CommitmentView(CommitmentScreen):
    model, area, title = Commitment, AFTER, N_("Promises")
    column_list = ("text", "outbound", "owner", "made_on", "due_on", "settled_on")
    column_filters = ("made_on", "due_on", "settled_on")
    column_searchable_list = ("text",)
    form_columns = ("owner", "due_on", "settled_on")


# ── Supervision ──────────────────────────────────────────────────────────────────────────────────
class AssessmentView(AssessmentScreen):
    model, area, title = Assessment, SUPERVISION, N_("Assessments")
    column_list = ("held_on", "user", "average", "scores", "reward", "assessor")
    labels = {"average": _l("Average")}
    search_relations = (("user", "name"),)
    column_filters = ("held_on",)
    form_columns = ("user", "held_on", "reward", "remarks")


class ViolationView(ViolationScreen):
    model, area, title = Violation, SUPERVISION, N_("Violations")
    column_list = ("happened_on", "user", "clause", "description", "serious", "measure", "retrained_on")
    search_relations = (("user", "name"),)
    column_filters = ("happened_on", "serious", "measure")
    form_columns = ("user", "happened_on", "clause", "description", "serious", "measure", "retrained_on")


class TrainingView(TrainingScreen):
    model, area, title = Training, SUPERVISION, N_("Trainings")
    column_list = ("held_on", "topic", "trainer")
    column_searchable_list = ("topic", "trainer")
    column_filters = ("held_on",)
    form_columns = ("held_on", "topic", "trainer")


class TrainingAttendanceView(AttendanceScreen):
    model, area, title, in_menu = TrainingAttendance, SUPERVISION, N_("Attendance"), True
    column_list = ("training", "user", "score")
    search_relations = (("user", "name"),)
    form_columns = ("training", "user", "score")


class InspectionView(InspectionScreen):
    model, area, title = Inspection, SUPERVISION, N_("Inspections and reviews")
    column_list = ("held_on", "kind", "place", "inspector", "result", "faults", "repaired_on")
    column_searchable_list = ("place", "result", "faults")
    column_filters = ("kind", "held_on", "repaired_on")
    form_columns = ("kind", "held_on", "place", "inspector", "result", "faults", "repaired_on")


# ── Regulations ──────────────────────────────────────────────────────────────────────────────────
class RegulationView(RegulationScreen):
    model, area, title = Regulation, RULES, N_("Regulations")
    column_list = ("code", "title", "status", "grades", "department", "effective_from", "effective_until")
    column_default_sort = ("code", False)
    column_searchable_list = ("code", "title")
    column_filters = ("status", "grades")
    form_columns = ("code", "title", "title_en", "department", "replaces", "effective_from", "effective_until")


class ClauseView(ClauseScreen):
    model, area, title = Clause, RULES, N_("Clauses")
    column_list = ("regulation", "number", "kind", "text", "rule", "does", "forms", "applies")
    labels = {"does": _l("What it does")}
    column_details_list = ("regulation", "number", "kind", "text", "text_en", "rule", "forms", "applies")
    column_searchable_list = ("number", "text")
    column_default_sort = ("id", False)
    column_filters = ("regulation", "kind", "applies")
    form_columns = ("regulation", "number", "kind", "text", "text_en", "rule", "forms", "applies")


class ReceptionLevelView(TermsScreen):
    model, area, title = ReceptionLevel, RULES, N_("Levels")
    column_list = ("rank", "code", "name", "qualifies", "hosts", "clause")
    column_searchable_list = ("code", "name", "qualifies")
    column_filters = ("rank",)
    form_columns = ("clause", "rank", "code", "name", "name_en", "qualifies", "hosts", "classes", "categories",
                    "titles")


class ApprovalRuleView(StepScreen):
    model, area, title = ApprovalRule, RULES, N_("Approval steps")
    column_list = ("subject", "rank_from", "rank_to", "amount_from", "only_if", "step", "role", "when_vacant",
                   "clause")
    column_filters = ("subject", "role", "only_if")
    search_relations = (("clause", "number"),)
    form_columns = ("clause", "subject", "rank_from", "rank_to", "amount_from", "only_if", "step", "role",
                    "when_vacant")


class SpendingCapView(CapScreen):
    model, area, title = SpendingCap, RULES, N_("Spending caps")
    column_list = ("rank", "category", "per_guest", "clause")
    column_filters = ("rank",)
    search_relations = (("clause", "number"),)
    form_columns = ("clause", "rank", "category", "per_guest")


class ChecklistTemplateView(TermsScreen):
    model, area, title = ChecklistTemplate, RULES, N_("Checklist items")
    column_list = ("item", "phase", "ranks", "only_if", "clause")
    column_searchable_list = ("item",)
    column_filters = ("phase", "only_if")
    form_columns = ("clause", "phase", "item", "item_en", "ranks", "only_if")


class TourRouteView(RouteScreen):
    model, area, title = TourRoute, RULES, N_("Tour routes")
    column_list = ("name", "stops", "clause")
    column_searchable_list = ("name",)
    form_columns = ("clause", "name", "stops")


class ClauseChoiceView(PanelView):
    model, area, title, can_create = ClauseChoice, RULES, N_("Choices between clauses"), False
    column_list = ("key", "prevails", "reason")
    column_searchable_list = ("key",)
    empty_hint = N_("No adopted clauses contradict each other, or nothing had to be chosen yet.")


class TrialView(TrialScreen):
    model, area, title = Trial, RULES, N_("Trial runs")
    column_list = ("title", "since", "until", "state", "done", "total", "took_ms", "by", "created_at")
    column_searchable_list = ("title",)
    column_default_sort = ("created_at", True)
    empty_hint = N_("Try a regulation on past visits before you adopt it: start a trial run.")


class ApprovalView(ApprovalScreen):
    model, area, title = Approval, RULES, N_("Approvals")
    column_list = ("number", "subject", "round", "step", "role", "department", "clause", "decision", "decider",
                   "on_behalf_of", "decided_at", "comment")
    column_filters = ("role", "decision", "department", "decided_at")
    column_searchable_list = ("number",)


class EventView(EventScreen):
    model, area, title = Event, SYSTEM, N_("Audit log")
    column_list = ("at", "actor", "on_behalf_of", "action", "subject", "number", "from_state", "to_state", "note",
                   "clauses", "address")
    column_details_list = column_export_list = (*column_list, "before", "after")
    column_filters = ("at", "action", "subject")
    column_searchable_list = ("number",)


class DueView(DueScreen):
    key, area, title = "due", SUPERVISION, N_("What falls due")


class ComplianceView(ComplianceScreen):
    key, area, title = "compliance", SUPERVISION, N_("Compliance report")


MENU = (VisitView, VisitorView, CustomerView, NoticeReceiptView, ChecklistItemView, VisitGuestView, VisitEscortView,
        EvidenceView, ItineraryItemView, CheckinView, NdaView,
        GoodsReleaseView, IncidentView, RoomBookingView, MeetingRoomView, DispatchView, VehicleView, DriverView,
        GiftRequestView, GiftView, StockMovementView, ExpenseView,
        HospitalityRequestView, AccountView, VisitQuestionView, FeedbackView, FollowUpView, ComplaintView,
        OutboundPlanView, OutboundVisitView, CommitmentView, BusinessCardView,
        DueView, ComplianceView, AssessmentView, ViolationView, TrainingView, TrainingAttendanceView, InspectionView,
        RegulationView, ClauseView, ReceptionLevelView, ApprovalRuleView, SpendingCapView,
        ChecklistTemplateView, TourRouteView, ClauseChoiceView, TrialView, ApprovalView, DepartmentView, UserView,
        GrantView, DelegationView, EventView)


def register(admin) -> dict:
    """Add every screen to the panel, in the order of the menu; gives them by name."""
    screens = {}
    for view in MENU:
        screen = view()
        admin.add_view(screen)
        screens[screen.endpoint] = screen
    return screens
