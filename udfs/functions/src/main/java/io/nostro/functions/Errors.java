package io.nostro.functions;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * When a function fails, by the errors of {@link FunctionErrors}; a function that can't fail has one without any. One on a
 * function's method holds for all overloads; a function without one takes that of its class, or else of its package.
 * Functions named {@code …_is_valid} never fail and need none.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.PACKAGE})
public @interface Errors
{
    /**
     * When the error is {@code INVALID_FUNCTION_ARGUMENT}.
     */
    String invalidArgument() default "";

    /**
     * When the error is {@code NUMERIC_VALUE_OUT_OF_RANGE}.
     */
    String outOfRange() default "";

    /**
     * When the error is {@code DIVISION_BY_ZERO}.
     */
    String divisionByZero() default "";
}
