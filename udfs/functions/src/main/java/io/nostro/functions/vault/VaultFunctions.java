package io.nostro.functions.vault;

import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.functions.Argument;
import io.nostro.functions.Errors;
import io.nostro.functions.Example;
import io.nostro.functions.Source;
import io.trino.spi.function.Description;
import io.trino.spi.function.ScalarFunction;
import io.trino.spi.function.SqlType;
import io.trino.spi.type.StandardTypes;

import java.util.HexFormat;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

/**
 * Functions that need a secret. They belong to a catalog, whose configuration holds the keys and says who may use them; SQL
 * names a key, and never holds one.
 */
@Argument(name = "key", meaning = "the name of a key in the key file of the catalog")
@Argument(name = "alphabet", meaning = "all characters that the text may have, 2 to 256 and each of them once, such as 0123456789")
@Argument(name = "tweak", meaning = "what makes equal texts differ from column to column, of up to 256 bytes; not a secret")
@Argument(name = "version", meaning = "the version of the key; the current one when left out")
@Errors(invalidArgument = "the key or version is not in the key file or the key's purpose is another, the alphabet is not one, or the text has a character outside it, fewer characters than give a million texts, or more than 1000; the tweak is longer than 256 bytes")
public final class VaultFunctions
{
    private static final String TOKENIZE = "tokenize";
    private static final String FPE_ENCRYPT = "fpe_encrypt";
    private static final String FPE_DECRYPT = "fpe_decrypt";

    private final VaultKeys keys;

    public VaultFunctions(VaultKeys keys)
    {
        this.keys = requireNonNull(keys, "keys is null");
    }

    /**
     * Whether the function gives back what was hidden.
     */
    public static boolean reveals(String function)
    {
        return function.equals(FPE_DECRYPT);
    }

