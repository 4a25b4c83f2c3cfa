/**
 * Amounts, currencies and rates of exchange.
 */
@Argument(name = "currency", meaning = "the ISO 4217 code of the currency, three upper case letters")
@Argument(name = "to_currency", meaning = "the ISO 4217 code of the currency that is converted to, three upper case letters")
@Argument(name = "amount", meaning = "the amount, in units of its currency")
package io.nostro.functions.money;

import io.nostro.functions.Argument;
