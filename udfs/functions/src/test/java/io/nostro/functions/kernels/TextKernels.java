package io.nostro.functions.kernels;

import io.airlift.slice.Slice;
import io.nostro.functions.privacy.MaskingFunctions;
import io.nostro.functions.text.ScreeningFunctions;
import io.nostro.functions.text.SimilarityFunctions;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

import java.util.stream.IntStream;

/**
 * Comparisons of names that are written in two ways, and masks.
 */
final class TextKernels
{
    private static final String[] LEFTS = {"Deutsche Bank", "Deutsche Bnak AG", "Jonathan Smith", "Maria Gonzalez Lopez", "BNP Paribas SA", "Mueller"};
    private static final String[] RIGHTS = {"Deutsche Bnak AG", "Deutsche Bank", "Smith, John", "Gonzales, Maria L.", "Banque Nationale", "Miller"};

    private TextKernels() {}

    static void addTo(Kernels kernels)
    {
        String[] lefts = repeated(LEFTS);
        String[] rights = repeated(RIGHTS);
        Slice[] leftSlices = Kernels.slices(lefts);
        Slice[] rightSlices = Kernels.slices(rights);
        JaroWinklerSimilarity commonsText = new JaroWinklerSimilarity();
        kernels.add("jaro_winkler", (input, result) -> result.consume(SimilarityFunctions.jaroWinkler(leftSlices[input], rightSlices[input])));
        kernels.add("jaro_winkler", "commons-text", (input, result) -> result.consume(commonsText.apply(lefts[input], rights[input])));
        kernels.add("name_similarity", (input, result) -> result.consume(ScreeningFunctions.nameSimilarity(leftSlices[input], rightSlices[input])));
        kernels.add("transliterate", (input, result) -> result.consume(ScreeningFunctions.transliterate(leftSlices[input])));

        Slice[] ibans = Kernels.slices(repeated(new String[] {"DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606"}));
        Slice[] cards = Kernels.slices(repeated(new String[] {"4111111111111111", "5500 0000 0000 0004", "3400-000000-00009"}));
        kernels.add("mask_iban", (input, result) -> result.consume(MaskingFunctions.maskIban(ibans[input])));
        kernels.add("mask_pan", (input, result) -> result.consume(MaskingFunctions.maskPan(cards[input])));
    }

    private static String[] repeated(String[] texts)
    {
        return IntStream.range(0, Kernels.INPUTS).mapToObj(i -> texts[i % texts.length]).toArray(String[]::new);
    }
}
