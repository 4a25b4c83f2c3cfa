package io.nostro.trino.flight;

import io.trino.spi.connector.BasicRelationStatistics;
import io.trino.spi.connector.JoinStatistics;
import org.junit.jupiter.api.Test;

import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

final class TestArrowFlightJoins
{
    @Test
    void testSmallResults()
    {
        assertThat(ArrowFlightJoins.isResultSmall(statistics(100, 50, 150))).isTrue();
        assertThat(ArrowFlightJoins.isResultSmall(statistics(100, 50, 151))).isFalse();
        assertThat(ArrowFlightJoins.isResultSmall(statistics(100, 50, -1))).isFalse();
        assertThat(ArrowFlightJoins.isResultSmall(statistics(100, -1, 10))).isFalse();
        assertThat(ArrowFlightJoins.isResultSmall(statistics(-1, 50, 10))).isFalse();
    }

    /**
     * @param leftSize in bytes; unknown when negative, as are the others
     */
    private static JoinStatistics statistics(long leftSize, long rightSize, long joinSize)
    {
        return new JoinStatistics()
        {
            @Override
            public Optional<BasicRelationStatistics> getLeftStatistics()
            {
                return ofSize(leftSize);
            }

            @Override
            public Optional<BasicRelationStatistics> getRightStatistics()
            {
                return ofSize(rightSize);
            }

            @Override
            public Optional<BasicRelationStatistics> getJoinStatistics()
            {
                return ofSize(joinSize);
            }

            private static Optional<BasicRelationStatistics> ofSize(long size)
            {
                return size < 0 ? Optional.empty() : Optional.of(new BasicRelationStatistics(10, size));
            }
        };
    }
}
