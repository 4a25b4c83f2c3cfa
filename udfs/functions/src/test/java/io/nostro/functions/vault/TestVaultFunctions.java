package io.nostro.functions.vault;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableMap;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.vault.VaultKeys.NamedKey;
import io.trino.spi.StandardErrorCode;
import io.trino.spi.TrinoException;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;

import static io.airlift.slice.Slices.utf8Slice;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

final class TestVaultFunctions
{
    private static final String DIGITS = "0123456789";
    private static final String RADIX_36 = "0123456789abcdefghijklmnopqrstuvwxyz";
    // the key of NIST's samples: the first 128, 192 and 256 bits
    private static final byte[] NIST = HexFormat.of().parseHex("2B7E151628AED2A6ABF7158809CF4F3CEF4359D8D580AA4F7F036D6F04FC6A94");

    private final VaultFunctions functions = new VaultFunctions(new VaultKeys(ImmutableMap.of(
            "customers", new NamedKey(KeyPurpose.TOKENIZE, 2, ImmutableMap.of(
                    1L, VaultKey.of(KeyPurpose.TOKENIZE, Arrays.copyOf(NIST, 20)),
                    2L, VaultKey.of(KeyPurpose.TOKENIZE, NIST))),
            "nist", new NamedKey(KeyPurpose.ENCRYPT, 3, ImmutableMap.of(
                    1L, VaultKey.of(KeyPurpose.ENCRYPT, Arrays.copyOf(NIST, 16)),
                    2L, VaultKey.of(KeyPurpose.ENCRYPT, Arrays.copyOf(NIST, 24)),
                    3L, VaultKey.of(KeyPurpose.ENCRYPT, NIST))))));

    /**
     * The samples that NIST publishes with SP 800-38G ("FF1samples.pdf").
     */
    @Test
    void testSamplesOfNist()
    {
        String tweak = "9876543210";
        assertThat(HexFormat.of().formatHex(tweak.getBytes(US_ASCII))).isEqualTo("39383736353433323130");
        assertEncrypts("0123456789", 1, DIGITS, "", "2433477484");
        assertEncrypts("0123456789", 1, DIGITS, tweak, "6124200773");
        assertEncrypts("0123456789abcdefghi", 1, RADIX_36, "7777pqrs777", "a9tv40mll9kdu509eum");
        assertEncrypts("0123456789", 2, DIGITS, "", "2830668132");
        assertEncrypts("0123456789", 2, DIGITS, tweak, "2496655549");
        assertEncrypts("0123456789abcdefghi", 2, RADIX_36, "7777pqrs777", "xbj3kv35jrawxv32ysr");
        assertEncrypts("0123456789", 3, DIGITS, "", "6657667009");
        assertEncrypts("0123456789", 3, DIGITS, tweak, "1001623463");
        assertEncrypts("0123456789abcdefghi", 3, RADIX_36, "7777pqrs777", "xs8a0azh2avyalyzuwd");
    }

