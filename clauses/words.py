"""The vocabularies that clauses, tables and forms share: each value with the label a person sees."""

from core.text import N_, Choice
from workflow import Role as Role


class Severity(Choice):
    """What a finding does to the transition it is judged for."""

    BLOCK = "block", N_("Blocks")
    EXPLAIN = "explain", N_("Needs a reason")
    NOTE = "note", N_("Note")


class Issuer(Choice):
    OFFICE = "office", N_("Admin office")
    DEPARTMENT = "department", N_("Receiving department")


class Moment(Choice):
    """When a rule that leaves the moment to the clause is judged."""

    SUBMIT = "submit", N_("On submission")
    NOTICE = "notice", N_("Before the notice is issued")
    CHECK_IN = "check_in", N_("At check-in")
    CLOSE = "close", N_("Before closing")


class VisitCategory(Choice):
    BUSINESS = "business", N_("Business")
    OFFICIAL = "official", N_("Official")
    FOREIGN = "foreign", N_("Foreign affairs")


class CustomerClass(Choice):
    POTENTIAL = "potential", N_("Potential")
    IMPORTANT = "important", N_("Important")
    PARTNER = "partner", N_("Partner")
    EXISTING = "existing", N_("Existing")
    MEDIA = "media", N_("Media")
    GOVERNMENT = "government", N_("Government")


class Area(Choice):
    LOBBY = "lobby", N_("Reception area")
    OFFICE = "office", N_("Office area")
    SITE = "site", N_("Production site")


class NoticeField(Choice):
    """What a reception notice says of a visit, in the order it says it."""

    TIME = "time", N_("Time")
    GUEST_COUNT = "guest_count", N_("Guests")
    LEAD_GUEST = "lead_guest", N_("Main guest")
    GUESTS = "guests", N_("Guest list")
    HOST = "host", N_("Receptionist")
    ESCORTS = "escorts", N_("Escorts")
    ROUTE = "route", N_("Tour route")
    ROOMS = "rooms", N_("Rooms")
    CARS = "cars", N_("Cars")
    ITINERARY = "itinerary", N_("Itinerary")
    GIFTS = "gifts", N_("Gifts")


class VisitKind(Choice):
    TOUR = "tour", N_("Tour")
    SITE_AUDIT = "site_audit", N_("On-site audit")
    DOCUMENT_AUDIT = "document_audit", N_("Document audit")
    NEGOTIATION = "negotiation", N_("Negotiation")
    SIGNING = "signing", N_("Signing")
    TECHNICAL = "technical", N_("Technical exchange")
    STUDY = "study", N_("Study visit")
    SEMINAR = "seminar", N_("Seminar")
    SERVICE = "service", N_("Counter service")
    FRANCHISE = "franchise", N_("Franchise enquiry")
    OTHER = "other", N_("Other purpose")


class Channel(Choice):
    NONE = "", N_("—")
    PHONE = "phone", N_("By phone")
    WECHAT = "wechat", N_("WeChat")
    EMAIL = "email", N_("E-mail")
    LETTER = "letter", N_("Letter or fax")
    OTHER = "other", N_("Other channel")


class Outcome(Choice):
    """What a visit led to."""

    NONE = "", N_("—")
    AGREED = "agreed", N_("Points agreed")
    WON = "won", N_("Contract won")
    DEMAND = "demand", N_("Further demand")
    DOUBTS = "doubts", N_("Doubts remain")
    DONE = "done", N_("Business done")
    NOTHING = "nothing", N_("No result")


class Need(Choice):
    """What guests need arranged; an itinerary item or a request of the visit arranges it."""

    ROOM = "room", N_("Meeting room")
    CAR = "car", N_("Pick-up by car")
    LODGING = "lodging", N_("Lodging")
    MEAL = "meal", N_("Meal")
    MEETING = "meeting", N_("Meeting")
    CALL = "call", N_("Leaders' call")
    TOUR = "tour", N_("Tour")
    SEND_OFF = "send_off", N_("Send-off")
    TICKETS = "tickets", N_("Onward tickets")


class When(Choice):
    ALWAYS = "always", N_("Always")
    NEEDED = "needed", N_("Where the visit asks for it")


class Stage(Choice):
    """The stages of a reception from the guest's side."""

    APPOINTMENT = "appointment", N_("Appointment")
    REGISTRATION = "registration", N_("Registration")
    PREPARATION = "preparation", N_("Preparation")
    RECEPTION = "reception", N_("Reception itself")
    FEEDBACK = "feedback", N_("Feedback")


class Refusal(Choice):
    """Why a caller is not let in."""

    NO_APPOINTMENT = "no_appointment", N_("No appointment")
    HOST_UNAVAILABLE = "host_unavailable", N_("Host unavailable")
    UNRELATED_SALES = "unrelated_sales", N_("Unrelated salesperson")
    REFUSED_REGISTRATION = "refused_registration", N_("Refuses to register")
    FORCED_ENTRY = "forced_entry", N_("Forces entry")
    BARRED = "barred", N_("Barred")
    OTHER = "other", N_("Other reason")


class Offer(Choice):
    """What a caller is offered whose host cannot receive."""

    NONE = "", N_("—")
    MESSAGE = "message", N_("Message passed on")
    NEXT_APPOINTMENT = "next_appointment", N_("Next appointment agreed")


