package io.nostro.functions.positions;

import io.nostro.functions.aggregation.SlidingWindow;
import io.trino.spi.block.Int128ArrayBlock;
import io.trino.spi.function.WindowIndex;
import io.trino.spi.type.Int128;

/**
 * What was traded in a frame, by price and quantity as the first and second argument.
 */
abstract class TradedVolumeWindow
        extends SlidingWindow<TradedVolume>
{
    private static final int PRICE = 0;
    private static final int QUANTITY = 1;

    // Trino makes one window for all precisions, and doesn't say which they are
    private boolean typesKnown;
    private boolean longPrice;
    private boolean longQuantity;

    protected TradedVolumeWindow(TradedVolume value)
    {
        super(value, 2);
    }

    /**
     * Refuses quantities that the aggregate does not accept; here, none.
     */
    protected void checkQuantity(Int128 quantity) {}

    @Override
    protected final void add(WindowIndex rows, int position)
    {
        learnTypes(rows, position);
        Int128 price = decimal(rows, PRICE, position, longPrice);
        Int128 quantity = decimal(rows, QUANTITY, position, longQuantity);
        checkQuantity(quantity);
        value().add(price.getHigh(), price.getLow(), quantity.getHigh(), quantity.getLow());
    }

    @Override
    protected final void remove(WindowIndex rows, int position)
    {
        learnTypes(rows, position);
        Int128 price = decimal(rows, PRICE, position, longPrice);
        Int128 quantity = decimal(rows, QUANTITY, position, longQuantity);
        value().remove(price.getHigh(), price.getLow(), quantity.getHigh(), quantity.getLow());
    }

    private static Int128 decimal(WindowIndex rows, int argument, int position, boolean isLong)
    {
        return isLong ? (Int128) rows.getObject(argument, position) : Int128.valueOf(rows.getLong(argument, position));
    }

    private void learnTypes(WindowIndex rows, int position)
    {
        if (!typesKnown) {
            longPrice = rows.getSingleValueBlock(PRICE, position) instanceof Int128ArrayBlock;
            longQuantity = rows.getSingleValueBlock(QUANTITY, position) instanceof Int128ArrayBlock;
            typesKnown = true;
        }
    }
}
