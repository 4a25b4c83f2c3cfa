/**
 * Business days, IMM dates and periodic schedules.
 */
@Source("OpenGamma Strata's holiday calendars, which have ISDA's codes (EUTA, USNY, GBLO, …)")
@Argument(name = "start", meaning = "the first date")
@Argument(name = "end", meaning = "the last date")
@Argument(name = "calendar", meaning = "the name of a calendar, as EUTA (TARGET), USNY or GBLO; EUTA+USNY is open when both are, and up to 8 can be joined so")
@Errors(
        invalidArgument = "the calendar is not known, or more than 8 are joined",
        outOfRange = "a date, or the result, is outside the years that the calendar covers")
package io.nostro.functions.calendar;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Source;
