"""Printed forms: the same sheet as a page and as a PDF, the chain as it is in the database, numbers masked, scope
kept."""

import io

import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from models import Approval, Visit
from tests.conftest import REASONS
from tests.test_low_code import adopt


def text_of(answer) -> str:
    assert answer.status_code == 200 and answer.mimetype == "application/pdf", answer.status_code
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.get_data())).pages).replace("\x00", "")


def fonts_of(answer) -> list[bool]:
    """Whether each font of the PDF carries its own glyphs."""
    found = []
    for page in PdfReader(io.BytesIO(answer.get_data())).pages:
        for font in page["/Resources"]["/Font"].values():
            descriptor = font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            found.append(any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")))
    return found


@pytest.fixture
def received(sqlite_office):
    """A visit of level A that came, with two guests inside."""
    office = sqlite_office
    visit = office.approved_visit("A", budget="1200.00", letter_no="函〔2026〕88 号")
    assert office.step("office", "visit", visit, "issue_notice", **REASONS).status_code == 302
    office.tick(visit)
    assert office.step("front", "visit", visit, "confirm_host").status_code == 302
    assert office.step("front", "visit", visit, "check_in", identity="y", badge_1="A01").status_code == 302
    return office, visit


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("visit_application", "参观接待呈批表"),
        ("reception_notice", "参观接待通知单"),
        ("customer_visit_approval", "客户来访接待审批表"),
        ("visitor_register", "来访来客登记表"),
        ("visitor_badge", "访客证"),
        ("settlement_sheet", "接待清单"),
        ("reception_record", "接待记录"),
        ("feedback_form", "来访反馈表"),
        ("nda", "保密协议"),
        ("negotiation_record", "客户洽谈记录表"),
    ],
)
def test_every_form_of_a_visit_is_a_page_and_a_pdf_with_its_fonts(received, name, title):
    office, visit = received
    number = office.ask(sa.select(Visit.number).where(Visit.id == visit))
    page = office.get("office", f"/admin/visit/print/{name}/?id={visit}").get_data(as_text=True)
    assert title in page and number in page and 'style="' not in page and "<script" not in page
    pdf = office.get("office", f"/admin/visit/pdf/{name}/?id={visit}")
    text = text_of(pdf)
    assert number in text and (title in text or (name == "visitor_badge" and "吴国平" in text))
    assert fonts_of(pdf) and all(fonts_of(pdf))


def test_the_chain_stands_on_the_form_as_it_is_in_the_database(received):
    office, visit = received
    page = office.get("exec", f"/admin/visit/print/visit_application/?id={visit}").get_data(as_text=True)
    pdf = text_of(office.get("exec", f"/admin/visit/pdf/visit_application/?id={visit}"))
    for name, clause in (("周建国", "R01-2.2"), ("刘慧敏", "R01-4.1"), ("赵宏伟", "R01-4.1")):
        assert name in page and clause in page and name in pdf and clause in pdf
    assert (
        office.ask(
            sa.select(sa.func.count())
            .select_from(Approval)
            .where(Approval.subject == "visit", Approval.decision == "approved")
        )
        == 3
    )
    assert page.count("签字：＿") == 0


def test_steps_not_decided_are_boxes_to_sign_in(sqlite_office):
    visit = sqlite_office.create_visit(level="C")
    page = sqlite_office.get("sales", f"/admin/visit/print/visit_application/?id={visit}").get_data(as_text=True)
    assert "部门负责人意见" in page and "行政人事部意见" in page and page.count("签字：＿") == 2


def test_R01_4_1_the_notice_says_who_has_not_signed(received):
    office, visit = received
    page = office.get("office", f"/admin/visit/print/reception_notice/?id={visit}").get_data(as_text=True)
    assert "未签收" in page and "尚未签收：销售部" in page


def test_numbers_are_masked_on_paper(received):
    office, visit = received
    for kind in ("print", "pdf"):
        answer = office.get("office", f"/admin/visit/{kind}/visitor_register/?id={visit}")
        text = answer.get_data(as_text=True) if kind == "print" else text_of(answer)
        assert "13912340001" not in text and "吴国平" in text and "A01" in text


def test_paper_keeps_the_scope_of_the_row(received):
    office, visit = received
    for kind in ("print", "pdf"):
        assert office.get("tech_head", f"/admin/visit/{kind}/visit_application/?id={visit}").status_code == 404
        assert office.get("office", f"/admin/visit/{kind}/hospitality_request/?id={visit}").status_code == 404
        assert office.get("office", f"/admin/visit/{kind}/poem/?id={visit}").status_code == 404
    assert office.get("front", f"/admin/visit/print/settlement_sheet/?id={visit}").status_code == 404, (
        "the front desk sees no money"
    )


def test_the_page_offers_the_forms_that_the_adopted_clauses_ask_for(received):
    office, visit = received
    page = office.get("office", f"/admin/visit/details/?id={visit}").get_data(as_text=True)
    assert "/print/visit_application/" in page and "/print/customer_visit_approval/" not in page
    adopt(office, "R17", grading="complements")
    fresh = office.create_visit(level="C")
    assert "/print/customer_visit_approval/" in office.get("office", f"/admin/visit/details/?id={fresh}").get_data(
        as_text=True
    )


def test_findings_and_reasons_stand_on_the_form(sqlite_office):
    office = sqlite_office
    visit = office.create_visit(level="C")
    asked = office.create_hospitality(visit, amount="900.00")
    assert (
        office.step("sales", "hospitalityrequest", asked, "submit", reason_spending_cap="对方增加两位高层").status_code
        == 302
    )
    page = office.get("sales", f"/admin/hospitalityrequest/print/hospitality_request/?id={asked}").get_data(
        as_text=True
    )
    assert "R10-3.1" in page and "对方增加两位高层" in page and "公司领导批示" in page
    assert "行政接待申请表" in text_of(
        office.get("sales", f"/admin/hospitalityrequest/pdf/hospitality_request/?id={asked}")
    )


def test_R01_4_1_the_printed_notice_counts_the_gifts_that_the_notice_itself_counts(received):
    """A gift request that came back to its applicant arranges nothing, whoever tells of the visit."""
    from facts import notices
    from models import Gift, GiftRequest, db

    office, visit = received
    asked = office.approved_hospitality(visit, category="gift", amount="200")
    gift = office.ask(sa.select(Gift.id).where(Gift.code == "G003"))
    form = {"visit": visit, "hospitality": asked, "gift": gift, "quantity": "2", "purpose": "赠送"}
    assert office.post("sales", "/admin/giftrequest/new/", form).status_code == 302
    request = office.ask(sa.select(sa.func.max(GiftRequest.id)))
    assert office.step("sales", "giftrequest", request, "submit").status_code == 302
    where = f"/admin/visit/print/reception_notice/?id={visit}"
    name = office.ask(sa.select(Gift.name).where(Gift.id == gift))
    assert f"{name} × 2" in office.get("office", where).get_data(as_text=True)

    assert office.step("sales_head", "giftrequest", request, "return", comment="改两份").status_code == 302
    assert f"{name} × 2" not in office.get("office", where).get_data(as_text=True)
    with office.app.app_context():
        assert notices.content(db.session.get(Visit, visit))["gifts"] == []
