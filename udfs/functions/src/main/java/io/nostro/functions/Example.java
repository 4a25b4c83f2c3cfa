package io.nostro.functions;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * An example of a function: what its documentation shows and its tests run.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE})
@Repeatable(Examples.class)
public @interface Example
{
    /**
     * A scalar function's expression, or for an aggregate a query of one row and one column.
     */
    String sql();

    /**
     * The value as JSON text, as {@code json_format(CAST((sql) AS json))} gives it; {@code null} for NULL.
     */
    String result();
}
