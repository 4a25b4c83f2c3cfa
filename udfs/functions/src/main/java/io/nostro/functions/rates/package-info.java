/**
 * Interest, loans, and the worth and return of cash flows.
 */
@Argument(name = "rate", meaning = "the rate per period as a fraction, above -1: 0.05 is 5 %, and a monthly rate is the annual one over 12")
@Argument(name = "annual_rate", meaning = "the rate per year as a fraction: 0.05 is 5 %")
@Argument(name = "start", meaning = "the first day of the accrual, whose interest counts")
@Argument(name = "end", meaning = "the day on which the accrual ends, whose interest does not count; on the start's day or after")
@Argument(name = "convention", meaning = "the day count convention: Act/360, Act/365F, Act/Act ISDA, 30/360 ISDA, 30E/360, Bus/252 and others, in any of the market's spellings")
@Argument(name = "amount", meaning = "the amount; what is paid out is negative, what is received positive")
@Argument(name = "amounts", meaning = "the amounts; what is paid out is negative, what is received positive; NULL is left out")
@Argument(name = "date", meaning = "the day of the amount")
@Argument(name = "dates", meaning = "the days of the amounts, in the same order and number")
@Argument(name = "period", meaning = "the number of the period in which the amount is due, 0 being now")
@Argument(name = "finance_rate", meaning = "the rate per period at which payments are financed, as a fraction above -1: 0.05 is 5 %")
@Argument(name = "reinvest_rate", meaning = "the rate per period at which receipts are reinvested, as a fraction above -1: 0.05 is 5 %")
@Argument(name = "periods_per_year", meaning = "how often interest is paid in a year: 12 for monthly")
package io.nostro.functions.rates;

import io.nostro.functions.Argument;
