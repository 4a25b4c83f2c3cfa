package io.nostro.trino.flight;

/**
 * When a join is left to the source that has both tables.
 */
public enum ArrowFlightJoinPushdownStrategy
{
    /**
     * When the result is known to be no larger than what is read for it otherwise.
     */
    AUTOMATIC,
    /**
     * Whenever the source can do it.
     */
    EAGER,
}
