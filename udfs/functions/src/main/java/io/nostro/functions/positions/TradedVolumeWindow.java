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
     *
     * @param high a quantity, or its high half: what has its sign
     */
    protected void checkQuantity(long high) {}

    @Override
    protected final void add(WindowIndex rows, int position)
    {
        learnTypes(rows, position);
        if (longQuantity) {
            Int128 quantity = (Int128) rows.getObject(QUANTITY, position);
            add(rows, position, quantity.getHigh(), quantity.getLow());
        }
        else {
            long quantity = rows.getLong(QUANTITY, position);
            add(rows, position, quantity >> 63, quantity);
        }
    }

    @Override
    protected final void remove(WindowIndex rows, int position)
    {
        learnTypes(rows, position);
        if (longQuantity) {
            Int128 quantity = (Int128) rows.getObject(QUANTITY, position);
            remove(rows, position, quantity.getHigh(), quantity.getLow());
        }
        else {
            long quantity = rows.getLong(QUANTITY, position);
            remove(rows, position, quantity >> 63, quantity);
        }
    }

    private void add(WindowIndex rows, int position, long quantityHigh, long quantityLow)
    {
        checkQuantity(quantityHigh);
        if (longPrice) {
            Int128 price = (Int128) rows.getObject(PRICE, position);
            value().add(price.getHigh(), price.getLow(), quantityHigh, quantityLow);
        }
        else {
            long price = rows.getLong(PRICE, position);
            value().add(price >> 63, price, quantityHigh, quantityLow);
        }
    }

    private void remove(WindowIndex rows, int position, long quantityHigh, long quantityLow)
    {
        if (longPrice) {
            Int128 price = (Int128) rows.getObject(PRICE, position);
            value().remove(price.getHigh(), price.getLow(), quantityHigh, quantityLow);
        }
        else {
            long price = rows.getLong(PRICE, position);
            value().remove(price >> 63, price, quantityHigh, quantityLow);
        }
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
