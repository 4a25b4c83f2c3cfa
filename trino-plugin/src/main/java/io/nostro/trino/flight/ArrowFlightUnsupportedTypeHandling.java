package io.nostro.trino.flight;

/**
 * What becomes of a column whose Arrow type has no Trino type.
 */
public enum ArrowFlightUnsupportedTypeHandling
{
    /**
     * The column is left out of the table, with a warning in the server's log.
     */
    HIDE,
    /**
     * The table can't be used, and the error names the column and its type.
     */
    FAIL,
}
