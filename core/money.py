"""Amounts of money: rounding, the figure per guest, and the Chinese capitals of invoices and vouchers."""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache

CENT = Decimal("0.01")
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "兆")


def quantize(amount: Decimal) -> Decimal:
    """CNY to the cent, halves up as ledgers do."""
    return Decimal(amount).quantize(CENT, ROUND_HALF_UP)


def per_guest(total: Decimal, guests: int) -> Decimal:
    """CNY per guest to the cent. Raises ValueError without guests."""
    if guests < 1:
        raise ValueError("no guests")
    return quantize(Decimal(total) / guests)


@cache
def _group(number: int) -> str:
    """Four digits in capitals; zeros inside collapse to one, zeros at the end vanish."""
    out, pending = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            out += ("零" if pending and out else "") + _DIGITS[digit] + _UNITS[place]
            pending = False
        else:
            pending = True
    return out


def cny_upper(amount: Decimal) -> str:
    """金额大写 of `amount` CNY: 107000.53 → 壹拾万柒仟元零伍角叁分, 20.10 → 贰拾元零壹角, 0.05 → 伍分.

    元 at the end takes 整, 角 may stand without, 分 has none; a zero is spoken where places are skipped.
    Raises ValueError from 10¹⁶ CNY up.
    """
    return upper_of_cents(int(quantize(amount) * 100))


def upper_of_cents(cents: int) -> str:
    """The same for whole cents: what an export of millions of rows calls."""
    if cents <= 0:
        return "负" + upper_of_cents(-cents) if cents else "零元整"
    yuan, cents = divmod(cents, 100)
    return _yuan(yuan) + _tail(cents, yuan % 10 == 0) if yuan else _below(cents)


@lru_cache(4096)
def _yuan(yuan: int) -> str:
    """The yuan in capitals, without 元."""
    if yuan >= 10**16:
        raise ValueError("too large to be written out")
    whole, gap = "", False
    for index in (3, 2, 1, 0):
        group = yuan // 10 ** (4 * index) % 10**4
        if group:
            # One zero is spoken for a missing thousands place or for whole groups jumped over.
            whole += ("零" if whole and (gap or group < 1000) else "") + _group(group) + _GROUPS[index]
            gap = False
        elif whole:
            gap = True
    return whole


@cache
def _below(cents: int) -> str:
    """角 and 分 by themselves."""
    jiao, fen = divmod(cents, 10)
    return (_DIGITS[jiao] + "角" if jiao else "") + (_DIGITS[fen] + "分" if fen else "")


@cache
def _tail(cents: int, round_yuan: bool) -> str:
    """元 and what follows; one zero is spoken where the yuan end in zero or the jiao is missing."""
    if not cents:
        return "元整"
    return "元" + ("零" if round_yuan or cents < 10 else "") + _below(cents)
