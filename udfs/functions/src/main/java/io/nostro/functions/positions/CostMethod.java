package io.nostro.functions.positions;

import static java.util.Objects.requireNonNull;

/**
 * Which cost a trade that closes takes.
 */
enum CostMethod
{
    FIFO("fifo_pnl") {
        @Override
        PositionBook newBook()
        {
            return new LotBook(true);
        }
    },

    LIFO("lifo_pnl") {
        @Override
        PositionBook newBook()
        {
            return new LotBook(false);
        }
    },

    AVERAGE_COST("average_cost_pnl") {
        @Override
        PositionBook newBook()
        {
            return new AverageCostBook();
        }
    };

    private final String function;

    CostMethod(String function)
    {
        this.function = requireNonNull(function, "function is null");
    }

    /**
     * The SQL function's name.
     */
    String function()
    {
        return function;
    }

    abstract PositionBook newBook();
}
