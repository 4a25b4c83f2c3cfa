package io.nostro.trino.flight;

import io.trino.operator.RetryPolicy;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * It takes minutes: {@code ./build.sh suite} runs it.
 */
@EnabledIfEnvironmentVariable(named = "NOSTRO_SUITE", matches = ".+")
final class TestArrowFlightTaskFailureRecovery
        extends BaseArrowFlightFailureRecoveryTest
{
    TestArrowFlightTaskFailureRecovery()
    {
        super(RetryPolicy.TASK);
    }
}
