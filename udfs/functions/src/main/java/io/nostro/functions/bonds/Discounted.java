package io.nostro.functions.bonds;

/**
 * The payments of a bond discounted at a yield: their sum and its derivatives by the yield of a period. With {@code w} the part of
 * a period that is left at settlement, {@code n} the whole ones after it and {@code y} the yield of a period, a payment is
 * divided by {@code (1 + y)^(w + n)}, or by {@code (1 + w y) (1 + y)^n} where the part bears simple interest.
 *
 * @param averagePeriods the payments' average time in periods, weighted by what they are worth
 * @param firstDerivative of the price, negated, as a share of the price
 * @param secondDerivative of the price, as a share of the price
 */
record Discounted(double price, double averagePeriods, double firstDerivative, double secondDerivative)
{
    /**
     * @param yield of a period, not an annual one
     */
    static Discounted of(CouponBond bond, double yield, YieldConvention convention)
    {
        double part = bond.part();
        double growth = 1 + yield;
        boolean simple = convention.isSimpleOverPart(bond.isInFinalPeriod());
        double partFactor = simple ? 1 / (1 + part * yield) : Math.exp(-part * Math.log1p(yield));
        // minus the logarithm's derivatives by the yield, of the part's factor and of a whole period's
        double partSlope = simple ? part * partFactor : part / growth;
        double partCurvature = simple ? partSlope * partSlope : part / growth / growth;

        double worth = 0;
        double periodsSum = 0;
        double slopeSum = 0;
        double curvatureSum = 0;
        double factor = partFactor * Math.exp(-bond.wholePeriods() * Math.log1p(yield));
        for (int payment = 0; payment < bond.payments(); payment++) {
            double amount = payment == 0 ? bond.firstCoupon() : bond.coupon();
            if (payment == bond.payments() - 1) {
                amount += bond.redemption();
            }
            // nothing times a factor that has overflowed is nothing
            if (amount != 0) {
                double value = amount * factor;
                int periods = bond.wholePeriods() + payment;
                double slope = partSlope + periods / growth;
                worth += value;
                periodsSum += value * (part + periods);
                slopeSum += value * slope;
                curvatureSum += value * (slope * slope + partCurvature + periods / growth / growth);
            }
            factor /= growth;
        }
        return new Discounted(worth, periodsSum / worth, slopeSum / worth, curvatureSum / worth);
    }
}
