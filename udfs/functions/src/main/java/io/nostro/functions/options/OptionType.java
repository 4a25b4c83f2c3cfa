package io.nostro.functions.options;

import io.nostro.functions.NameCase;
import io.nostro.functions.TextLookup;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * The right to buy or the right to sell.
 *
 * @param sign 1 for a call, -1 for a put
 */
record OptionType(int sign)
{
    static final TextLookup<OptionType> BY_NAME = new TextLookup<>(OptionType::resolve);

    private static OptionType resolve(String name)
    {
        return switch (NameCase.lowerCase(name.trim())) {
            case "call", "c" -> new OptionType(1);
            case "put", "p" -> new OptionType(-1);
            default -> throw invalidArgument("not an option type: '%s'; accepted are call and put", name.length() > 60 ? name.substring(0, 60) + "…" : name);
        };
    }
}
