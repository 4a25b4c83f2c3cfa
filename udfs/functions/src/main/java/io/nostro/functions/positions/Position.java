package io.nostro.functions.positions;

import java.math.BigInteger;

import static java.util.Objects.requireNonNull;

/**
 * An open quantity, what it has cost, and the profit of what was closed; unscaled.
 */
record Position(BigInteger openQuantity, BigInteger cost, BigInteger realisedProfit)
{
    Position
    {
        requireNonNull(openQuantity, "openQuantity is null");
        requireNonNull(cost, "cost is null");
        requireNonNull(realisedProfit, "realisedProfit is null");
    }
}
