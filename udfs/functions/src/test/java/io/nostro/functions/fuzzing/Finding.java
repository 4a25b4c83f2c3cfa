package io.nostro.functions.fuzzing;

/**
 * What a function must not do.
 */
final class Finding
        extends RuntimeException
{
    private static final long serialVersionUID = 1;

    Finding(String message)
    {
        super(message);
    }

    Finding(String message, Throwable cause)
    {
        super(message, cause);
    }
}
