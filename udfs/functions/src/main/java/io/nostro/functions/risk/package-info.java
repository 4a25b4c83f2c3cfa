/**
 * Market risk, credit risk and margin.
 */
@Argument(name = "time", meaning = "the time that orders the rows, whatever order they come in; a date is taken too")
@Argument(name = "sequence", meaning = "the number that orders the rows of one time")
@Argument(name = "pnl", meaning = "the profit, or the loss when negative, of a scenario")
@Argument(name = "exposure", meaning = "the amount that is at risk; the result has its scale")
@Argument(name = "probability_of_default", meaning = "the probability of default as a fraction from 0 to 1: 0.02 is 2 %")
@Argument(name = "loss_given_default", meaning = "the share of the exposure that is lost in a default, from 0 to 1: 0.45 is 45 %")
package io.nostro.functions.risk;

import io.nostro.functions.Argument;
