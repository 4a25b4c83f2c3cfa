package io.nostro.functions.kernels;

import io.airlift.slice.Slice;
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
import io.nostro.functions.money.CurrencyFunctions;
import org.apache.commons.validator.routines.CreditCardValidator;
import org.apache.commons.validator.routines.IBANValidator;
import org.apache.commons.validator.routines.ISINValidator;
import org.apache.commons.validator.routines.checkdigit.ABANumberCheckDigit;
import org.apache.commons.validator.routines.checkdigit.CUSIPCheckDigit;
import org.apache.commons.validator.routines.checkdigit.LuhnCheckDigit;
import org.apache.commons.validator.routines.checkdigit.SedolCheckDigit;
import org.iban4j.BicFormatException;
import org.iban4j.BicUtil;
import org.iban4j.CountryCode;
import org.iban4j.IbanUtil;
import org.iban4j.UnsupportedCountryException;

import java.util.Currency;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

import static io.airlift.slice.Slices.utf8Slice;

/**
 * Checks of identifiers that are valid, which is best for libraries that make an exception of another.
 */
final class IdentifierKernels
{
    private static final String DIGITS = "0123456789";
    private static final String UPPER_CASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ";
    private static final String[] COUNTRIES = {"DE", "FR", "GB", "IT", "US", "JP", "CH", "SE", "BR", "ZA"};
    private static final String[] CURRENCIES = {"EUR", "USD", "GBP", "JPY", "CHF", "SEK", "KWD", "BRL", "ZAR", "PLN"};

    private IdentifierKernels() {}

    static void addTo(Kernels kernels)
    {
        String[] ibans = Kernels.texts(IdentifierKernels::iban);
        checks(kernels, "iban_is_valid", ibans, IbanFunctions::ibanIsValid);
        checks(kernels, "iban_is_valid", "iban4j", ibans, IbanUtil::isValid);
        checks(kernels, "iban_is_valid", "commons-validator", ibans, IBANValidator.getInstance()::isValid);
        checks(kernels, "iban_check_national", ibans, IbanFunctions::ibanCheckNational);
        checks(kernels, "iban_check_national", "iban4j", ibans, IbanUtil::isValidWithCountryRules);

        String[] bics = Kernels.texts(random -> pick(random, UPPER_CASE, 4) + pick(random, COUNTRIES) + pick(random, UPPER_CASE, 2) + (random.nextBoolean() ? "XXX" : ""));
        checks(kernels, "bic_is_valid", bics, BicFunctions::bicIsValid);
        checks(kernels, "bic_is_valid", "iban4j", bics, IdentifierKernels::isBicByIban4j);

        String[] leis = Kernels.texts(random -> withIso7064CheckDigits("5493" + pick(random, DIGITS + UPPER_CASE, 14)));
        checks(kernels, "lei_is_valid", leis, LeiFunctions::leiIsValid);

        String[] isins = Kernels.texts(random -> withCheckDigit("US" + pick(random, DIGITS, 9), IsinFunctions::isinCheckDigit));
        checks(kernels, "isin_is_valid", isins, IsinFunctions::isinIsValid);
        checks(kernels, "isin_is_valid", "commons-validator", isins, ISINValidator.getInstance(true)::isValid);

        String[] cusips = Kernels.texts(random -> withCheckDigit(pick(random, DIGITS, 5) + pick(random, DIGITS + UPPER_CASE, 3), CusipFunctions::cusipCheckDigit));
        checks(kernels, "cusip_is_valid", cusips, CusipFunctions::cusipIsValid);
        checks(kernels, "cusip_is_valid", "commons-validator", cusips, CUSIPCheckDigit.CUSIP_CHECK_DIGIT::isValid);

        String[] sedols = Kernels.texts(random -> withCheckDigit("B" + pick(random, DIGITS + CONSONANTS, 5), SedolFunctions::sedolCheckDigit));
        checks(kernels, "sedol_is_valid", sedols, SedolFunctions::sedolIsValid);
        checks(kernels, "sedol_is_valid", "commons-validator", sedols, SedolCheckDigit.SEDOL_CHECK_DIGIT::isValid);

        String[] figis = Kernels.texts(random -> withCheckDigit("BBG" + pick(random, DIGITS + CONSONANTS, 8), FigiFunctions::figiCheckDigit));
        checks(kernels, "figi_is_valid", figis, FigiFunctions::figiIsValid);

        String[] numbers = Kernels.texts(random -> withCheckDigit(pick(random, DIGITS, 15), LuhnFunctions::luhnCheckDigit));
        checks(kernels, "luhn_is_valid", numbers, LuhnFunctions::luhnIsValid);
        checks(kernels, "luhn_is_valid", "commons-validator", numbers, LuhnCheckDigit.LUHN_CHECK_DIGIT::isValid);

        String[] cards = Kernels.texts(random -> withCheckDigit("411111" + pick(random, DIGITS, 9), LuhnFunctions::luhnCheckDigit));
        checks(kernels, "card_is_valid", cards, CardFunctions::cardIsValid);
        checks(kernels, "card_is_valid", "commons-validator", cards, new CreditCardValidator(CreditCardValidator.VISA | CreditCardValidator.MASTERCARD | CreditCardValidator.AMEX)::isValid);

        String[] routingNumbers = Kernels.texts(IdentifierKernels::routingNumber);
        checks(kernels, "aba_is_valid", routingNumbers, RoutingNumberFunctions::abaIsValid);
        checks(kernels, "aba_is_valid", "commons-validator", routingNumbers, ABANumberCheckDigit.ABAN_CHECK_DIGIT::isValid);

        String[] references = Kernels.texts(random -> CreditorReferenceFunctions.rfReferenceCreate(utf8Slice(pick(random, DIGITS, 15))).toStringUtf8());
        checks(kernels, "rf_reference_is_valid", references, CreditorReferenceFunctions::rfReferenceIsValid);

        String[] uetrs = Kernels.texts(random -> "%08x-%04x-4%03x-a%03x-%012x".formatted(random.nextInt(), random.nextInt(1 << 16), random.nextInt(1 << 12), random.nextInt(1 << 12), random.nextLong(1L << 48)));
        checks(kernels, "uetr_is_valid", uetrs, UetrFunctions::uetrIsValid);
        checks(kernels, "uetr_is_valid", "java.util.UUID", uetrs, IdentifierKernels::isUetrByJava);

        String[] currencies = Kernels.texts(random -> pick(random, CURRENCIES));
        checks(kernels, "currency_is_valid", currencies, CurrencyFunctions::currencyIsValid);
        checks(kernels, "currency_is_valid", "java.util.Currency", currencies, currency -> Currency.getInstance(currency) != null);

        String[] countries = Kernels.texts(random -> pick(random, COUNTRIES));
        checks(kernels, "country_is_valid", countries, CountryFunctions::countryIsValid);
        checks(kernels, "country_is_valid", "iban4j", countries, country -> CountryCode.getByCode(country) != null);
    }

