package io.nostro.functions.vault;

import org.bouncycastle.crypto.params.KeyParameter;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import java.security.GeneralSecurityException;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

/**
 * One version of a key. What it is made of does not leave it.
 */
public final class VaultKey
{
    private static final int SMALLEST_BYTES = 16;
    private static final String HMAC = "HmacSHA256";

    private final Mac mac;
    private final KeyParameter secret;

    private VaultKey(Mac mac, KeyParameter secret)
    {
        this.mac = mac;
        this.secret = secret;
    }

    /**
     * A key for a purpose.
     *
     * @throws IllegalArgumentException when a key for that purpose can not have that length
     */
    public static VaultKey of(KeyPurpose purpose, byte[] secret)
    {
        requireNonNull(purpose, "purpose is null");
        switch (purpose) {
            case TOKENIZE -> checkArgument(secret.length >= SMALLEST_BYTES, "a key to tokenize has %s bytes; accepted are %s and more", secret.length, SMALLEST_BYTES);
            case ENCRYPT -> checkArgument(secret.length == 16 || secret.length == 24 || secret.length == 32, "a key to encrypt has %s bytes; accepted are 16, 24 and 32, the keys of AES", secret.length);
        }
        return unchecked(secret);
    }

    /**
     * A key of any length, such as standards give in their examples.
     */
    static VaultKey unchecked(byte[] secret)
    {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(secret, HMAC));
            return new VaultKey(mac, new KeyParameter(secret));
        }
        catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no " + HMAC, e);
        }
    }

    byte[] authenticate(byte[] text, int offset, int length)
    {
        try {
            // a copy of one that is never used itself: threads share the key
            Mac copy = (Mac) mac.clone();
            copy.update(text, offset, length);
            return copy.doFinal();
        }
        catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this Java's " + HMAC + " can not be copied", e);
        }
    }

    KeyParameter secret()
    {
        return secret;
    }

    @Override
    public String toString()
    {
        return "VaultKey";
    }
}
