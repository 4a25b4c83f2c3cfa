/**
 * Bonds of fixed coupons and treasury bills, per 100 of face value.
 */
@Argument(name = "settlement", meaning = "the day on which the bond is paid and delivered, before maturity")
@Argument(name = "maturity", meaning = "the day of the last payment")
@Argument(name = "coupon_rate", meaning = "the coupons of a year as a fraction of face value, zero and above: 0.05 is 5 %")
@Argument(name = "frequency", meaning = "coupons a year: 1, 2, 3, 4, 6 or 12")
@Argument(name = "day_count", meaning = "the day count convention, as in day_count_fraction: 30/360, Act/Act ICMA, Act/360, …")
@Argument(name = "yield", meaning = "the annual yield, compounded with the coupons, as a fraction: 0.05 is 5 %")
@Argument(name = "yield_convention", meaning = "how the rest of the current period is discounted: street (compounds; simple interest once only the last payment is left), icma (always compounds) or us treasury (simple interest)")
@Argument(name = "redemption", meaning = "what is paid back at maturity, per 100 of face value, above zero; 100 when left out")
@Argument(name = "issue", meaning = "the day from which the first coupon accrues, on settlement or before it; the first period is regular when left out")
@Argument(name = "first_coupon", meaning = "the day of the first coupon, a coupon date counted back from maturity; the first period is regular when left out")
@Errors(
        invalidArgument = "a date is out of order, first_coupon is not a coupon date, the first period is longer than 36,525 days, more than 10,000 coupons are left, a convention or the frequency is not known, or a number is not as accepted",
        outOfRange = "the result is too large for a double")
package io.nostro.functions.bonds;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
