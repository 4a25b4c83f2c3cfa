package io.nostro.functions;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What a function follows: the standard, regulation, book or product that says what its result is. One on a function's
 * method holds for all overloads; a function without one takes that of its class, or else of its package.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.PACKAGE})
public @interface Source
{
    String value();
}
