package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.trino.spi.type.Type;

import java.util.List;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * The type of an Arrow column, and the Trino type whose values it holds.
 * <p>
 * A type is written as in Arrow's C data interface, with its children within parentheses:
 * <ul>
 * <li>{@code n} (NULL only; a boolean to Trino, whose SPI has no type of NULL), {@code b}, {@code c}, {@code s}, {@code i},
 * {@code l}, {@code C}, {@code S}, {@code I}, {@code L}, {@code e}, {@code f}, {@code g}
 * <li>{@code u}, {@code U}, {@code vu} (varchar), {@code z}, {@code Z}, {@code vz}, {@code w:<bytes>} (varbinary)
 * <li>{@code d:<precision>,<scale>}, {@code d:<precision>,<scale>,<bits>} (decimal; 32, 64, 128 or 256 bits, but at most 38 digits)
 * <li>{@code tdD}, {@code tdm} (date), {@code tts}, {@code ttm}, {@code ttu}, {@code ttn} (time)
 * <li>{@code tss:}, {@code tsm:}, {@code tsu:}, {@code tsn:} (timestamp, or timestamp with time zone when a zone follows)
 * <li>{@code +l(<child>)}, {@code +L(<child>)}, {@code +w:<size>(<child>)} (array)
 * <li>{@code +s("name":<child>,...)} (row; names are JSON strings, an empty one is a field without name)
 * <li>{@code +m("key":<child>,"value":<child>)} (map)
 * <li>{@code dict(<integer>,<child>)}, a column of indices into its child's rows, which has the child's Trino type
 * </ul>
 * Types are equal when they are written alike.
 *
 * @see <a href="https://arrow.apache.org/docs/format/CDataInterface.html">The Arrow C data interface</a>
 */
public final class ArrowType
{
    private final String format;
    private final ArrowLayout layout;
    private final Type trinoType;
    private final List<String> names;
    private final List<ArrowType> children;

    /**
     * @param names the children's, as errors have them
     */
    ArrowType(String format, ArrowLayout layout, Type trinoType, List<String> names, List<ArrowType> children)
    {
        this.format = requireNonNull(format, "format is null");
        this.layout = requireNonNull(layout, "layout is null");
        this.trinoType = requireNonNull(trinoType, "trinoType is null");
        this.names = ImmutableList.copyOf(names);
        this.children = ImmutableList.copyOf(children);
        checkArgument(names.size() == children.size(), "%s names of %s children", names.size(), children.size());
    }

    /**
     * The type that a format stands for.
     *
     * @throws IllegalArgumentException when the format is not one of the above, or Trino has no such type
     */
    public static ArrowType parse(String format)
    {
        return new ArrowFormatParser(format).parse();
    }

    /**
     * The type of the blocks that the column is read into.
     */
    public Type trinoType()
    {
        return trinoType;
    }

    /**
     * Whether all values are NULL, and are of no type.
     */
    public boolean isNull()
    {
        return layout instanceof ArrowLayout.Nulls;
    }

    /**
     * Whether it is a list of nothing but NULL, as an empty one may be.
     */
    public boolean isListOfNull()
    {
        return (layout instanceof ArrowLayout.Lists || layout instanceof ArrowLayout.FixedSizeLists) && children.getFirst().isNull();
    }

    ArrowLayout layout()
    {
        return layout;
    }

    List<String> names()
    {
        return names;
    }

    /**
     * As Arrow has them: a map's only child is the struct of its entries, a dictionary-encoded column's the dictionary.
     */
    List<ArrowType> children()
    {
        return children;
    }

    @Override
    public boolean equals(Object other)
    {
        return other instanceof ArrowType type && format.equals(type.format);
    }

    @Override
    public int hashCode()
    {
        return format.hashCode();
    }

    /**
     * The format that this was parsed of.
     */
    @Override
    public String toString()
    {
        return format;
    }
}