class VisitField(Choice):
    """What a clause may ask to be filled in on a visit."""

    ORGANISATION = "organisation", N_("Visiting organisation")
    CUSTOMER = "customer", N_("Customer")
    CONTACT = "contact", N_("Contact")
    LEAD_GUEST = "lead_guest", N_("Main guest")
    LEAD_TITLE = "lead_title", N_("Position of the main guest")
    PURPOSE = "purpose", N_("Purpose")
    VISIT_KIND = "visit_kind", N_("Kind of visit")
    CHANNEL = "channel", N_("Appointment by")
    PLANNED_START = "planned_start", N_("Arrives")
    PLANNED_END = "planned_end", N_("Leaves")
    GUEST_COUNT = "guest_count", N_("Guests")
    HOST = "host", N_("Host")
    NIGHTS = "nights", N_("Nights")
    TRANSPORT = "transport", N_("Train or flight No.")
    NEEDS = "needs", N_("To be arranged")
    BUDGET = "budget", N_("Budget (CNY)")
    LETTER_NO = "letter_no", N_("Letter No.")
    ITINERARY = "itinerary", N_("Itinerary")
    RECORD = "record", N_("Reception record")
    OUTCOME = "outcome", N_("Outcome")
    SATISFACTION = "satisfaction", N_("Satisfaction")


class GuestField(Choice):
    NAME = "name", N_("Name")
    GENDER = "gender", N_("Gender")
    TITLE = "title", N_("Position")
    ORGANISATION = "organisation", N_("Organisation")
    PHONE = "phone", N_("Phone")
    IDENTITY_NO = "identity_no", N_("Identity number")
    SIGNATURE = "signature", N_("Signature")


class DispatchField(Choice):
    PICK_UP = "pick_up", N_("Pick-up")
    DESTINATION = "destination", N_("Destination")
    CONTACT = "contact", N_("Contact")
    FLIGHT = "flight", N_("Flight or train")
    SIGN = "sign", N_("How to recognise them")
    PASSENGERS = "passengers", N_("Passengers")


class SpendingCategory(Choice):
    MEAL = "meal", N_("Meal")
    LODGING = "lodging", N_("Lodging")
    GIFT = "gift", N_("Gift")
    TRANSPORT = "transport", N_("Transport")
    OTHER = "other", N_("Other")


class Benefit(Choice):
    """Whether an article is as good as money."""

    NONE = "", N_("—")
    CASH = "cash", N_("Cash")
    VOUCHER = "voucher", N_("Vouchers and prepaid cards")
    SECURITIES = "securities", N_("Securities")


class OutboundPurpose(Choice):
    RESEARCH = "research", N_("Market research")
    COMPETITORS = "competitors", N_("Competitors")
    CARE = "care", N_("Customer care")
    COLLECTION = "collection", N_("Collection")
    NEW_CUSTOMER = "new_customer", N_("New customer")
    LAUNCH = "launch", N_("Product launch")
    COVERAGE = "coverage", N_("Market coverage")


class OutboundTarget(Choice):
    CURRENT = "current", N_("Current customer")
    TARGET = "target", N_("Target customer")
    POTENTIAL = "potential", N_("Potential customer")
    PEER = "peer", N_("Peer")


class OutboundField(Choice):
    CONTACT = "contact", N_("Contact")
    PURPOSE = "purpose", N_("Purpose")
    TARGET = "target", N_("Kind of target")
    ITEMS = "items", N_("Items to take along")
    EXPENSE = "expense", N_("Expected cost (CNY)")


class ComplaintField(Choice):
    INVESTIGATION = "investigation", N_("Investigation")
    SOLUTION = "solution", N_("Solution")


class Measure(Choice):
    """What a violation leads to."""

    ORAL_WARNING = "oral_warning", N_("Oral warning")
    WRITTEN_WARNING = "written_warning", N_("Written warning")
    FINE = "fine", N_("Fine")
    DISCIPLINE = "discipline", N_("Disciplinary action")
    RETRAINING = "retraining", N_("Retraining")
    DISMISSAL = "dismissal", N_("Dismissal")


class Disclosed(Choice):
    REVEAL = "reveal", N_("Showing a number in full")
    EXPORT = "export", N_("Exporting personal data")


class CycleKind(Choice):
    """What falls due again and again; a record of its kind fulfils it."""

    TRAINING = "training", N_("Training")
    ASSESSMENT = "assessment", N_("Assessment")
    VENUE_INSPECTION = "venue_inspection", N_("Venue inspection")
    NIGHT_INSPECTION = "night_inspection", N_("Night inspection")
    SERVICE_INSPECTION = "service_inspection", N_("Service inspection")
    MAINTENANCE = "maintenance", N_("Maintenance")
    DAILY_CHECK = "daily_check", N_("Daily check")
    SATISFACTION = "satisfaction", N_("Satisfaction review")
    REGULATION_REVIEW = "regulation_review", N_("Review of a regulation")
    STATISTICS = "statistics", N_("Statistics and report")
    CUSTOMER_CONTACT = "customer_contact", N_("Contact with customers")
    CUSTOMER_VISIT = "customer_visit", N_("Visits to customers")
    CLASS_REVIEW = "class_review", N_("Review of customer classes")


class CheckPhase(Choice):
    BEFORE = "before", N_("Before the guests come")
    AFTER = "after", N_("After they left")


class CheckCondition(Choice):
    ALWAYS = "", N_("Always")
    TOUR = "tour", N_("With a tour")
    OVERNIGHT = "overnight", N_("With a night")
    PICK_UP = "pick_up", N_("With a pick-up")
    MEAL = "meal", N_("With a meal")
    MEETING = "meeting", N_("With a meeting")
    ASSISTANCE = "assistance", N_("For guests who need assistance")
    SENSITIVE = "sensitive", N_("For sensitive topics")


class StepCondition(Choice):
    """When an approval step is called for."""

    ALWAYS = "", N_("Always")
    OVER_CAP = "over_cap", N_("When above the cap")
    IMPORTANT = "important", N_("For an important gift")
    EXCEPTION = "exception", N_("When a reason had to be given")
