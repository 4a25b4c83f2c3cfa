package io.nostro.functions;

import com.google.common.collect.ImmutableSet;
import io.nostro.functions.bonds.BondCashFlowFunctions;
import io.nostro.functions.bonds.BondPriceFunctions;
import io.nostro.functions.bonds.BondSensitivityFunctions;
import io.nostro.functions.bonds.TreasuryBillFunctions;
import io.nostro.functions.calendar.CalendarFunctions;
import io.nostro.functions.calendar.ImmDateFunctions;
import io.nostro.functions.calendar.ScheduleFunctions;
import io.nostro.functions.identifiers.BicFunctions;
import io.nostro.functions.identifiers.CardFunctions;
import io.nostro.functions.identifiers.CountryFunctions;
import io.nostro.functions.identifiers.CreditorReferenceFunctions;
import io.nostro.functions.identifiers.CusipFunctions;
import io.nostro.functions.identifiers.FigiFunctions;
import io.nostro.functions.identifiers.IbanFunctions;
import io.nostro.functions.identifiers.IsinFunctions;
import io.nostro.functions.identifiers.LeiFunctions;
import io.nostro.functions.identifiers.LuhnFunctions;
import io.nostro.functions.identifiers.RoutingNumberFunctions;
import io.nostro.functions.identifiers.SedolFunctions;
import io.nostro.functions.identifiers.UetrFunctions;
import io.nostro.functions.messages.Bai2Functions;
import io.nostro.functions.messages.CamtFunctions;
import io.nostro.functions.messages.CreditTransferFunctions;
import io.nostro.functions.messages.FixFunctions;
import io.nostro.functions.messages.Mt940Functions;
import io.nostro.functions.messages.MtFunctions;
import io.nostro.functions.messages.MtPaymentFunctions;
import io.nostro.functions.messages.NachaFunctions;
import io.nostro.functions.money.AllocationFunctions;
import io.nostro.functions.money.AmountTextFunctions;
import io.nostro.functions.money.BasisPointFunctions;
import io.nostro.functions.money.CurrencyFunctions;
import io.nostro.functions.money.FxFunctions;
import io.nostro.functions.money.RoundHalfEvenFunction;
import io.nostro.functions.money.RoundHalfEvenToPlacesFunction;
import io.nostro.functions.money.RoundMoneyFunction;
import io.nostro.functions.money.RoundMoneyWithModeFunction;
import io.nostro.functions.options.BlackScholesFunctions;
import io.nostro.functions.options.ForwardOptionFunctions;
import io.nostro.functions.options.ImpliedVolatilityFunctions;
import io.nostro.functions.positions.AverageCostPnlAggregation;
import io.nostro.functions.positions.AverageCostPnlWithSequenceAggregation;
import io.nostro.functions.positions.FifoPnlAggregation;
import io.nostro.functions.positions.FifoPnlWithSequenceAggregation;
import io.nostro.functions.positions.LifoPnlAggregation;
import io.nostro.functions.positions.LifoPnlWithSequenceAggregation;
import io.nostro.functions.positions.NetExposureAggregation;
import io.nostro.functions.positions.TwapAggregation;
import io.nostro.functions.positions.TwapWithSequenceAggregation;
import io.nostro.functions.positions.VwapAggregation;
import io.nostro.functions.privacy.MaskingFunctions;
import io.nostro.functions.rates.AccrualFunctions;
import io.nostro.functions.rates.AmortizationFunctions;
import io.nostro.functions.rates.ArrayCashFlowFunctions;
import io.nostro.functions.rates.ArrayXirrFunction;
import io.nostro.functions.rates.IrrAggregation;
import io.nostro.functions.rates.MirrAggregation;
import io.nostro.functions.rates.NpvAggregation;
import io.nostro.functions.rates.RateFunctions;
import io.nostro.functions.rates.TimeValueFunctions;
import io.nostro.functions.rates.XirrAggregation;
import io.nostro.functions.rates.XnpvAggregation;
import io.nostro.functions.risk.CreditRiskFunctions;
import io.nostro.functions.risk.EwmaVolatilityAggregation;
import io.nostro.functions.risk.EwmaVolatilityWithSequenceAggregation;
import io.nostro.functions.risk.ExpectedShortfallAggregation;
import io.nostro.functions.risk.MarginFunctions;
import io.nostro.functions.risk.MaxDrawdownAggregation;
import io.nostro.functions.risk.MaxDrawdownWithSequenceAggregation;
import io.nostro.functions.risk.ValueAtRiskAggregation;
import io.nostro.functions.text.ScreeningFunctions;
import io.nostro.functions.text.SimilarityFunctions;
import io.nostro.functions.vault.VaultFunctions;