    @ScalarFunction(TOKENIZE)
    @Description("A token that stands for a text and can not be turned back: HMAC-SHA-256 of its UTF-8 bytes with the current version of a key of the catalog, as 64 hexadecimal digits; one text always has one token, so tokens can be joined on")
    @Source("FIPS 198-1, HMAC, with the SHA-256 of FIPS 180-4")
    @Argument(name = "text", meaning = "the text that the token stands for")
    @Errors(invalidArgument = "the key or version is not in the key file, or the key's purpose is another")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "length(vault.privacy.tokenize('DE89370400440532013000', 'customers'))", result = "64")
    @Example(sql = "vault.privacy.tokenize('DE89370400440532013000', 'customers') = vault.privacy.tokenize('DE89370400440532013000', 'customers')", result = "true")
    @Example(sql = "TRY(vault.privacy.tokenize('DE89370400440532013000', 'no such key'))", result = "null")
    public Slice tokenize(@SqlType(StandardTypes.VARCHAR) Slice text, @SqlType(StandardTypes.VARCHAR) Slice key)
    {
        return token(keys.current(TOKENIZE, KeyPurpose.TOKENIZE, key), text);
    }

    @ScalarFunction(TOKENIZE)
    @Description("A token that stands for a text, as 64 hexadecimal digits: HMAC-SHA-256 of its UTF-8 bytes with a version of a key of the catalog, so that tokens of an earlier version can still be made")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "vault.privacy.tokenize('DE89370400440532013000', 'customers', 1) = vault.privacy.tokenize('DE89370400440532013001', 'customers', 1)", result = "false")
    @Example(sql = "TRY(vault.privacy.tokenize('DE89370400440532013000', 'customers', -1))", result = "null")
    public Slice tokenize(
            @SqlType(StandardTypes.VARCHAR) Slice text,
            @SqlType(StandardTypes.VARCHAR) Slice key,
            @SqlType(StandardTypes.BIGINT) long version)
    {
        return token(keys.version(TOKENIZE, KeyPurpose.TOKENIZE, key, version), text);
    }

    @ScalarFunction(FPE_ENCRYPT)
    @Description("A text encrypted into one of the same length and alphabet, by FF1 of NIST SP 800-38G with AES and the current version of a key of the catalog; the alphabet is all characters that the text may have, and the tweak, which is no secret, makes equal texts differ from column to column")
    @Source("NIST SP 800-38G, Methods for Format-Preserving Encryption: FF1")
    @Argument(name = "text", meaning = "the text to encrypt: so many characters of the alphabet that there are a million texts of its length, and up to 1000")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "regexp_like(vault.privacy.fpe_encrypt('4111111111111111', 'accounts', '0123456789', 'cards'), '[0-9]{16}')", result = "true")
    @Example(sql = "TRY(vault.privacy.fpe_encrypt('4111-1111-1111-1111', 'accounts', '0123456789', 'cards'))", result = "null")
    public Slice fpeEncrypt(
            @SqlType(StandardTypes.VARCHAR) Slice text,
            @SqlType(StandardTypes.VARCHAR) Slice key,
            @SqlType(StandardTypes.VARCHAR) Slice alphabet,
            @SqlType(StandardTypes.VARCHAR) Slice tweak)
    {
        return FormatPreservingCipher.encrypt(FPE_ENCRYPT, keys.current(FPE_ENCRYPT, KeyPurpose.ENCRYPT, key), text, alphabet, tweak);
    }

    @ScalarFunction(FPE_ENCRYPT)
    @Description("A text encrypted into one of the same length and alphabet, by FF1 of NIST SP 800-38G with AES and a version of a key of the catalog")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "length(vault.privacy.fpe_encrypt('DE89370400440532013000', 'accounts', '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', '', 1))", result = "22")
    @Example(sql = "TRY(vault.privacy.fpe_encrypt('12345', 'accounts', '0123456789', '', 1))", result = "null")
    public Slice fpeEncrypt(
            @SqlType(StandardTypes.VARCHAR) Slice text,
            @SqlType(StandardTypes.VARCHAR) Slice key,
            @SqlType(StandardTypes.VARCHAR) Slice alphabet,
            @SqlType(StandardTypes.VARCHAR) Slice tweak,
            @SqlType(StandardTypes.BIGINT) long version)
    {
        return FormatPreservingCipher.encrypt(FPE_ENCRYPT, keys.version(FPE_ENCRYPT, KeyPurpose.ENCRYPT, key, version), text, alphabet, tweak);
    }

    // as a function that is deterministic it would be evaluated when a query is planned, and the plan would show the text
    @ScalarFunction(value = FPE_DECRYPT, deterministic = false)
    @Description("The text that fpe_encrypt made a text of, with the current version of a key of the catalog and the same alphabet and tweak; another alphabet, tweak or key gives another text and no error")
    @Source("NIST SP 800-38G, Methods for Format-Preserving Encryption: FF1")
    @Argument(name = "text", meaning = "the encrypted text")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "vault.privacy.fpe_decrypt(vault.privacy.fpe_encrypt('4111111111111111', 'accounts', '0123456789', 'cards'), 'accounts', '0123456789', 'cards')", result = "\"4111111111111111\"")
    @Example(sql = "TRY(vault.privacy.fpe_decrypt('4111111111111111', 'customers', '0123456789', 'cards'))", result = "null")
    public Slice fpeDecrypt(
            @SqlType(StandardTypes.VARCHAR) Slice text,
            @SqlType(StandardTypes.VARCHAR) Slice key,
            @SqlType(StandardTypes.VARCHAR) Slice alphabet,
            @SqlType(StandardTypes.VARCHAR) Slice tweak)
    {
        return FormatPreservingCipher.decrypt(FPE_DECRYPT, keys.current(FPE_DECRYPT, KeyPurpose.ENCRYPT, key), text, alphabet, tweak);
    }

    @ScalarFunction(value = FPE_DECRYPT, deterministic = false)
    @Description("The text that fpe_encrypt made a text of, with the version of a key that it was made with and the same alphabet and tweak; another version gives another text and no error")
    @SqlType(StandardTypes.VARCHAR)
    @Example(sql = "vault.privacy.fpe_decrypt(vault.privacy.fpe_encrypt('4111111111111111', 'accounts', '0123456789', 'cards', 1), 'accounts', '0123456789', 'cards', 1)", result = "\"4111111111111111\"")
    @Example(sql = "TRY(vault.privacy.fpe_decrypt('4111111111111111', 'accounts', '0123456789', 'cards', -1))", result = "null")
    public Slice fpeDecrypt(
            @SqlType(StandardTypes.VARCHAR) Slice text,
            @SqlType(StandardTypes.VARCHAR) Slice key,
            @SqlType(StandardTypes.VARCHAR) Slice alphabet,
            @SqlType(StandardTypes.VARCHAR) Slice tweak,
            @SqlType(StandardTypes.BIGINT) long version)
    {
        return FormatPreservingCipher.decrypt(FPE_DECRYPT, keys.version(FPE_DECRYPT, KeyPurpose.ENCRYPT, key, version), text, alphabet, tweak);
    }

    static Slice token(VaultKey key, Slice text)
    {
        byte[] code = key.authenticate(text.byteArray(), text.byteArrayOffset(), text.length());
        return Slices.wrappedBuffer(HexFormat.of().formatHex(code).getBytes(US_ASCII));
    }
}
