package io.nostro.functions.vault;

import static java.util.Objects.requireNonNull;

/**
 * What a key is for. A key serves one purpose, so that what one function shows says nothing of another's secret.
 */
public enum KeyPurpose
{
    TOKENIZE("tokenize"),
    ENCRYPT("encrypt");

    private final String text;

    KeyPurpose(String text)
    {
        this.text = requireNonNull(text, "text is null");
    }

    @Override
    public String toString()
    {
        return text;
    }
}
