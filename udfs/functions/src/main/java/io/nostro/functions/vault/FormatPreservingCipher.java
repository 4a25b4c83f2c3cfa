package io.nostro.functions.vault;

import io.airlift.slice.Slice;
import io.nostro.functions.TextLookup;
import org.bouncycastle.crypto.fpe.FPEFF1Engine;
import org.bouncycastle.crypto.params.FPEParameters;

import static io.nostro.functions.FunctionErrors.invalidArgument;

/**
 * FF1 of NIST SP 800-38G with AES: the ciphertext of a text has the same length and the same alphabet. As the draft of the
 * publication's revision 1 asks, there must be a million texts of that length.
 */
final class FormatPreservingCipher
{
    private static final int SMALLEST_DOMAIN = 1_000_000;
    private static final int LONGEST_TEXT = 1_000;
    private static final int LONGEST_TWEAK = 256;
    private static final TextLookup<Alphabet> ALPHABETS = new TextLookup<>(Alphabet::of);

    private FormatPreservingCipher() {}

    static Slice encrypt(String function, VaultKey key, Slice text, Slice alphabet, Slice tweak)
    {
        return process(function, true, key, text, alphabet, tweak);
    }

    static Slice decrypt(String function, VaultKey key, Slice text, Slice alphabet, Slice tweak)
    {
        return process(function, false, key, text, alphabet, tweak);
    }

    private static Slice process(String function, boolean forEncryption, VaultKey key, Slice text, Slice alphabetText, Slice tweak)
    {
        if (tweak.length() > LONGEST_TWEAK) {
            throw invalidArgument("%s: the tweak has %s bytes; accepted are up to %s", function, tweak.length(), LONGEST_TWEAK);
        }
        Alphabet alphabet = ALPHABETS.get(alphabetText);
        byte[] digits = alphabet.digits(function, text, LONGEST_TEXT);
        if (digits == null) {
            throw invalidArgument("%s: the text has more than %s characters; accepted are up to so many", function, LONGEST_TEXT);
        }
        int shortest = shortestText(alphabet.radix());
        if (digits.length < shortest) {
            throw invalidArgument("%s: the text has %s characters; accepted are %s and more of an alphabet of %s, so that there are a million texts", function, digits.length, shortest, alphabet.radix());
        }
        // an engine has a state of its own and serves one thread
        FPEFF1Engine engine = new FPEFF1Engine();
        engine.init(forEncryption, new FPEParameters(key.secret(), alphabet.radix(), tweak.getBytes()));
        byte[] result = new byte[digits.length];
        engine.processBlock(digits, 0, digits.length, result, 0);
        return alphabet.text(result);
    }

    private static int shortestText(int radix)
    {
        int length = 0;
        for (long domain = 1; domain < SMALLEST_DOMAIN; domain *= radix) {
            length++;
        }
        return length;
    }
}
