"""Money in capitals and to the cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.money import cny_upper, per_guest

DIGITS = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}


@pytest.mark.parametrize(
    ("amount", "capitals"),
    [
        ("107000.53", "壹拾万柒仟元零伍角叁分"),
        ("10", "壹拾元整"),
        ("19", "壹拾玖元整"),
        ("0.05", "伍分"),
        ("-0.05", "负伍分"),
        ("-12.30", "负壹拾贰元叁角"),
        ("1000000.00", "壹佰万元整"),
        ("20.10", "贰拾元零壹角"),
        ("305.00", "叁佰零伍元整"),
        ("100000000.01", "壹亿元零壹分"),
        ("0", "零元整"),
        ("1.00", "壹元整"),
        ("0.50", "伍角"),
        ("1234.56", "壹仟贰佰叁拾肆元伍角陆分"),
        ("10203.04", "壹万零贰佰零叁元零肆分"),
        ("100001000.00", "壹亿零壹仟元整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
    ],
)
def test_capitals(amount, capitals):
    assert cny_upper(Decimal(amount)) == capitals


def read(text: str) -> int:
    """Capitals back to cents."""
    total = group = digit = cents = 0
    for c in text.removesuffix("整"):
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in "拾佰仟":
            group += digit * {"拾": 10, "佰": 100, "仟": 1000}[c]
            digit = 0
        elif c in "万亿兆":
            total += (group + digit) * {"万": 10**4, "亿": 10**8, "兆": 10**12}[c]
            group = digit = 0
        elif c == "元":
            total, group, digit = total + group + digit, 0, 0
        else:
            cents += digit * (10 if c == "角" else 1)
            digit = 0
    return total * 100 + cents


@given(st.integers(0, 10**17))
def test_capitals_say_the_number_and_never_two_zeros_in_a_row(cents):
    text = cny_upper(Decimal(cents) / 100)
    assert read(text) == cents and "零零" not in text


def test_per_guest_rounds_half_up_to_the_cent():
    assert per_guest(Decimal("700.55"), 2) == Decimal("350.28")
    assert per_guest(Decimal("10.00"), 3) == Decimal("3.33")
    with pytest.raises(ValueError):
        per_guest(Decimal(1), 0)
