/**
 * Average prices and positions made of trades.
 */
@Argument(name = "price", meaning = "the price of one unit")
@Argument(name = "quantity", meaning = "the quantity: above zero for a purchase or a long position, below for a sale or a short one")
@Argument(name = "time", meaning = "the time that orders the rows, whatever order they come in; a date is taken too")
@Argument(name = "sequence", meaning = "the number that orders the rows of one time")
@Errors(
        invalidArgument = "a group has more than 10,000,000 rows",
        outOfRange = "a result has more than 38 digits")
package io.nostro.functions.positions;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
