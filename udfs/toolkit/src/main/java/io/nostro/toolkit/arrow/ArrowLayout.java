package io.nostro.toolkit.arrow;

import com.google.common.collect.ImmutableList;
import io.trino.spi.type.TimeZoneKey;

import java.util.List;
import java.util.Optional;

/**
 * How the values of a column lie in its buffers, apart from those of its children.
 *
 * @see <a href="https://arrow.apache.org/docs/format/Columnar.html">Arrow Columnar Format</a>
 */
sealed interface ArrowLayout
{
    /**
     * What the buffers hold, in their order, without those that a column of views has beyond these.
     */
    List<String> buffers();

    record Nulls()
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of();
        }
    }

    record Booleans()
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity", "values");
        }
    }

    /**
     * Layouts that have as many bytes for each row.
     */
    sealed interface FixedWidth
            extends ArrowLayout
    {
        /**
         * Bytes of a value.
         */
        int width();

        @Override
        default List<String> buffers()
        {
            return ImmutableList.of("validity", "values");
        }
    }

    record Integers(int width, boolean signed)
            implements FixedWidth {}

    record FloatingPoints(int width)
            implements FixedWidth {}

    record Decimals(int width)
            implements FixedWidth {}

    record Binaries(int width)
            implements FixedWidth {}

    /**
     * Days since 1970-01-01 in 4 bytes, or milliseconds since then in 8.
     */
    record Dates(int width)
            implements FixedWidth {}

    /**
     * Times of day.
     *
     * @param digits of a second's fraction that a unit stands for: 0, 3, 6 or 9
     */
    record Times(int digits)
            implements FixedWidth
    {
        @Override
        public int width()
        {
            return digits <= 3 ? Integer.BYTES : Long.BYTES;
        }
    }

    /**
     * Units since 1970-01-01 00:00, of UTC when there is a zone.
     *
     * @param digits of a second's fraction that a unit stands for: 0, 3, 6 or 9
     */
    record Timestamps(int digits, Optional<TimeZoneKey> zone)
            implements FixedWidth
    {
        @Override
        public int width()
        {
            return Long.BYTES;
        }
    }

    /**
     * Indices into the rows of the only child.
     */
    record Dictionaries(int width, boolean signed)
            implements FixedWidth {}

    /**
     * Text or bytes of any length.
     */
    record Texts(int offsetWidth)
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity", "offsets", "values");
        }
    }

    /**
     * Text or bytes of any length, which are in the view of 16 bytes itself or in one of the further buffers.
     */
    record Views()
            implements ArrowLayout
    {
        static final int WIDTH = 16;

        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity", "views");
        }
    }

    /**
     * Lists of rows of the only child; a map is a list of structs.
     */
    record Lists(int offsetWidth)
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity", "offsets");
        }
    }

    record Maps()
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity", "offsets");
        }
    }

    record FixedSizeLists(int size)
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity");
        }
    }

    record Structs()
            implements ArrowLayout
    {
        @Override
        public List<String> buffers()
        {
            return ImmutableList.of("validity");
        }
    }
}
