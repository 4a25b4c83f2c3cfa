"""Written by `python -m nostro.functions.stubs` from the catalogue of functions."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

import pyarrow as pa

from nostro.functions.columns import Column
from nostro.functions.plugin import load_plugin as load_plugin
from nostro.functions.vault import open_vault as open_vault

def aba_is_valid(
    number: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is an ABA routing transit number: nine digits, of which the first two are in use
    (00-12, 21-32, 61-72, 80), and their check digit

    :param number: the routing number: nine digits
    """
    ...
def accrued_interest(
    principal: Column | Decimal | None,
    annual_rate: Column | float | None,
    start: Column | date | None,
    end: Column | date | None,
    convention: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Simple interest on a principal over a period by a day count convention (as in day_count_fraction),
    exact and rounded once, half to even, to the principal's scale

    :param principal: the amount that bears interest; the result has its scale
    :param annual_rate: the rate per year as a fraction: 0.05 is 5 %
    :param start: the first day of the accrual, whose interest counts
    :param end: the day on which the accrual ends, whose interest does not count; on the start's day or
    after
    :param convention: the day count convention: Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360,
    Bus/252 and others, in any of the market's spellings
    """
    ...
def add_business_days(
    date: Column | date | None,
    days: Column | int | None,
    calendar: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The date a number of business days of a calendar (as in is_business_day) after a date, or before it
    when negative; 0 gives the date itself

    :param date: the day to count from, which need not be a business day
    :param days: business days to go on, or back when negative
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    """
    ...
def adjust_business_day(
    date: Column | date | None,
    convention: Column | str | None,
    calendar: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The date moved to a business day of a calendar (as in is_business_day) by a convention (following,
    modified following, preceding, modified preceding, nearest, none and others) in any of the market's
    spellings

    :param date: the day to move
    :param convention: following, modified following, preceding, modified preceding, nearest, none or
    another of Strata's, in any of the market's spellings
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    """
    ...
def allocate(
    amount: Column | Decimal | None,
    weights: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Divides an amount by whole weights into parts of its own scale that add up to it exactly: each is
    rounded towards zero, and the units left over go to the largest remainders, of equal ones to the
    first

    :param amount: the amount, in units of its currency
    :param weights: the parts' weights, of zero and above, in any unit; one part is given for each
    """
    ...
def amortization_schedule(
    principal: Column | Decimal | None,
    annual_rate: Column | float | None,
    periods: Column | int | None,
    periods_per_year: Column | int | None,
    method: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The payments of a loan, to the principal's scale, as rows of period, payment, interest, principal
    and balance; method is annuity (equal payments), linear (equal principal) or bullet (principal at
    the end)

    :param principal: the amount of the loan; all amounts of the result have its scale
    :param annual_rate: the nominal rate per year as a fraction, from 0 to 100: 0.05 is 5 %
    :param periods: the number of payments, from 1 to 10,000
    :param periods_per_year: payments in a year, from 1 to 366: 12 for monthly
    :param method: annuity (equal payments), linear (equal principal) or bullet (principal with the last
    payment)
    """
    ...
def apr(
    amount_financed: Column | float | None,
    payment: Column | float | None,
    payments: Column | int | None,
    payments_per_year: Column | int | None,
    first_period: Column | float | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual percentage rate, as a fraction, of an amount financed that is repaid by equal payments,
    the first after one period (Regulation Z, Appendix J)

    :param amount_financed: what the borrower gets at the start, above zero
    :param payment: each of the equal payments, above zero
    :param payments: the number of payments, 1 and above
    :param payments_per_year: unit-periods in a year, one payment in each: 12 for monthly, 52 for weekly
    :param first_period: unit-periods from the start to the first payment, such as 1.5; 1 when left out
    """
    ...
def array_irr(
    amounts: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The internal rate of return per period, as a fraction, of an array of amounts, one for each period:
    the rate at which they are worth nothing together (Excel's IRR)

    :param amounts: the amounts; what is paid out is negative, what is received positive; NULL is left
    out
    """
    ...
def array_mirr(
    amounts: Column | list[Any] | None,
    finance_rate: Column | float | None,
    reinvest_rate: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The modified internal rate of return per period of an array of amounts, by a rate that payments are
    financed at and one that receipts are reinvested at (Excel's MIRR)

    :param amounts: the amounts; what is paid out is negative, what is received positive; NULL is left
    out
    :param finance_rate: the rate per period at which payments are financed, as a fraction above -1:
    0.05 is 5 %
    :param reinvest_rate: the rate per period at which receipts are reinvested, as a fraction above -1:
    0.05 is 5 %
    """
    ...
def array_npv(
    rate: Column | float | None,
    amounts: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The net present value of an array of amounts, the first of them due in one period (Excel's NPV)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param amounts: the amounts; what is paid out is negative, what is received positive; NULL is left
    out
    """
    ...
def array_xirr(
    amounts: Column | list[Any] | None,
    dates: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual internal rate of return of dated cash flows in arrays, as a fraction (0.05 is 5 %): the
    rate at which they are worth nothing together (Excel's XIRR, 365 days a year); money paid out is
    negative, money received positive

    :param amounts: the amounts; what is paid out is negative, what is received positive; NULL is left
    out
    :param dates: the days of the amounts, in the same order and number
    """
    ...
def array_xnpv(
    rate: Column | float | None,
    amounts: Column | list[Any] | None,
    dates: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The net present value of dated cash flows in arrays at the earliest of their dates (Excel's XNPV,
    365 days a year)

    :param rate: the annual rate as a fraction, above -1: 0.05 is 5 %
    :param amounts: the amounts; what is paid out is negative, what is received positive; NULL is left
    out
    :param dates: the days of the amounts, in the same order and number
    """
    ...
def average_cost_pnl(
    price: Column | Decimal | None,
    quantity: Column | Decimal | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The open quantity, its cost (below zero for a short position) and the realised profit of trades that
    close at the moving average cost, rounded half up at every close; quantities are above zero for
    purchases and below for sales, and a trade beyond zero opens the other side; in the order of a time
    (of one time purchases are first)

    :param price: the price of one unit
    :param quantity: the quantity: above zero for a purchase or a long position, below for a sale or a
    short one
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def bachelier_delta(
    option_type: Column | str | None,
    forward: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The delta of a European call or put on a forward by Bachelier's model: the change of bachelier_price
    by the forward; years to expiry, continuously compounded rate, annual volatility in units of the
    forward

    :param option_type: call or put, in any case
    :param forward: the forward price or rate for the expiry, of any sign
    :param strike: the price or rate at which the option can be exercised, of any sign
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param volatility: the annual normal volatility, in the forward's own unit, zero and above: 0.008
    for a rate is 80 basis points
    """
    ...
def bachelier_price(
    option_type: Column | str | None,
    forward: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price of a European call or put on a forward by Bachelier's model; years to expiry, continuously
    compounded rate, annual volatility in units of the forward

    :param option_type: call or put, in any case
    :param forward: the forward price or rate for the expiry, of any sign
    :param strike: the price or rate at which the option can be exercised, of any sign
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param volatility: the annual normal volatility, in the forward's own unit, zero and above: 0.008
    for a rate is 80 basis points
    """
    ...
def bai2_transactions(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The transactions (records 16) of a BAI2 file, as rows with what their group and account say; amounts
    are in units of the currency (USD where none is named); signed_amount is negative for a debit and
    NULL for a type code that is neither; the control totals and counts of the file must be right

    :param message: the whole file as text
    """
    ...
def bic_country(
    bic: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The ISO 3166 code of the country in a BIC (XK for Kosovo); an error when it has not a BIC's form

    :param bic: the BIC: 8 or 11 upper case letters and digits, without spaces
    """
    ...
def bic_is_test(
    bic: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a BIC is one for test and training: its eighth character is 0; an error when it has not a
    BIC's form

    :param bic: the BIC: 8 or 11 upper case letters and digits, without spaces
    """
    ...
def bic_is_valid(
    bic: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text has the form of a BIC (ISO 9362): 8 or 11 upper case letters and digits with a
    country in the fifth and sixth

    :param bic: the BIC: 8 or 11 upper case letters and digits, without spaces
    """
    ...
def bic_normalize(
    bic: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A BIC as eleven upper case characters: spaces are left out and XXX stands for the head office; an
    error when it has not a BIC's form then

    :param bic: the BIC, in any case and with spaces anywhere
    """
    ...
def black76_price(
    option_type: Column | str | None,
    forward: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price of a European call or put on a forward by Black's model of 1976; years to expiry,
    continuously compounded rate, annual volatility

    :param option_type: call or put, in any case
    :param forward: the forward price, for the expiry, of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_delta(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The delta of a European call or put by Black, Scholes and Merton: the change of the price by the
    spot; years to expiry, continuously compounded rate and dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_gamma(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The gamma of a European call or put by Black, Scholes and Merton: the change of the delta by the
    spot; years to expiry, continuously compounded rate and dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_price(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price of a European call or put by Black, Scholes and Merton; years to expiry, continuously
    compounded rate and dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_rho(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The rho of a European call or put by Black, Scholes and Merton: the change of the price by the rate,
    for a change of 1, which is 100 %; years to expiry, continuously compounded rate and dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_theta(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The theta of a European call or put by Black, Scholes and Merton: the change of the price by time,
    in a year; years to expiry, continuously compounded rate and dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def black_scholes_vega(
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    volatility: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The vega of a European call or put by Black, Scholes and Merton: the change of the price by the
    volatility, for a change of 1, which is 100 %; years to expiry, continuously compounded rate and
    dividend yield

    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, zero and above
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    :param volatility: the annual volatility as a fraction, zero and above: 0.2 is 20 %
    """
    ...
def bond_accrued(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The interest accrued since the last coupon, per 100 of face value, of a bond with regular coupon
    periods; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_cash_flows(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None = ...,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The payments after settlement, per 100 of face value, of a bond with regular coupon periods,
    redeemed at 100, as rows of payment_date (not adjusted to business days), coupon, redemption and
    amount

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …; gives the first coupon, which without it is regular
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_clean_price(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    yield_: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price without accrued interest (clean; Excel's PRICE), per 100 of face value, of a bond with
    regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count
    as in day_count_fraction, yield_convention street (compounds; simple interest once only the last
    payment is left), icma (always compounds) or us treasury (simple interest over what is left of the
    period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param yield: the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_convexity(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    yield_: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The convexity in years squared: the second derivative of bond_price by the yield, as a share of the
    price, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3,
    4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest
    once only the last payment is left), icma (always compounds) or us treasury (simple interest over
    what is left of the period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param yield: the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_duration(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    yield_: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The Macaulay duration in years (Excel's DURATION): the payments' average time, weighted by what they
    are worth, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1,
    2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest over what is left of the period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param yield: the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_modified_duration(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    yield_: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The modified duration in years (Excel's MDURATION): the share of bond_price that is lost by a unit
    that the yield rises, of a bond with regular coupon periods, redeemed at 100; frequency is coupons a
    year (1, 2, 3, 4, 6, 12), day_count as in day_count_fraction, yield_convention street (compounds;
    simple interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest over what is left of the period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param yield: the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_price(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    yield_: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price with accrued interest (dirty), per 100 of face value, of a bond with regular coupon
    periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6, 12), day_count as in
    day_count_fraction, yield_convention street (compounds; simple interest once only the last payment
    is left), icma (always compounds) or us treasury (simple interest over what is left of the period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param yield: the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def bond_yield(
    settlement: Column | date | None,
    maturity: Column | date | None,
    coupon_rate: Column | float | None,
    clean_price: Column | float | None,
    frequency: Column | int | None,
    day_count: Column | str | None,
    yield_convention: Column | str | None,
    redemption: Column | float | None = ...,
    issue: Column | date | None = ...,
    first_coupon: Column | date | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual yield, compounded with the coupons, at which bond_clean_price is a price (Excel's YIELD),
    of a bond with regular coupon periods, redeemed at 100; frequency is coupons a year (1, 2, 3, 4, 6,
    12), day_count as in day_count_fraction, yield_convention street (compounds; simple interest once
    only the last payment is left), icma (always compounds) or us treasury (simple interest over what is
    left of the period)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day of the last payment
    :param coupon_rate: the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %
    :param clean_price: the price without accrued interest, per 100 of face value, above zero with it
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param day_count: the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360,
    …
    :param yield_convention: how the rest of the current period is discounted: street (compounds; simple
    interest once only the last payment is left), icma (always compounds) or us treasury (simple
    interest)
    :param redemption: what is paid back at maturity, per 100 of face value, above zero; 100 when left
    out
    :param issue: the day from which the first coupon accrues, on settlement or before it; the first
    period is regular when left out
    :param first_coupon: the day of the first coupon, a coupon date counted back from maturity; the
    first period is regular when left out
    """
    ...
def business_days_between(
    start: Column | date | None,
    end: Column | date | None,
    calendar: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The number of business days of a calendar (as in is_business_day) from a start, which counts, to an
    end, which does not; negative when the end is before the start

    :param start: the first date, which counts
    :param end: the last date, which does not count
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    """
    ...
def camt053_entries(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The entries of an ISO 20022 bank to customer statement (camt.053, all versions), as rows with their
    statement's references and an array of each entry's transactions; an account is its IBAN or its
    other identification; signed_amount is negative for a debit

    :param message: the whole message as XML text
    """
    ...
def card_is_valid(
    pan: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a payment card's number (ISO/IEC 7812): 12 to 19 digits, in groups or not, and
    their Luhn check digit; whether it was issued is not known from it

    :param pan: the card's number: 12 to 19 digits, in groups with one space or hyphen between them or
    not
    """
    ...
def card_scheme(
    pan: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The scheme of a payment card by the ranges of its number: american_express, diners_club, discover,
    jcb, maestro, mastercard, mir, troy, uatp, unionpay or visa; NULL when it is in none, an error when
    it is not a card's number

    :param pan: the card's number: 12 to 19 digits, in groups with one space or hyphen between them or
    not
    """
    ...
def convert_rate(
    rate: Column | float | None,
    from_compounding: Column | str | None,
    to_compounding: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual rate of another compounding (annual, semiannual, quarterly, monthly, weekly, daily,
    continuous) that gives the same growth

    :param rate: the annual rate as a fraction: 0.05 is 5 %
    :param from_compounding: how the rate compounds: annual, semiannual, quarterly, monthly, weekly
    (52), daily (365) or continuous
    :param to_compounding: how the result compounds, by the same names
    """
    ...
def country_is_valid(
    country: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is the two-letter code of a country (ISO 3166-1 alpha-2), in upper case

    :param country: the two letters, upper case
    """
    ...
def currency_is_valid(
    currency: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a code of ISO 4217 that is in force, in upper case: a currency, a fund, a metal or
    a unit of account

    :param currency: the ISO 4217 code of the currency, three upper case letters
    """
    ...
def currency_minor_units(
    currency: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The number of decimal places of a currency's amounts: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217)

    :param currency: the ISO 4217 code of the currency, three upper case letters
    """
    ...
def currency_numeric_code(
    currency: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The three digits of a currency's numeric code, with leading zeros (ISO 4217)

    :param currency: the ISO 4217 code of the currency, three upper case letters
    """
    ...
def cusip_check_digit(
    cusip: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The check digit of a CUSIP's first eight characters

    :param cusip: the first eight characters of the CUSIP: upper case letters, digits, and *, @ and #
    """
    ...
def cusip_is_valid(
    cusip: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a CUSIP or CINS number: its form and its check digit

    :param cusip: the CUSIP or CINS number: nine characters, upper case, without spaces
    """
    ...
def day_count_days(
    start: Column | date | None,
    end: Column | date | None,
    convention: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The days of a period as a day count convention (as in day_count_fraction) counts them

    :param start: the first day of the accrual, whose interest counts
    :param end: the day on which the accrual ends, whose interest does not count; on the start's day or
    after
    :param convention: the day count convention: Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360,
    Bus/252 and others, in any of the market's spellings
    """
    ...
def day_count_fraction(
    start: Column | date | None,
    end: Column | date | None,
    convention: Column | str | None,
    period_start: Column | date | None = ...,
    period_end: Column | date | None = ...,
    frequency: Column | int | None = ...,
    position: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The length of a period in years by a day count convention (Act/360, Act/365F, Act/Act ISDA, 30/360
    ISDA, 30E/360, Bus/252 and others) in any of the market's spellings

    :param start: the first day of the accrual, whose interest counts
    :param end: the day on which the accrual ends, whose interest does not count; on the start's day or
    after
    :param convention: the day count convention: Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360,
    Bus/252 and others, in any of the market's spellings
    :param period_start: the first day of the coupon period, on the start or before it
    :param period_end: the last day of the coupon period, on the end or after it
    :param frequency: coupons a year: 1, 2, 3, 4, 6 or 12
    :param position: where the period is in the bond's schedule: initial, regular or final; regular when
    left out
    """
    ...
def discount_factor(
    rate: Column | float | None,
    years: Column | float | None,
    compounding: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The discount factor: what one unit due in a number of years is worth now, at an annually compounded
    rate

    :param rate: the annual rate as a fraction: 0.05 is 5 %
    :param years: the time until the payment, in years
    :param compounding: how the rate compounds: simple, annual, semiannual, quarterly, monthly, weekly
    (52), daily (365) or continuous; annual when left out
    """
    ...
def double_metaphone(
    name: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The primary and the alternate code of a name's sound in English and other European languages, of at
    most four characters (Philips 2000); the two are the same for most names; transliterate other
    scripts before

    :param name: one name, in Latin letters
    """
    ...
def effective_rate(
    nominal_rate: Column | float | None,
    periods_per_year: Column | int | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The effective annual rate of a nominal annual rate that is compounded a number of times a year
    (Excel's EFFECT)

    :param nominal_rate: the annual rate, compounded periods_per_year times, as a fraction: 0.05 is 5 %
    :param periods_per_year: how often interest is paid in a year: 12 for monthly
    """
    ...
def ewma_volatility(
    period_return: Column | float | None,
    lambda_: Column | float | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The exponentially weighted volatility after the last of periodic returns, with a decay lambda (0.94
    in RiskMetrics for days), in the order of a time

    :param period_return: the return of one period as a fraction: 0.01 is 1 %
    :param lambda: the decay, between 0 and 1 and the same in all rows: RiskMetrics takes 0.94 for daily
    returns
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def expected_credit_loss(
    exposure: Column | Decimal | None,
    probability_of_default: Column | float | None,
    loss_given_default: Column | float | None,
    discount_factor: Column | float | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The loss expected of an exposure: exposure times probability of default times loss given default,
    rounded once, half up, to the exposure's scale

    :param exposure: the amount that is at risk; the result has its scale
    :param probability_of_default: the probability of default as a fraction from 0 to 1: 0.02 is 2 %
    :param loss_given_default: the share of the exposure that is lost in a default, from 0 to 1: 0.45 is
    45 %
    :param discount_factor: the present value of one unit at the time of the loss, above zero; 1 when
    left out
    """
    ...
def expected_shortfall(
    pnl: Column | float | None,
    confidence: Column | float | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The expected shortfall (CVaR) by historical simulation: the average loss, as a positive number, in
    the worst share of the given profits and losses that a confidence such as 0.975 leaves

    :param pnl: the profit, or the loss when negative, of a scenario
    :param confidence: the confidence, between 0 and 1 and the same in all rows: 0.99 leaves the worst 1
    %
    """
    ...
def fifo_pnl(
    price: Column | Decimal | None,
    quantity: Column | Decimal | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The open quantity, its cost (below zero for a short position) and the realised profit of trades that
    close the oldest lots first; quantities are above zero for purchases and below for sales, and a
    trade beyond zero opens the other side; exact, in the order of a time (of one time purchases are
    first)

    :param price: the price of one unit
    :param quantity: the quantity: above zero for a purchase or a long position, below for a sale or a
    short one
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def figi_check_digit(
    figi: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The check digit of a FIGI's first eleven characters

    :param figi: the first eleven characters of the FIGI, upper case
    """
    ...
def figi_is_valid(
    figi: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a FIGI: its form, without vowels, and its check digit

    :param figi: the FIGI: twelve characters, upper case, without spaces
    """
    ...
def fix_fields(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The fields of a FIX message in their order, as rows of tag and value, which multimap_from_entries
    makes a map of; separators are SOH, as on the wire, and then BodyLength and CheckSum must be right,
    or |, as in logs

    :param message: one message, separated by SOH (as on the wire) or | (as in logs)
    """
    ...
def from_basis_points(
    basis_points: Column | Decimal | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A number of basis points as a rate, which is a fraction: 125 is 0.0125

    :param basis_points: the basis points: 125 is 1.25 %
    """
    ...
def fv(
    rate: Column | float | None,
    nper: Column | float | None,
    pmt: Column | float | None,
    pv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """What equal payments at the end of each period grow to (Excel's FV, with its signs: money paid out is
    negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param nper: the number of payments, of zero and above
    :param pmt: the payment of each period; money paid out is negative, money received positive
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def fx_convert(
    amount: Column | Decimal | None,
    from_rate: Column | Decimal | None,
    to_rate: Column | Decimal | None,
    to_currency: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Converts an amount by a rate, in units of the target currency for one of the amount's, rounded once,
    half up, to the target's minor units

    :param amount: the amount, in units of its currency
    :param rate: units of to_currency for one of the amount's currency; above zero
    :param to_currency: the ISO 4217 code of the currency that is converted to, three upper case letters
    :param from_rate: units of the first currency for one of the common base: with ECB rates, units for
    a euro; above zero
    :param to_rate: units of the second currency for one of the common base: with ECB rates, units for a
    euro; above zero
    """
    ...
def fx_cross(
    from_rate: Column | Decimal | None,
    to_rate: Column | Decimal | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The rate between two currencies, in units of the second for one of the first, from their rates in
    units for one of a common base; rounded once, half up, to the larger of the rates' scales and at
    least 12 decimal places

    :param from_rate: units of the first currency for one of the common base: with ECB rates, units for
    a euro; above zero
    :param to_rate: units of the second currency for one of the common base: with ECB rates, units for a
    euro; above zero
    """
    ...
def haircut_value(
    value: Column | Decimal | None,
    haircut: Column | float | None,
    currency_haircut: Column | float | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The value of collateral after a haircut, rounded once, half up, to the value's scale

    :param value: the market value of the collateral; the result has its scale
    :param haircut: the haircut of the collateral, from 0 to 1: 0.15 is 15 %
    :param currency_haircut: the further haircut for collateral in another currency, from 0 to 1: 0.08
    is 8 %; 0 when left out
    """
    ...
def holidays(
    calendar: Column | str | None,
    year: Column | int | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The holidays of a calendar (as in is_business_day) in a year, without the days of its weekends

    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    :param year: the year, such as 2025
    """
    ...
def iban_account_number(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The account number in an IBAN, without national check digits that have a place of their own; an
    error when the IBAN is not valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_bank_code(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The bank identifier in an IBAN, where its country's structure has it; an error when the IBAN is not
    valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_branch_code(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The branch identifier in an IBAN, NULL where its country's structure has none; an error when the
    IBAN is not valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_check_digits(
    country: Column | str | None,
    bban: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The two check digits of an IBAN; an error when the IBAN is not valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    :param country: the two upper case letters of a country in the IBAN Registry
    :param bban: the basic bank account number: the IBAN without country and check digits, without
    spaces
    """
    ...
def iban_check_national(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is an IBAN whose national check digits are right too, in AL BA BE CZ EE ES FI FR HR
    HU IS IT MC ME MK MR NO PL PT RS SI SK SM TL TN XK; of other countries, whether it is an IBAN

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_country(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The ISO 3166 code of the country of an IBAN; an error when the IBAN is not valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_format(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The print format of an IBAN: a space after every fourth character; an error when the IBAN is not
    valid

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_is_valid(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is an IBAN (ISO 13616) in the electronic or the print format: its country's structure
    and its check digits

    :param iban: the IBAN, in the electronic format, or the print format with a space after every fourth
    character; upper case
    """
    ...
def iban_normalize(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The electronic format of an IBAN written in any grouping and case: without spaces, hyphens and the
    word IBAN before it, in upper case; an error when it is not valid then

    :param iban: the IBAN in any case and grouping, with spaces, hyphens and the word IBAN before it
    """
    ...
def implied_volatility(
    price: Column | float | None,
    option_type: Column | str | None,
    spot: Column | float | None,
    strike: Column | float | None,
    years: Column | float | None,
    rate: Column | float | None,
    dividend_yield: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual volatility, as a fraction (0.2 is 20 %), at which black_scholes_price gives an option's
    price; 0 when the price is what exercising at expiry is worth

    :param price: the option's price, from what exercising at expiry is worth to less than the bound of
    no arbitrage
    :param option_type: call or put, in any case
    :param spot: the price now of what the option is on, above zero
    :param strike: the price at which the option can be exercised, above zero
    :param years: the time to expiry in years, above zero
    :param rate: the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %
    :param dividend_yield: the annual dividend yield (for a currency, its own rate), continuously
    compounded, as a fraction: 0.02 is 2 %
    """
    ...
def ipmt(
    rate: Column | float | None,
    per: Column | int | None,
    nper: Column | float | None,
    pv: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The interest in the payment of period per, counted from 1, when equal payments at the end of each
    period repay a loan of pv (Excel's IPMT, with its signs: money paid out is negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param per: the number of the period, from 1 to nper
    :param nper: the number of payments, of zero and above
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def irb_capital(
    exposure: Column | Decimal | None,
    probability_of_default: Column | float | None,
    loss_given_default: Column | float | None,
    maturity: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The capital that Basel's internal ratings-based formula requires for an exposure to a corporate
    (CRE31.5), of a maturity of 1 to 5 years; input floors are not applied; rounded once, half up, to
    the exposure's scale

    :param exposure: the amount that is at risk; the result has its scale
    :param probability_of_default: the probability of default within a year as a fraction above 0, up to
    1: 0.02 is 2 %
    :param loss_given_default: the share of the exposure that is lost in a default, from 0 to 1: 0.45 is
    45 %
    :param maturity: the effective maturity in years, from 1 to 5
    """
    ...
def irr(
    amount: Column | float | None,
    period: Column | int | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The internal rate of return per period, as a fraction, of amounts by the number of the period: the
    rate at which they are worth nothing together (Excel's IRR); NULL when there is none

    :param amount: the amount; what is paid out is negative, what is received positive
    :param period: the number of the period in which the amount is due, 0 being now
    """
    ...
def is_business_day(
    date: Column | date | None,
    calendar: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a date is a business day of a calendar (EUTA, which is TARGET, USNY, GBLO, CHZU, JPTO and
    others), or of all of several joined with +

    :param date: the day to check
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    """
    ...
def is_imm_date(
    date: Column | date | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a date is an IMM date: the third Wednesday of March, June, September or December

    :param date: the day to check
    """
    ...
def isin_check_digit(
    isin: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The check digit of an ISIN's first eleven characters (ISO/IEC 7812-1 double-add-double)

    :param isin: the first eleven characters of the ISIN, upper case
    """
    ...
def isin_country(
    isin: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The prefix of an ISIN: the ISO 3166 code of the issuer's country, or one that stands for none, such
    as XS; an error when the ISIN is not valid

    :param isin: the ISIN: twelve characters, upper case, without spaces
    """
    ...
def isin_from_cusip(
    cusip: Column | str | None,
    country: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The ISIN of a security of the United States by its CUSIP; an error when the CUSIP is not valid

    :param cusip: the CUSIP or CINS number: nine characters, upper case
    :param country: the ISO 3166 code of the issuer's country, upper case; US when left out
    """
    ...
def isin_from_sedol(
    sedol: Column | str | None,
    country: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The ISIN of a security of the United Kingdom by its SEDOL; an error when the SEDOL is not valid

    :param sedol: the SEDOL: seven characters, upper case
    :param country: the ISO 3166 code of the country that allots the ISIN, upper case, such as GB, IE or
    GG; GB when left out
    """
    ...
def isin_is_valid(
    isin: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is an ISIN (ISO 6166): its prefix, its form and its check digit

    :param isin: the ISIN: twelve characters, upper case, without spaces
    """
    ...
def jaro_winkler(
    left: Column | str | None,
    right: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The Jaro-Winkler similarity of two texts, from 0 (nothing in common) to 1 (the same); upper and
    lower case differ

    :param left: one text
    :param right: the other text
    """
    ...
def lei_check_digits(
    lei: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The two check digits of an LEI's first eighteen characters (ISO/IEC 7064 MOD 97-10)

    :param lei: the first eighteen characters of the LEI: upper case letters and digits
    """
    ...
def lei_is_valid(
    lei: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is an LEI (ISO 17442): its form and its check digits

    :param lei: the LEI: twenty characters, upper case, without spaces
    """
    ...
def lifo_pnl(
    price: Column | Decimal | None,
    quantity: Column | Decimal | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The open quantity, its cost (below zero for a short position) and the realised profit of trades that
    close the newest lots first; quantities are above zero for purchases and below for sales, and a
    trade beyond zero opens the other side; exact, in the order of a time (of one time purchases are
    first)

    :param price: the price of one unit
    :param quantity: the quantity: above zero for a purchase or a long position, below for a sale or a
    short one
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def luhn_check_digit(
    number: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The Luhn check digit (ISO/IEC 7812-1) of digits

    :param number: the digits before the check digit
    """
    ...
def luhn_is_valid(
    number: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is two or more digits of which the last is the Luhn check digit (ISO/IEC 7812-1) of
    the others

    :param number: the digits, of which the last is the check digit
    """
    ...
def margin_requirement(
    quantity: Column | Decimal | None,
    price: Column | Decimal | None,
    long_rate: Column | float | None,
    short_rate: Column | float | None,
    short_minimum: Column | Decimal | None,
    low_price: Column | Decimal | None,
    low_price_rate: Column | float | None,
    low_price_minimum: Column | Decimal | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The margin that a position in shares requires (Regulation T, FINRA 4210): long, a rate of its value;
    short, the greater of a rate of its value and a minimum a share, with another rate and minimum under
    a low price; rounded once, half up, to cents

    :param quantity: the shares held, below zero for a short position
    :param price: the price of a share, zero and above
    :param long_rate: the margin of a long position as a fraction of its value: 0.25 is FINRA's 25 %
    :param short_rate: the margin of a short position as a fraction of its value: 0.3 is FINRA's 30 %
    :param short_minimum: the least margin of a short share, as an amount: FINRA's is 5.00
    :param low_price: the price below which the low-price rate and minimum hold for short positions:
    FINRA's is 5.00
    :param low_price_rate: the margin of a short position under the low price as a fraction of its
    value: 1 is FINRA's 100 %
    :param low_price_minimum: the least margin of a short share under the low price, as an amount:
    FINRA's is 2.50
    """
    ...
def mask_email(
    email: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A mail address of which only the first character and the domain are shown; what is no mail address
    is hidden whole

    :param email: the mail address
    """
    ...
def mask_iban(
    iban: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """An IBAN of which only the first four and the last four characters are shown

    :param iban: the account number, with or without spaces and hyphens; what has not the form of one is
    hidden whole
    """
    ...
def mask_inner(
    text: Column | str | None,
    first: Column | int | None,
    last: Column | int | None,
    mask: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A text of which only so many characters at its beginning and end are shown, and an X for each of the
    others; a text that is no longer than both together is shown whole, as by MySQL's function of this
    name

    :param text: the text, of which characters are counted as Unicode code points
    :param first: characters at the beginning, zero and above
    :param last: characters at the end, zero and above
    :param mask: the one character that stands for each that is hidden; X when left out
    """
    ...
def mask_outer(
    text: Column | str | None,
    first: Column | int | None,
    last: Column | int | None,
    mask: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A text with an X for each of so many characters at its beginning and end, and the others shown; a
    text that is no longer than both together is hidden whole, as by MySQL's function of this name

    :param text: the text, of which characters are counted as Unicode code points
    :param first: characters at the beginning, zero and above
    :param last: characters at the end, zero and above
    :param mask: the one character that stands for each that is hidden; X when left out
    """
    ...
def mask_pan(
    pan: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A payment card's number of which only the first six and the last four digits are shown, as PCI DSS
    allows at most

    :param pan: the card's number of 13 to 19 digits, with or without spaces and hyphens; all else is
    hidden whole
    """
    ...
def max_drawdown(
    value: Column | float | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The greatest fall of a value from an earlier peak, as a fraction of the peak (0.25 is 25 %), in the
    order of a time

    :param value: the value or price at the time, zero and above
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def mirr(
    amount: Column | float | None,
    period: Column | int | None,
    finance_rate: Column | float | None,
    reinvest_rate: Column | float | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The modified internal rate of return per period, as a fraction, of amounts by the number of the
    period, by a rate that payments are financed at and one that receipts are reinvested at (Excel's
    MIRR); NULL when nothing is paid or nothing received

    :param amount: the amount; what is paid out is negative, what is received positive
    :param period: the number of the period in which the amount is due, 0 being now
    :param finance_rate: the rate per period at which payments are financed, as a fraction above -1:
    0.05 is 5 %
    :param reinvest_rate: the rate per period at which receipts are reinvested, as a fraction above -1:
    0.05 is 5 %
    """
    ...
def money_format(
    amount: Column | Decimal | None,
    currency: Column | str | None,
    locale: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """An amount and its currency's code as a locale writes them (en, en-IN, de, de-CH, fr, it, es, nl, pl
    and others, with CLDR's separators): the minor units always, and further decimal places where they
    are not zero; never rounded

    :param amount: the amount, in units of its currency
    :param currency: the ISO 4217 code of the currency, three upper case letters
    :param locale: the language of the notation, or language and country: en, en-IN, de, de-CH, fr, …
    """
    ...
def money_parse(
    text: Column | str | None,
    locale: Column | str | None,
    currency: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The amount that a text holds, in a locale's notation (as in money_format): a number with full groups
    of digits or none, a sign before or after it or parentheses for minus, and perhaps a currency's
    code; exact, up to 10 decimal places

    :param text: the text that holds the amount, of up to 200 characters
    :param locale: the language of the notation, or language and country: en, en-IN, de, de-CH, fr, …
    :param currency: the ISO 4217 code of the currency that is expected, three upper case letters; any
    when left out
    """
    ...
def mt103_payment(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The payment of a SWIFT MT103, as a row in the standard's terms; a party is a row of account, BIC,
    name (the first line) and address, an institution has a clearing_code too; what the message does not
    hold is NULL

    :param message: the whole message as text
    """
    ...
def mt202_payment(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The transfer of a SWIFT MT202 or MT202 COV, as a row in the standard's terms, parties as in
    mt103_payment; of a cover payment also the underlying customers and their remittance information

    :param message: the whole message as text
    """
    ...
def mt940_transactions(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The transactions of MT940 statements (also MT942 and MT950), with SWIFT's headers or as banks export
    them without, as rows with their statement's references; signed_amount is negative for a debit and a
    reversed credit; a year above 79 is of the last century

    :param message: one or more statements as text, with SWIFT's blocks or without
    """
    ...
def mt_fields(
    message: Column | str | None,
    block: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The fields of a SWIFT MT message's text block (4) in their order, as rows of tag and value, whose
    lines are joined by line feeds; multimap_from_entries makes a map of them

    :param message: the whole message as text
    :param block: the block whose fields are given: 3, the user header, or 4, the text; 4 when left out
    """
    ...
def mt_type(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The three digits of a SWIFT MT message's type, from its application header (2)

    :param message: the whole message as text
    """
    ...
def nacha_entries(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The entries of an ACH file in Nacha's format (every class but ADV), as rows with what their batch
    says and an array of each entry's addenda; amounts are in dollars; the control totals, hashes and
    counts of the file must be right

    :param message: the whole file as text, of records of 94 characters
    """
    ...
def name_similarity(
    left: Column | str | None,
    right: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The similarity of two names, from 0 to 1, whatever the order of their words, their script, case and
    punctuation: words are transliterated and paired so that the Jaro-Winkler similarities, weighted by
    the words' lengths, sum to the most; words left over count as unlike

    :param left: one name, of up to 64 words, in any script, case and order
    :param right: the other name
    """
    ...
def net_exposure(
    price: Column | Decimal | None,
    quantity: Column | Decimal | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The sum of price times quantity, quantities below zero counting against those above: the exposure
    that is left after netting, exact

    :param price: the price of one unit
    :param quantity: the quantity: above zero for a purchase or a long position, below for a sale or a
    short one
    """
    ...
def next_imm_date(
    date: Column | date | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The first IMM date after a date: the third Wednesday of March, June, September or December

    :param date: the day after which the IMM date is
    """
    ...
def nominal_rate(
    effective_rate: Column | float | None,
    periods_per_year: Column | int | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The nominal annual rate, compounded a number of times a year, of an effective annual rate (Excel's
    NOMINAL)

    :param effective_rate: the annual rate, compounded once a year, as a fraction: 0.05 is 5 %
    :param periods_per_year: how often interest is paid in a year: 12 for monthly
    """
    ...
def nper(
    rate: Column | float | None,
    pmt: Column | float | None,
    pv: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The number of periods in which equal payments at the end of each repay a loan of pv (Excel's NPER,
    with its signs: money paid out is negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param pmt: the payment of each period; money paid out is negative, money received positive
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def npv(
    rate: Column | float | None,
    amount: Column | float | None,
    period: Column | int | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The net present value of amounts by the number of the period, 0 being now (Excel's NPV, whose first
    amount is of period 1); one rate per period for all rows; NULL when it is too large

    :param rate: the rate per period as a fraction, above -1 and the same in all rows: 0.05 is 5 %
    :param amount: the amount; what is paid out is negative, what is received positive
    :param period: the number of the period in which the amount is due, 0 being now
    """
    ...
def pacs008_payments(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The payments of an ISO 20022 FI to FI customer credit transfer (pacs.008, all versions), as rows
    that repeat what the group header says for all; exchange_rate is to the interbank settlement amount

    :param message: the whole message as XML text
    """
    ...
def pain001_payments(
    message: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The payments of an ISO 20022 customer credit transfer initiation (pain.001, all versions), as rows
    that repeat what their payment information says for all; amount is the instructed one, or the
    equivalent one with another currency_of_transfer

    :param message: the whole message as XML text
    """
    ...
def pmt(
    rate: Column | float | None,
    nper: Column | float | None,
    pv: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The equal payment at the end of each period that repays a loan of pv (Excel's PMT, with its signs:
    money paid out is negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param nper: the number of payments, of zero and above
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def ppmt(
    rate: Column | float | None,
    per: Column | int | None,
    nper: Column | float | None,
    pv: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The principal in the payment of period per, counted from 1, when equal payments at the end of each
    period repay a loan of pv (Excel's PPMT, with its signs: money paid out is negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param per: the number of the period, from 1 to nper
    :param nper: the number of payments, of zero and above
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def pv(
    rate: Column | float | None,
    nper: Column | float | None,
    pmt: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """What equal payments at the end of each period are worth now (Excel's PV, with its signs: money paid
    out is negative)

    :param rate: the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the
    annual one over 12
    :param nper: the number of payments, of zero and above
    :param pmt: the payment of each period; money paid out is negative, money received positive
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def rate(
    nper: Column | float | None,
    pmt: Column | float | None,
    pv: Column | float | None,
    fv: Column | float | None = ...,
    type: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The rate of a period, the one nearest to 10 %, at which equal payments at the end of each period
    repay a loan of pv (Excel's RATE, with its signs: money paid out is negative)

    :param nper: the number of payments, above zero
    :param pmt: the payment of each period; money paid out is negative, money received positive
    :param pv: the amount now; money paid out is negative, money received positive; of fv, 0 when left
    out
    :param fv: the amount after the last payment; money paid out is negative, money received positive; 0
    when left out
    :param type: 0 for payments at the end of each period, 1 for payments at its start; 0 when left out
    """
    ...
def rf_reference_create(
    reference: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The structured creditor reference (ISO 11649) of an invoice's or customer's reference, in the
    electronic format; letters become upper case

    :param reference: the creditor's own reference: 1 to 21 letters and digits, without spaces, in any
    case
    """
    ...
def rf_reference_is_valid(
    reference: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a structured creditor reference (ISO 11649) in the electronic or the print format:
    its form and its check digits

    :param reference: the structured creditor reference, from RF on; upper case, with a space after
    every fourth character or none
    """
    ...
def round_half_even(
    value: Column | Decimal | None,
    places: Column | int | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Rounds a decimal to a whole number, half to even (bankers' rounding); the type keeps its scale

    :param value: the number to round
    :param places: the decimal places that are kept; -2 rounds to hundreds, and 0 is taken when left out
    """
    ...
def round_money(
    amount: Column | Decimal | None,
    currency: Column | str | None,
    mode: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Rounds an amount to the minor units of its currency, half to even

    :param amount: the amount, in units of its currency
    :param currency: the ISO 4217 code of the currency, three upper case letters
    :param mode: how to round: half_even, half_up, half_down, up, down, ceiling or floor, in any case;
    half_even when left out
    """
    ...
def schedule_dates(
    start: Column | date | None,
    end: Column | date | None,
    frequency: Column | str | None,
    convention: Column | str | None = ...,
    calendar: Column | str | None = ...,
    stub: Column | str | None = ...,
    roll: Column | str | None = ...,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The dates from a start to an end by a frequency (3M, 1Y, 2W, quarterly, semiannual and others),
    counted back from the end with a short first period where one is left; not adjusted to business days

    :param start: the first date of the schedule
    :param end: the last date of the schedule, after the first
    :param frequency: the length of a period: a number of D, W, M or Y such as 3M, or daily, weekly,
    monthly, bimonthly, quarterly, semiannual, annual or term
    :param convention: how dates move to business days, as in adjust_business_day; none when left out
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    :param stub: where a period of another length goes: none, short initial, long initial, smart
    initial, short final, long final or smart final; short initial when left out
    :param roll: the day that dates fall on: none, EOM, IMM, IMMAUD, IMMNZD, SFE, 1 to 31 or MON to SUN;
    none when left out
    """
    ...
def screen_name(
    name: Column | str | None,
    names: Column | list[Any] | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The best match of a name in an array of names: the name, its position from 1, the score by
    name_similarity, and the pairs of words that made it; of equal scores the first; NULL when the array
    has no name

    :param name: the name to screen, of up to 64 words
    :param names: the names to compare it with, such as those of a sanctions list; NULL is left out
    """
    ...
def sedol_check_digit(
    sedol: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The check digit of a SEDOL's first six characters

    :param sedol: the first six characters of the SEDOL: six digits, or a consonant and five digits or
    consonants, upper case
    """
    ...
def sedol_is_valid(
    sedol: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a SEDOL: its form, without vowels, and its check digit

    :param sedol: the SEDOL: seven characters, upper case, without spaces
    """
    ...
def settlement_date(
    trade_date: Column | date | None,
    days: Column | int | None,
    calendar: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The date a number of business days of a calendar (as in is_business_day) after a trade; a trade on
    another day counts as made on the next business day

    :param trade_date: the date of the trade
    :param days: business days from trade to settlement, of zero and above: 1 is T+1
    :param calendar: the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both
    are, and up to 8 can be joined so
    """
    ...
def sort_code_is_valid(
    sort_code: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text has the form of a sort code of the United Kingdom or Ireland: six digits, or three
    pairs with hyphens or spaces between them

    :param sort_code: the sort code: 601613, 60-16-13 or 60 16 13
    """
    ...
def tbill_price(
    settlement: Column | date | None,
    maturity: Column | date | None,
    discount_rate: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The price of a treasury bill, per 100 of face value, at an annual bank discount rate over the actual
    days and a year of 360 (Excel's TBILLPRICE)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day on which the bill is repaid at 100, at most a year after settlement
    :param discount_rate: the annual bank discount rate as a fraction of face value, over a year of 360
    days: 0.05 is 5 %; leaves a price above zero
    """
    ...
def tbill_yield(
    settlement: Column | date | None,
    maturity: Column | date | None,
    price: Column | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """The annual yield of a treasury bill at a price per 100 of face value: simple interest over the
    actual days and a year of 360 (Excel's TBILLYIELD)

    :param settlement: the day on which the bond is paid and delivered, before maturity
    :param maturity: the day on which the bill is repaid at 100, at most a year after settlement
    :param price: the price per 100 of face value, above zero
    """
    ...
def to_basis_points(
    rate: Column | Decimal | float | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A rate, which is a fraction, in basis points: 0.0125 is 125

    :param rate: the rate as a fraction: 0.0125 is 1.25 %
    """
    ...
def transliterate(
    text: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """A text in ASCII: letters of every script by their sounds, without diacritics (AnyAscii's tables)

    :param text: the text, in any script
    """
    ...
def twap(
    price: Column | Decimal | None,
    time: Column | datetime | None,
    sequence: Column | int | None = ...,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The time-weighted average price: each price weighs as long as it holds, until the next one, and the
    last only ends the one before; exact and rounded once, half up, to the prices' scale, in the order
    of a time (of one time the highest price holds)

    :param price: the price of one unit
    :param time: the time that orders the rows, whatever order they come in; a date is taken too
    :param sequence: the number that orders the rows of one time
    """
    ...
def uetr_is_valid(
    uetr: Column | str | None,
    /,
    *,
    on_error: Literal["raise", "null"] = "raise",
) -> pa.Array | pa.ChunkedArray | pa.Scalar:
    """Whether a text is a UETR: a version 4 UUID in lower case with hyphens

    :param uetr: the reference: 32 lower case hexadecimal digits with hyphens as 8-4-4-4-12
    """
    ...
def value_at_risk(
    pnl: Column | float | None,
    confidence: Column | float | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The value at risk by historical simulation: the loss, as a positive number, that the given profits
    and losses exceed with no more than the probability that a confidence such as 0.99 leaves; no
    interpolation

    :param pnl: the profit, or the loss when negative, of a scenario
    :param confidence: the confidence, between 0 and 1 and the same in all rows: 0.99 leaves the worst 1
    %
    """
    ...
def vwap(
    price: Column | Decimal | None,
    quantity: Column | Decimal | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The volume-weighted average price, exact and rounded once, half up, to the prices' scale

    :param price: the price of one unit
    :param quantity: the quantity traded, zero and above, of sales too
    """
    ...
def xirr(
    amount: Column | float | None,
    date: Column | date | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The annual internal rate of return of dated cash flows, as a fraction (0.05 is 5 %): the rate at
    which they are worth nothing together (Excel's XIRR, 365 days a year); money paid out is negative,
    money received positive; NULL when there is none

    :param amount: the amount; what is paid out is negative, what is received positive
    :param date: the day of the amount
    """
    ...
def xnpv(
    rate: Column | float | None,
    amount: Column | float | None,
    date: Column | date | None,
    /,
    *,
    group_by: Any = None,
) -> pa.Scalar | pa.Table:
    """The net present value of dated cash flows at the earliest of their dates (Excel's XNPV, 365 days a
    year); one annual rate for all rows; NULL when it is too large

    :param rate: the annual rate as a fraction, above -1 and the same in all rows: 0.05 is 5 %
    :param amount: the amount; what is paid out is negative, what is received positive
    :param date: the day of the amount
    """
    ...
