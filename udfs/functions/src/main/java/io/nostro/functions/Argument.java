package io.nostro.functions;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * What an argument of a name means, in which unit, and what is accepted. One on a function's method holds for all
 * overloads; one on a class or a package for all its functions that have an argument of the name and say nothing nearer.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.PACKAGE})
@Repeatable(Arguments.class)
public @interface Argument
{
    /**
     * The name in SQL, in lower snake case.
     */
    String name();

    String meaning();
}
