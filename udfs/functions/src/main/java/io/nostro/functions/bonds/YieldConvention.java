package io.nostro.functions.bonds;

import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * How a yield discounts over the part of a coupon period that is left at settlement. Over whole periods every convention
 * compounds once a period.
 */
enum YieldConvention
{
    /**
     * Compounds over the part too, but bears simple interest once only the payment at maturity is left.
     */
    STREET,
    /**
     * Compounds over the part too, to the end.
     */
    ICMA,
    /**
     * Simple interest over the part: 31 CFR Part 356, Appendix B.
     */
    US_TREASURY;

    static final TextLookup<YieldConvention> BY_NAME = new TextLookup<>(YieldConvention::resolve);

    boolean isSimpleOverPart(boolean finalPeriod)
    {
        return this == US_TREASURY || (this == STREET && finalPeriod);
    }

    private static YieldConvention resolve(String name)
    {
        return switch (NameCase.lowerCase(name.trim()).replace('_', ' ')) {
            case "street" -> STREET;
            case "icma", "isma" -> ICMA;
            case "us treasury" -> US_TREASURY;
            default -> throw invalidArgument(
                    "not a yield convention: '%s'; accepted are street, icma and us treasury",
                    name.length() > 60 ? name.substring(0, 60) + "…" : name);
        };
    }
}
