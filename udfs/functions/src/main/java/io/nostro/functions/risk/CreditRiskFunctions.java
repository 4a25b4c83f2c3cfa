package io.nostro.functions.risk;

import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.LiteralParameter;
import io.trino.spi.function.LiteralParameters;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.Int128;
import io.trino.spi.type.StandardTypes;

import java.math.BigDecimal;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.money.DecimalRounding.toDecimal;
import static io.trino.spi.type.Decimals.MAX_PRECISION;
import static java.math.RoundingMode.HALF_UP;

/**
 * Credit risk: the value of collateral and the losses of loans. Factors are fractions, 0.45 being 45 %; amounts are exact
 * in the factors' shortest decimal form, and rounded once, half up, to the scale of the amount.
 */
public final class CreditRiskFunctions
{
    private static final double CONFIDENCE_QUANTILE = NormalDistribution.quantile(0.999);

    private CreditRiskFunctions() {}

    @ScalarFunction("haircut_value")
    @Description("The value of collateral after a haircut, rounded once, half up, to the value's scale")
    @Source("Basel Framework, CRE22 (standardised approach: credit risk mitigation)")
    @Argument(name = "value", meaning = "the market value of the collateral; the result has its scale")
    @Argument(name = "haircut", meaning = "the haircut of the collateral, from 0 to 1: 0.15 is 15 %")
    @Argument(name = "currency_haircut", meaning = "the further haircut for collateral in another currency, from 0 to 1: 0.08 is 8 %; 0 when left out")
    @Errors(
            invalidArgument = "a haircut is not from 0 to 1",
            outOfRange = "the result has more than 38 digits")
    @LiteralParameters("s")
    @SqlType("decimal(38, s)")
    @Example(sql = "haircut_value(DECIMAL '1000.00', 0.15)", result = "850.00")
    @Example(sql = "haircut_value(DECIMAL '0.01', 0.5)", result = "0.01")
    @Example(sql = "TRY(haircut_value(DECIMAL '1000.00', 1.5))", result = "null")
    public static Int128 haircutValue(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 value,
            @SqlType(StandardTypes.DOUBLE) double haircut)
    {
        return haircutValue(scale, value, haircut, 0);
    }

    @ScalarFunction("haircut_value")
    @Description("The value of collateral after a haircut and one for another currency, which add up to no more than the whole (Basel, CRE22), rounded once, half up, to the value's scale")
    @LiteralParameters("s")
    @SqlType("decimal(38, s)")
    @Example(sql = "haircut_value(DECIMAL '1000.00', 0.15, 0.08)", result = "770.00")
    @Example(sql = "haircut_value(DECIMAL '1000.00', 0.95, 0.08)", result = "0.00")
    public static Int128 haircutValue(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 value,
            @SqlType(StandardTypes.DOUBLE) double haircut,
            @SqlType(StandardTypes.DOUBLE) double currencyHaircut)
    {
        BigDecimal left = BigDecimal.ONE
                .subtract(fraction("haircut_value", "haircut", haircut))
                .subtract(fraction("haircut_value", "currency_haircut", currencyHaircut))
                .max(BigDecimal.ZERO);
        return rounded("haircut_value", decimal(value, scale).multiply(left), scale);
    }

    @ScalarFunction("expected_credit_loss")
    @Description("The loss expected of an exposure: exposure times probability of default times loss given default, rounded once, half up, to the exposure's scale")
    @Source("IFRS 9, Financial Instruments, paragraph 5.5.17")
    @Argument(name = "discount_factor", meaning = "the present value of one unit at the time of the loss, above zero; 1 when left out")
    @Errors(
            invalidArgument = "a probability or a share is not from 0 to 1, or the discount factor is not finite and above zero",
            outOfRange = "the result has more than 38 digits")
    @LiteralParameters("s")
    @SqlType("decimal(38, s)")
    @Example(sql = "expected_credit_loss(DECIMAL '250000.00', 0.02, 0.45)", result = "2250.00")
    @Example(sql = "expected_credit_loss(DECIMAL '250000.00', 0, 0.45)", result = "0.00")
    @Example(sql = "TRY(expected_credit_loss(DECIMAL '250000.00', 2, 0.45))", result = "null")
    public static Int128 expectedCreditLoss(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 exposure,
            @SqlType(StandardTypes.DOUBLE) double probabilityOfDefault,
            @SqlType(StandardTypes.DOUBLE) double lossGivenDefault)
    {
        return expectedCreditLoss(scale, exposure, probabilityOfDefault, lossGivenDefault, 1);
    }