    /**
     * RFC 4231, 4.2 to 4.8.
     */
    @Test
    void testSamplesOfRfc4231()
    {
        assertToken("0b".repeat(20), hex("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
        assertToken(hex("Jefe"), hex("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assertToken("aa".repeat(20), "dd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
        assertToken("0102030405060708090a0b0c0d0e0f10111213141516171819", "cd".repeat(50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
        // the RFC shows the first half
        assertToken("0c".repeat(20), hex("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b");
        assertToken("aa".repeat(131), hex("Test Using Larger Than Block-Size Key - Hash Key First"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
        assertToken("aa".repeat(131), hex("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
    }

    @Test
    void testVersions()
    {
        Slice text = utf8Slice("DE89370400440532013000");
        Slice customers = utf8Slice("customers");
        assertThat(functions.tokenize(text, customers)).isEqualTo(functions.tokenize(text, customers, 2)).isNotEqualTo(functions.tokenize(text, customers, 1));
        Slice old = encrypt("4111111111111111", DIGITS, "cards", 1);
        Slice current = functions.fpeEncrypt(utf8Slice("4111111111111111"), utf8Slice("nist"), utf8Slice(DIGITS), utf8Slice("cards"));
        assertThat(current).isNotEqualTo(old);
        assertThat(functions.fpeDecrypt(current, utf8Slice("nist"), utf8Slice(DIGITS), utf8Slice("cards")).toStringUtf8()).isEqualTo("4111111111111111");
        assertThat(decrypt(old, DIGITS, "cards", 1).toStringUtf8()).isEqualTo("4111111111111111");
        assertThat(decrypt(old, DIGITS, "cards", 2).toStringUtf8()).isNotEqualTo("4111111111111111");
        assertThat(decrypt(old, DIGITS, "other", 1).toStringUtf8()).isNotEqualTo("4111111111111111");
    }

    @Test
    void testEveryTextOfAnAlphabetComesBack()
    {
        Random random = new Random(38);
        for (int i = 0; i < 10_000; i++) {
            int radix = 2 + random.nextInt(255);
            // from every plane, and often of several bytes
            int first = random.nextBoolean() ? ' ' : random.nextBoolean() ? 0xE000 : 0x1F300;
            StringBuilder alphabet = new StringBuilder();
            for (int digit = 0; digit < radix; digit++) {
                alphabet.appendCodePoint(first + digit);
            }
            StringBuilder text = new StringBuilder();
            for (int length = 20 + random.nextInt(20); length > 0; length--) {
                text.appendCodePoint(first + random.nextInt(radix));
            }
            String tweak = "t".repeat(random.nextInt(257));
            Slice encrypted = encrypt(text.toString(), alphabet.toString(), tweak, 1);
            assertThat(encrypted.toStringUtf8().codePoints().count()).isEqualTo(text.toString().codePoints().count());
            assertThat(encrypted.toStringUtf8()).isNotEqualTo(text.toString());
            assertThat(decrypt(encrypted, alphabet.toString(), tweak, 1).toStringUtf8()).isEqualTo(text.toString());
        }
    }

    @Test
    void testShortestAndLongestTexts()
    {
        assertThat(encrypt("000000", DIGITS, "", 1).length()).isEqualTo(6);
        assertError(() -> encrypt("00000", DIGITS, "", 1), "fpe_encrypt: the text has 5 characters; accepted are 6 and more of an alphabet of 10, so that there are a million texts");
        assertThat(encrypt("0".repeat(20), "01", "", 1).length()).isEqualTo(20);
        assertError(() -> encrypt("0".repeat(19), "01", "", 1), "the text has 19 characters; accepted are 20 and more");
        String bytes = characters(256);
        assertThat(encrypt("###", bytes, "", 1).toStringUtf8()).hasSize(3);
        assertError(() -> encrypt("##", bytes, "", 1), "the text has 2 characters; accepted are 3 and more");
        assertError(() -> encrypt("", DIGITS, "", 1), "the text has 0 characters");
        assertThat(decrypt(encrypt("1".repeat(1_000), DIGITS, "", 1), DIGITS, "", 1).toStringUtf8()).isEqualTo("1".repeat(1_000));
        assertError(() -> encrypt("1".repeat(1_001), DIGITS, "", 1), "the text has more than 1000 characters");
        assertError(() -> encrypt("1".repeat(1_000_000), DIGITS, "", 1), "the text has more than 1000 characters");
        assertError(() -> encrypt("000000", DIGITS, "t".repeat(257), 1), "the tweak has 257 bytes; accepted are up to 256");
    }

    @Test
    void testErrorsShowNothing()
    {
        Slice iban = utf8Slice("DE89370400440532013000");
        assertError(() -> encrypt("4111-1111-1111-1111", DIGITS, "", 1), "fpe_encrypt: character 5 of the text is not in the alphabet");
        assertError(() -> decrypt(Slices.wrappedBuffer((byte) 0xFF), DIGITS, "", 1), "fpe_decrypt: character 1 of the text is not in the alphabet");
        for (String alphabet : new String[] {"", "0", "00", "0120", characters(257), "x".repeat(1_000_000)}) {
            assertError(() -> encrypt("0123456789", alphabet, "", 1), "not an alphabet; accepted are 2 to 256 characters, each of them once");
        }
        // arguments that were mistaken for one another
        assertError(() -> functions.tokenize(utf8Slice("customers"), iban), "tokenize: there is no key of that name; accepted are the names in the key file of the catalog");
        assertError(() -> functions.tokenize(iban, utf8Slice("customers"), 3), "tokenize: the key has no version 3");
        assertError(() -> functions.tokenize(iban, utf8Slice("nist")), "tokenize: the key's purpose is to encrypt; accepted is a key whose purpose is to tokenize");
        assertError(() -> functions.fpeDecrypt(iban, utf8Slice("customers"), utf8Slice(DIGITS), iban), "fpe_decrypt: the key's purpose is to tokenize");
    }

    @Test
    void testTotality()
    {
        Random random = new Random(1977);
        int succeeded = 0;
        for (int i = 0; i < 50_000; i++) {
            Slice text = text(random);
            Slice alphabet = random.nextInt(3) == 0 ? text(random) : utf8Slice(DIGITS);
            Slice tweak = text(random);
            try {
                Slice result = random.nextBoolean()
                        ? functions.fpeEncrypt(text, utf8Slice("nist"), alphabet, tweak, 1 + random.nextInt(4))
                        : functions.fpeDecrypt(text, utf8Slice("nist"), alphabet, tweak);
                assertThat(result.length()).isGreaterThanOrEqualTo(3);
                succeeded++;
            }
            catch (TrinoException e) {
                assertThat(e.getErrorCode()).isEqualTo(StandardErrorCode.INVALID_FUNCTION_ARGUMENT.toErrorCode());
                assertThat(e).hasNoCause();
                assertThat(e.getMessage()).hasSizeLessThan(250);
            }
            assertThat(functions.tokenize(text, utf8Slice("customers")).length()).isEqualTo(64);
        }
        assertThat(succeeded).isGreaterThan(1_000);
    }

    @Test
    void testKeysDoNotShowThemselves()
    {
        VaultKey key = VaultKey.of(KeyPurpose.ENCRYPT, NIST);
        NamedKey named = new NamedKey(KeyPurpose.ENCRYPT, 1, ImmutableMap.of(1L, key));
        assertThat(key.toString()).isEqualTo("VaultKey");
        assertThat(named.toString()).isEqualTo("NamedKey[purpose=encrypt, current=1, versions={1=VaultKey}]");
        assertThatThrownBy(() -> VaultKey.of(KeyPurpose.ENCRYPT, new byte[17])).hasMessage("a key to encrypt has 17 bytes; accepted are 16, 24 and 32, the keys of AES");
        assertThatThrownBy(() -> VaultKey.of(KeyPurpose.TOKENIZE, new byte[15])).hasMessage("a key to tokenize has 15 bytes; accepted are 16 and more");
    }

    private static Slice text(Random random)
    {
        return switch (random.nextInt(4)) {
            case 0 -> {
                byte[] bytes = new byte[random.nextInt(60)];
                random.nextBytes(bytes);
                yield Slices.wrappedBuffer(bytes);
            }
            case 1 -> utf8Slice(characters(random.nextInt(300)));
            default -> utf8Slice(Strings.padStart(Long.toString(random.nextLong(Long.MAX_VALUE)), random.nextInt(50), '0'));
        };
    }

    private static String characters(int count)
    {
        StringBuilder characters = new StringBuilder();
        for (int i = 0; i < count; i++) {
            characters.appendCodePoint(' ' + i);
        }
        return characters.toString();
    }

    private void assertEncrypts(String text, int version, String alphabet, String tweak, String encrypted)
    {
        assertThat(encrypt(text, alphabet, tweak, version).toStringUtf8()).isEqualTo(encrypted);
        assertThat(decrypt(utf8Slice(encrypted), alphabet, tweak, version).toStringUtf8()).isEqualTo(text);
    }

    private Slice encrypt(String text, String alphabet, String tweak, long version)
    {
        return functions.fpeEncrypt(utf8Slice(text), utf8Slice("nist"), utf8Slice(alphabet), utf8Slice(tweak), version);
    }

    private Slice decrypt(Slice text, String alphabet, String tweak, long version)
    {
        return functions.fpeDecrypt(text, utf8Slice("nist"), utf8Slice(alphabet), utf8Slice(tweak), version);
    }

    private static void assertToken(String key, String text, String token)
    {
        Slice actual = VaultFunctions.token(VaultKey.unchecked(HexFormat.of().parseHex(key)), Slices.wrappedBuffer(HexFormat.of().parseHex(text)));
        assertThat(actual.length()).isEqualTo(64);
        assertThat(actual.toStringUtf8()).startsWith(token);
    }

    private static String hex(String text)
    {
        return HexFormat.of().formatHex(text.getBytes(US_ASCII));
    }

    private static void assertError(Runnable call, String message)
    {
        Throwable error = catchThrowable(call::run);
        assertThat(error).isInstanceOf(TrinoException.class).hasMessageContaining(message).hasNoCause();
        assertThat(((TrinoException) error).getErrorCode()).isEqualTo(StandardErrorCode.INVALID_FUNCTION_ARGUMENT.toErrorCode());
        assertThat(error.getMessage()).doesNotContain("DE89", "4111");
    }
}
