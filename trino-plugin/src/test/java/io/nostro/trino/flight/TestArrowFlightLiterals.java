package io.nostro.trino.flight;

import io.nostro.trino.flight.ArrowFlightProtocol.ColumnStatisticsMessage;
import io.trino.spi.statistics.ColumnStatistics;
import io.trino.spi.statistics.DoubleRange;
import io.trino.spi.statistics.Estimate;
import io.trino.spi.type.LongTimestamp;
import io.trino.spi.type.LongTimestampWithTimeZone;
import io.trino.spi.type.Type;
import org.junit.jupiter.api.Test;

import static io.airlift.slice.Slices.utf8Slice;
import static io.airlift.slice.Slices.wrappedBuffer;
import static io.trino.spi.type.BigintType.BIGINT;
import static io.trino.spi.type.BooleanType.BOOLEAN;
import static io.trino.spi.type.DateType.DATE;
import static io.trino.spi.type.DecimalType.createDecimalType;
import static io.trino.spi.type.DoubleType.DOUBLE;
import static io.trino.spi.type.IntegerType.INTEGER;
import static io.trino.spi.type.RealType.REAL;
import static io.trino.spi.type.SmallintType.SMALLINT;
import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static io.trino.spi.type.TimestampType.createTimestampType;
import static io.trino.spi.type.TimestampWithTimeZoneType.createTimestampWithTimeZoneType;
import static io.trino.spi.type.TinyintType.TINYINT;
import static io.trino.spi.type.UuidType.UUID;
import static io.trino.spi.type.VarbinaryType.VARBINARY;
import static io.trino.spi.type.VarcharType.VARCHAR;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a source says of values, as Trino takes it.
 */
final class TestArrowFlightLiterals
{
    @Test
    void testImpossibleStatisticsAreLeftOut()
    {
        assertThat(toColumnStatistics(BIGINT, new ColumnStatisticsMessage("a", 3L, 0.5, "-1", "7", 8L))).isEqualTo(ColumnStatistics.builder()
                .setDistinctValuesCount(Estimate.of(3))
                .setNullsFraction(Estimate.of(0.5))
                .setDataSize(Estimate.of(8))
                .setRange(new DoubleRange(-1, 7))
                .build());
        ColumnStatistics unknown = ColumnStatistics.empty();
        assertThat(toColumnStatistics(BIGINT, new ColumnStatisticsMessage("a", null, null, null, null, null))).isEqualTo(unknown);
        assertThat(toColumnStatistics(BIGINT, new ColumnStatisticsMessage("a", -3L, 50.0, "7", "-1", -8L))).isEqualTo(unknown);
        assertThat(toColumnStatistics(BIGINT, new ColumnStatisticsMessage("a", null, Double.NaN, "one", "7", null))).isEqualTo(unknown);
        assertThat(toColumnStatistics(BIGINT, new ColumnStatisticsMessage("a", null, null, "1", null, null))).isEqualTo(unknown);
        assertThat(toColumnStatistics(DOUBLE, new ColumnStatisticsMessage("a", null, null, "1", "NaN", null))).isEqualTo(unknown);
        assertThat(toColumnStatistics(VARCHAR, new ColumnStatisticsMessage("a", null, null, "a", "b", null))).isEqualTo(unknown);
    }

    private static ColumnStatistics toColumnStatistics(Type type, ColumnStatisticsMessage message)
    {
        return ArrowFlightStatistics.toColumnStatistics(type, message);
    }

    @Test
    void testLiteralsAreReadAsTheyAreWritten()
    {
        assertRead(BOOLEAN, "true", true);
        assertRead(TINYINT, "-128", -128L);
        assertRead(SMALLINT, "7", 7L);
        assertRead(INTEGER, "-2147483648", -2_147_483_648L);
        assertRead(BIGINT, "9223372036854775807", Long.MAX_VALUE);
        assertRead(DOUBLE, "-0.1", -0.1);
        assertRead(DOUBLE, "-Infinity", Double.NEGATIVE_INFINITY);
        assertRead(REAL, "1.1", (long) Float.floatToRawIntBits(1.1f));
        assertRead(createDecimalType(9, 2), "-0.25", -25L);
        Type wide = createDecimalType(38, 2);
        assertThat(ArrowFlightPredicates.toLiteral(wide, ArrowFlightLiterals.parse(wide, "123456789012345678901234567890.25").orElseThrow())).contains("123456789012345678901234567890.25");
        assertRead(VARCHAR, "Zürich", utf8Slice("Zürich"));
        assertRead(VARBINARY, "/wA=", wrappedBuffer((byte) 0xFF, (byte) 0));
        assertRead(DATE, "1969-12-31", -1L);
        assertRead(createTimestampType(3), "1969-12-31T23:59:59.999", -1_000L);
        assertRead(createTimestampType(9), "1969-12-31T23:59:59.999999999", new LongTimestamp(-1, 999_000));
        assertRead(createTimestampWithTimeZoneType(0), "1970-01-01T00:00:01Z", 1_000L << 12);
        assertRead(createTimestampWithTimeZoneType(9), "1969-12-31T23:59:59.999999999Z", LongTimestampWithTimeZone.fromEpochMillisAndFraction(-1, 999_999_000, UTC_KEY));
    }

    private static void assertRead(Type type, String literal, Object value)
    {
        assertThat(ArrowFlightLiterals.parse(type, literal)).as("%s %s", type, literal).contains(value);
        assertThat(ArrowFlightPredicates.toLiteral(type, value)).contains(literal);
    }

    @Test
    void testLiteralsThatTheTypeDoesNotHold()
    {
        assertThat(ArrowFlightLiterals.parse(TINYINT, "128")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(BIGINT, "1.5")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(DOUBLE, "NaN")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(BOOLEAN, "yes")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(createDecimalType(9, 2), "0.001")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(createDecimalType(3, 2), "10.00")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(DATE, "2025-02-30")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(createTimestampType(3), "2025-01-01T00:00:00.0001")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(createTimestampType(6), "294247-01-10T04:00:55")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(VARBINARY, "%%%")).isEmpty();
        assertThat(ArrowFlightLiterals.parse(UUID, "12151fd2-7586-11e9-8f9e-2a86e4085a59")).isEmpty();
    }
}