    private static void checks(Kernels kernels, String function, String[] texts, Predicate<Slice> check)
    {
        Slice[] slices = Kernels.slices(texts);
        kernels.add(function, (input, result) -> result.consume(check.test(slices[input])));
    }

    private static void checks(Kernels kernels, String function, String library, String[] texts, Predicate<String> check)
    {
        kernels.add(function, library, (input, result) -> result.consume(check.test(texts[input])));
    }

    private static String iban(RandomGenerator random)
    {
        return switch (random.nextInt(4)) {
            case 0 -> withCheckDigits("FR", pick(random, DIGITS, 10) + pick(random, DIGITS + UPPER_CASE, 11) + pick(random, DIGITS, 2));
            case 1 -> withCheckDigits("GB", pick(random, UPPER_CASE, 4) + pick(random, DIGITS, 14));
            default -> withCheckDigits("DE", pick(random, DIGITS, 18));
        };
    }

    private static String withCheckDigits(String country, String bban)
    {
        return country + IbanFunctions.ibanCheckDigits(utf8Slice(country), utf8Slice(bban)).toStringUtf8() + bban;
    }

    private static String withIso7064CheckDigits(String body)
    {
        return body + LeiFunctions.leiCheckDigits(utf8Slice(body)).toStringUtf8();
    }

    private static String withCheckDigit(String body, Function<Slice, Slice> checkDigit)
    {
        return body + checkDigit.apply(utf8Slice(body)).toStringUtf8();
    }

    private static String routingNumber(RandomGenerator random)
    {
        while (true) {
            String number = "0" + (1 + random.nextInt(9)) + pick(random, DIGITS, 7);
            if (RoutingNumberFunctions.abaIsValid(utf8Slice(number))) {
                return number;
            }
        }
    }

    private static boolean isBicByIban4j(String bic)
    {
        try {
            BicUtil.validate(bic);
            return true;
        }
        catch (BicFormatException | UnsupportedCountryException e) {
            return false;
        }
    }

    private static boolean isUetrByJava(String uetr)
    {
        try {
            UUID uuid = UUID.fromString(uetr);
            return uuid.version() == 4 && uuid.variant() == 2;
        }
        catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String pick(RandomGenerator random, String characters, int count)
    {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(characters.charAt(random.nextInt(characters.length())));
        }
        return text.toString();
    }

    private static String pick(RandomGenerator random, String[] texts)
    {
        return texts[random.nextInt(texts.length)];
    }
}