    @ScalarFunction("expected_credit_loss")
    @Description("The present value of the loss expected of an exposure: exposure times probability of default times loss given default times discount factor (IFRS 9, 5.5.17), rounded once, half up, to the exposure's scale")
    @LiteralParameters("s")
    @SqlType("decimal(38, s)")
    @Example(sql = "expected_credit_loss(DECIMAL '250000.00', 0.02, 0.45, 0.96)", result = "2160.00")
    @Example(sql = "expected_credit_loss(DECIMAL '250000.00', 1, 1, 1)", result = "250000.00")
    public static Int128 expectedCreditLoss(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 exposure,
            @SqlType(StandardTypes.DOUBLE) double probabilityOfDefault,
            @SqlType(StandardTypes.DOUBLE) double lossGivenDefault,
            @SqlType(StandardTypes.DOUBLE) double discountFactor)
    {
        if (!(discountFactor > 0 && Double.isFinite(discountFactor))) {
            throw invalidArgument("expected_credit_loss: discount_factor is %s; accepted is a finite number above zero", discountFactor);
        }
        BigDecimal loss = decimal(exposure, scale)
                .multiply(fraction("expected_credit_loss", "probability_of_default", probabilityOfDefault))
                .multiply(fraction("expected_credit_loss", "loss_given_default", lossGivenDefault))
                .multiply(BigDecimal.valueOf(discountFactor));
        return rounded("expected_credit_loss", loss, scale);
    }

    @ScalarFunction("irb_capital")
    @Description("The capital that Basel's internal ratings-based formula requires for an exposure to a corporate (CRE31.5), of a maturity of 1 to 5 years; input floors are not applied; rounded once, half up, to the exposure's scale")
    @Source("Basel Framework, CRE31.5 (IRB approach: risk weight functions)")
    @Argument(name = "probability_of_default", meaning = "the probability of default within a year as a fraction above 0, up to 1: 0.02 is 2 %")
    @Argument(name = "maturity", meaning = "the effective maturity in years, from 1 to 5")
    @Errors(
            invalidArgument = "a number is not as accepted, or the probability of default is so small that the maturity adjustment is not defined",
            outOfRange = "the result has more than 38 digits")
    @LiteralParameters("s")
    @SqlType("decimal(38, s)")
    @Example(sql = "irb_capital(DECIMAL '1000000.00', 0.01, 0.45, 2.5)", result = "73853.44")
    @Example(sql = "irb_capital(DECIMAL '1000000.00', 1, 0.45, 2.5)", result = "0.00")
    @Example(sql = "TRY(irb_capital(DECIMAL '1000000.00', 0, 0.45, 2.5))", result = "null")
    public static Int128 irbCapital(
            @LiteralParameter("s") long scale,
            @SqlType("decimal(38, s)") Int128 exposure,
            @SqlType(StandardTypes.DOUBLE) double probabilityOfDefault,
            @SqlType(StandardTypes.DOUBLE) double lossGivenDefault,
            @SqlType(StandardTypes.DOUBLE) double maturity)
    {
        if (!(probabilityOfDefault > 0 && probabilityOfDefault <= 1)) {
            throw invalidArgument("irb_capital: probability_of_default is %s; accepted is a number above 0, up to 1", probabilityOfDefault);
        }
        fraction("irb_capital", "loss_given_default", lossGivenDefault);
        if (!(maturity >= 1 && maturity <= 5)) {
            throw invalidArgument("irb_capital: maturity is %s; accepted are 1 to 5 years", maturity);
        }
        double adjustment = Math.pow(0.11852 - 0.05478 * Math.log(probabilityOfDefault), 2);
        if (adjustment >= 1 / 1.5) {
            throw invalidArgument("irb_capital: probability_of_default is %s, for which the formula's maturity adjustment is not defined", probabilityOfDefault);
        }
        double capital = requirement(probabilityOfDefault, lossGivenDefault) * (1 + (maturity - 2.5) * adjustment) / (1 - 1.5 * adjustment);
        return rounded("irb_capital", decimal(exposure, scale).multiply(BigDecimal.valueOf(Math.max(0, capital))), scale);
    }

    private static double requirement(double probabilityOfDefault, double lossGivenDefault)
    {
        if (probabilityOfDefault == 1) {
            return 0;
        }
        double weight = Math.expm1(-50 * probabilityOfDefault) / Math.expm1(-50);
        double correlation = 0.12 * weight + 0.24 * (1 - weight);
        double stressed = NormalDistribution.cumulative(
                (NormalDistribution.quantile(probabilityOfDefault) + Math.sqrt(correlation) * CONFIDENCE_QUANTILE) / Math.sqrt(1 - correlation));
        return lossGivenDefault * (stressed - probabilityOfDefault);
    }

    private static BigDecimal decimal(Int128 unscaled, long scale)
    {
        return new BigDecimal(unscaled.toBigInteger(), (int) scale);
    }

    private static BigDecimal fraction(String function, String name, double value)
    {
        if (!(value >= 0 && value <= 1)) {
            throw invalidArgument("%s: %s is %s; accepted are 0 to 1, 0.05 being five percent", function, name, value);
        }
        // a double's shortest text is the number that was meant: 0.1 is a tenth
        return BigDecimal.valueOf(value);
    }

    private static Int128 rounded(String function, BigDecimal amount, long scale)
    {
        return toDecimal(function, amount.setScale((int) scale, HALF_UP).unscaledValue(), MAX_PRECISION);
    }
}