import java.util.Set;

/**
 * The classes whose annotated methods are Nostro's functions: what the Trino plugin registers and the toolkit reads.
 */
public final class NostroFunctions
{
    public static final Set<Class<?>> FUNCTIONS = ImmutableSet.<Class<?>>builder()
            .add(IbanFunctions.class)
            .add(BicFunctions.class)
            .add(IsinFunctions.class)
            .add(LeiFunctions.class)
            .add(CusipFunctions.class)
            .add(SedolFunctions.class)
            .add(FigiFunctions.class)
            .add(RoutingNumberFunctions.class)
            .add(LuhnFunctions.class)
            .add(CardFunctions.class)
            .add(CreditorReferenceFunctions.class)
            .add(UetrFunctions.class)
            .add(CountryFunctions.class)
            .add(CurrencyFunctions.class)
            .add(RoundMoneyFunction.class)
            .add(RoundMoneyWithModeFunction.class)
            .add(RoundHalfEvenFunction.class)
            .add(RoundHalfEvenToPlacesFunction.class)
            .add(AllocationFunctions.class)
            .add(AmountTextFunctions.class)
            .add(BasisPointFunctions.class)
            .add(FxFunctions.class)
            .add(CalendarFunctions.class)
            .add(ImmDateFunctions.class)
            .add(ScheduleFunctions.class)
            .add(AccrualFunctions.class)
            .add(XirrAggregation.class)
            .add(ArrayXirrFunction.class)
            .add(TimeValueFunctions.class)
            .add(RateFunctions.class)
            .add(AmortizationFunctions.class)
            .add(NpvAggregation.class)
            .add(XnpvAggregation.class)
            .add(IrrAggregation.class)
            .add(MirrAggregation.class)
            .add(ArrayCashFlowFunctions.class)
            .add(VwapAggregation.class)
            .add(TwapAggregation.class)
            .add(TwapWithSequenceAggregation.class)
            .add(FifoPnlAggregation.class)
            .add(FifoPnlWithSequenceAggregation.class)
            .add(LifoPnlAggregation.class)
            .add(LifoPnlWithSequenceAggregation.class)
            .add(AverageCostPnlAggregation.class)
            .add(AverageCostPnlWithSequenceAggregation.class)
            .add(NetExposureAggregation.class)
            .add(ValueAtRiskAggregation.class)
            .add(ExpectedShortfallAggregation.class)
            .add(MaxDrawdownAggregation.class)
            .add(MaxDrawdownWithSequenceAggregation.class)
            .add(EwmaVolatilityAggregation.class)
            .add(EwmaVolatilityWithSequenceAggregation.class)
            .add(CreditRiskFunctions.class)
            .add(BondPriceFunctions.class)
            .add(BondSensitivityFunctions.class)
            .add(BondCashFlowFunctions.class)
            .add(TreasuryBillFunctions.class)
            .add(BlackScholesFunctions.class)
            .add(ForwardOptionFunctions.class)
            .add(ImpliedVolatilityFunctions.class)
            .add(MarginFunctions.class)
            .add(MaskingFunctions.class)
            .add(MtFunctions.class)
            .add(Mt940Functions.class)
            .add(MtPaymentFunctions.class)
            .add(CamtFunctions.class)
            .add(CreditTransferFunctions.class)
            .add(FixFunctions.class)
            .add(Bai2Functions.class)
            .add(NachaFunctions.class)
            .add(SimilarityFunctions.class)
            .add(ScreeningFunctions.class)
            .build();

    /**
     * The classes whose methods are the functions of a catalog of the connector {@code nostro_vault}.
     */
    public static final Set<Class<?>> VAULT_FUNCTIONS = ImmutableSet.of(VaultFunctions.class);

    private NostroFunctions() {}
}
