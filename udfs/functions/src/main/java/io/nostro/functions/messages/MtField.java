package io.nostro.functions.messages;

import java.util.List;

import static java.util.Objects.requireNonNull;

/**
 * A field of an MT message.
 *
 * @param tag what identifies it, as 32A
 * @param value its lines, joined by line feeds
 * @param offset where the value starts in the message's text
 */
record MtField(String tag, String value, int offset)
{
    MtField
    {
        requireNonNull(tag, "tag is null");
        requireNonNull(value, "value is null");
    }

    /**
     * How an error names the field.
     */
    String name()
    {
        return "field " + tag;
    }

    List<String> lines()
    {
        return List.of(value.split("\n", -1));
    }

    /**
     * Whether the tag is this number, with a letter of option or without.
     */
    boolean hasNumber(String number)
    {
        return tag.startsWith(number) && tag.length() <= number.length() + 1;
    }

    /**
     * The letter of option, or a space.
     */
    char option()
    {
        return tag.length() == 3 ? tag.charAt(2) : ' ';
    }
}
