package io.nostro.functions.calendar;

import com.google.common.collect.ImmutableSortedSet;
import com.opengamma.strata.basics.date.BusinessDayConvention;
import com.opengamma.strata.collect.named.ExtendedEnum;
import io.nostro.functions.TextLookup;

import java.util.Optional;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;
import static java.lang.String.CASE_INSENSITIVE_ORDER;

/**
 * Strata's conventions for dates that are no business days, by the market's spellings, in any case.
 */
final class BusinessDayConventions
{
    private static final int LONGEST_NAME = 100;

    private static final ExtendedEnum<BusinessDayConvention> CONVENTIONS = readingConfiguration(BusinessDayConvention::extendedEnum);
    static final TextLookup<BusinessDayConvention> BY_NAME = new TextLookup<>(BusinessDayConventions::resolve);

    private BusinessDayConventions() {}

    private static BusinessDayConvention resolve(String name)
    {
        // the spellings are regular expressions, which a long text keeps busy
        return (name.length() > LONGEST_NAME ? Optional.<BusinessDayConvention>empty() : CONVENTIONS.findLenient(name.trim()))
                .orElseThrow(() -> invalidArgument(
                        "not a business day convention: '%s'; accepted are %s, and the market's other spellings of them",
                        name.length() > 60 ? name.substring(0, 60) + "…" : name,
                        String.join(", ", ImmutableSortedSet.copyOf(CASE_INSENSITIVE_ORDER, CONVENTIONS.lookupAllNormalized().keySet()))));
    }
}
