package io.nostro.functions.risk;

/**
 * What is measured of values in the order of their time. A measure remembers two numbers from value to value.
 */
enum Measure
{
    /**
     * The greatest fall from a peak, as a fraction of the peak. Remembers the peak and the greatest fall.
     */
    MAX_DRAWDOWN("max_drawdown") {
        @Override
        void begin(TimeSeries series, double value)
        {
            series.remember(value, 0);
        }

        @Override
        void next(TimeSeries series, double value)
        {
            double peak = Math.max(series.first(), value);
            series.remember(peak, peak == 0 ? series.second() : Math.max(series.second(), (peak - value) / peak));
        }

        @Override
        double result(TimeSeries series)
        {
            return series.second();
        }
    },

    /**
     * The exponentially weighted volatility. Remembers the variance.
     */
    EWMA_VOLATILITY("ewma_volatility") {
        @Override
        void begin(TimeSeries series, double value)
        {
            series.remember(value * value, 0);
        }

        @Override
        void next(TimeSeries series, double value)
        {
            double decay = series.parameter();
            series.remember(decay * series.first() + (1 - decay) * value * value, 0);
        }

        @Override
        double result(TimeSeries series)
        {
            return Math.sqrt(series.first());
        }
    };

    private final String function;

    Measure(String function)
    {
        this.function = function;
    }

    /**
     * The SQL function's name.
     */
    String function()
    {
        return function;
    }

    abstract void begin(TimeSeries series, double value);

    abstract void next(TimeSeries series, double value);

    abstract double result(TimeSeries series);
}
