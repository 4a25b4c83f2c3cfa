/**
 * European options: prices, greeks and implied volatility.
 */
@Argument(name = "option_type", meaning = "call or put, in any case")
@Argument(name = "spot", meaning = "the price now of what the option is on, above zero")
@Argument(name = "forward", meaning = "the forward price, for the expiry, of what the option is on")
@Argument(name = "strike", meaning = "the price at which the option can be exercised")
@Argument(name = "years", meaning = "the time to expiry in years, zero and above")
@Argument(name = "rate", meaning = "the annual risk-free rate, continuously compounded, as a fraction: 0.05 is 5 %")
@Argument(name = "dividend_yield", meaning = "the annual dividend yield (for a currency, its own rate), continuously compounded, as a fraction: 0.02 is 2 %")
@Argument(name = "volatility", meaning = "the annual volatility as a fraction, zero and above: 0.2 is 20 %")
@Errors(
        invalidArgument = "the option type is neither call nor put, or a number is not as accepted",
        outOfRange = "the result is not finite")
package io.nostro.functions.options;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
