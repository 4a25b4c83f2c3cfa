package io.nostro.toolkit.binding;

import com.google.common.base.VerifyException;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.trino.spi.type.DecimalType;
import io.trino.spi.type.NamedTypeSignature;
import io.trino.spi.type.ParameterKind;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.TypeSignatureParameter.namedTypeParameter;
import static io.trino.spi.type.TypeSignatureParameter.numericParameter;
import static io.trino.spi.type.TypeSignatureParameter.typeParameter;
import static io.trino.spi.type.TypeSignatureParameter.typeVariable;
import static java.lang.String.CASE_INSENSITIVE_ORDER;
import static java.util.Objects.requireNonNull;

/**
 * Finds the values of a declared signature's variables with which it takes arguments of given types, as the class of that
 * name in Trino 476 does: the types with variables are widened for one argument after the other, until all agree.
 */
final class SignatureBinder
{
    private static final int MOST_ITERATIONS = 4;

    private final SignatureDeclaration declaration;
    private final Map<String, LongVariableExpression> calculatedVariables;

    /**
     * @throws IllegalArgumentException when the signature has a type that is not known, shares a variable between
     *         different types, or has a variable that no argument and no expression gives a value
     */
    SignatureBinder(SignatureDeclaration declaration)
    {
        this.declaration = requireNonNull(declaration, "declaration is null");
        Map<String, TypeSignature> variableTypes = new TreeMap<>(CASE_INSENSITIVE_ORDER);
        declaration.argumentTypes().forEach(type -> checkArgumentType(type, variableTypes));
        Set<String> variables = new TreeSet<>(CASE_INSENSITIVE_ORDER);
        variables.addAll(variableTypes.keySet());
        ImmutableMap.Builder<String, LongVariableExpression> calculated = ImmutableMap.builder();
        declaration.longVariableExpressions().forEach((variable, text) -> {
            LongVariableExpression expression = LongVariableExpression.parse(text);
            expression.variables().forEach(operand -> checkHasValue(operand, "'" + text + "'", variables));
            variables.add(variable);
            calculated.put(variable, expression);
        });
        this.calculatedVariables = calculated.buildOrThrow();
        checkKnown(declaration.returnType());
        variablesOf(declaration.returnType()).forEach(variable -> checkHasValue(variable, declaration.returnType(), variables));
    }

    SignatureDeclaration declaration()
    {
        return declaration;
    }

    /**
     * The values of all variables, or nothing when the signature does not take such arguments.
     */
    Optional<Map<String, Long>> bind(List<Type> actualTypes, boolean coercionAllowed)
    {
        List<TypeSignature> formalTypes = declaration.argumentTypes();
        List<NumericType> numericTypes = new ArrayList<>();
        if (!collectNumericTypes(formalTypes, actualTypes, numericTypes)) {
            return Optional.empty();
        }
        Map<String, Long> variables = new TreeMap<>(CASE_INSENSITIVE_ORDER);
        for (int iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
            boolean satisfied = true;
            for (int i = 0; i < formalTypes.size(); i++) {
                satisfied &= takes(formalTypes.get(i), actualTypes.get(i), variables, coercionAllowed);
            }
            Map<String, Long> before = new HashMap<>(variables);
            for (NumericType numericType : numericTypes) {
                if (!numericType.widen(variables)) {
                    return Optional.empty();
                }
            }
            if (variables.equals(before)) {
                if (!satisfied) {
                    return Optional.empty();
                }
                calculate(variables);
                return Optional.of(variables);
            }
        }
        throw new VerifyException("%s of %s does not settle after %s iterations".formatted(declaration, actualTypes, MOST_ITERATIONS));
    }

    List<Type> argumentTypes(Map<String, Long> variables)
    {
        return declaration.argumentTypes().stream()
                .map(type -> Types.of(substitute(type, variables)))
                .collect(toImmutableList());
    }

    TypeSignature returnType(Map<String, Long> variables)
    {
        return substitute(declaration.returnType(), variables);
    }

    private static boolean takes(TypeSignature formal, Type actual, Map<String, Long> variables, boolean coercionAllowed)
    {
        if (!variables.keySet().containsAll(variablesOf(formal))) {
            return false;
        }
        TypeSignature bound = substitute(formal, variables);
        return coercionAllowed ? TypeCompatibility.canCoerce(actual, Types.of(bound)) : actual.getTypeSignature().equals(bound);
    }

    /**
     * Pairs the declared types that have numbers and variables with those of the arguments, also inside arrays, maps and
     * rows; whether the arguments have as many types in each place.
     */
    private static boolean collectNumericTypes(List<TypeSignature> formalTypes, List<Type> actualTypes, List<NumericType> collected)
    {
        if (formalTypes.size() != actualTypes.size()) {
            return false;
        }
        for (int i = 0; i < formalTypes.size(); i++) {
            TypeSignature formal = formalTypes.get(i);
            Type actual = actualTypes.get(i);
            List<TypeSignature> nested = nestedTypes(formal);
            if (!nested.isEmpty()) {
                if (!collectNumericTypes(nested, actual.getTypeParameters(), collected)) {
                    return false;
                }
            }
            else if (!formal.getParameters().isEmpty()) {
                collected.add(new NumericType(formal, actual));
            }
        }
        return true;
    }

    private void calculate(Map<String, Long> variables)
    {
        calculatedVariables.forEach((variable, expression) -> {
            long calculated = expression.evaluate(variables);
            Long current = variables.putIfAbsent(variable, calculated);
            checkState(current == null || current == calculated, "the variable %s of %s is %s and cannot be calculated to be %s", variable, declaration, current, calculated);
        });
    }

    private static void checkArgumentType(TypeSignature type, Map<String, TypeSignature> variableTypes)
    {
        for (TypeSignatureParameter parameter : type.getParameters()) {
            if (parameter.isVariable()) {
                TypeSignature other = variableTypes.putIfAbsent(parameter.getVariable(), type);
                checkArgument(other == null || other.equals(type), "the variable %s is of the different types %s and %s", parameter.getVariable(), other, type);
            }
        }
        List<TypeSignature> nested = nestedTypes(type);
        nested.forEach(nestedType -> checkArgumentType(nestedType, variableTypes));
        if (nested.isEmpty()) {
            checkKnown(type);
        }
    }

    private static void checkHasValue(String variable, Object place, Set<String> variables)
    {
        checkArgument(variables.contains(variable), "the variable %s of %s has no value; those that have one are %s", variable, place, variables);
    }

    /**
     * Whether the type exists, given values of its variables that are in range.
     */
    private static void checkKnown(TypeSignature type)
    {
        Types.of(substitute(type, (formal, variable) -> {
            boolean isPrecision = formal.getBase().equals(StandardTypes.DECIMAL) && formal.getParameters().getFirst().equals(typeVariable(variable));
            return isPrecision ? (long) DecimalType.DEFAULT_PRECISION : 0L;
        }));
    }

    private static List<String> variablesOf(TypeSignature type)
    {
        ImmutableList.Builder<String> variables = ImmutableList.builder();
        for (TypeSignatureParameter parameter : type.getParameters()) {
            if (parameter.isVariable()) {
                variables.add(parameter.getVariable());
            }
        }
        nestedTypes(type).forEach(nested -> variables.addAll(variablesOf(nested)));
        return variables.build();
    }

    private static List<TypeSignature> nestedTypes(TypeSignature type)
    {
        return type.getParameters().stream()
                .flatMap(parameter -> parameter.getTypeSignatureOrNamedTypeSignature().stream())
                .collect(toImmutableList());
    }

    private static TypeSignature substitute(TypeSignature type, Map<String, Long> variables)
    {
        return substitute(type, (_, variable) -> variables.get(variable));
    }

    private static TypeSignature substitute(TypeSignature type, BiFunction<TypeSignature, String, Long> values)
    {
        return new TypeSignature(
                type.getBase(),
                type.getParameters().stream()
                        .map(parameter -> switch (parameter.getKind()) {
                            case LONG -> parameter;
                            case VARIABLE -> numericParameter(values.apply(type, parameter.getVariable()));
                            case TYPE -> typeParameter(substitute(parameter.getTypeSignature(), values));
                            case NAMED_TYPE -> {
                                NamedTypeSignature field = parameter.getNamedTypeSignature();
                                yield namedTypeParameter(new NamedTypeSignature(field.getFieldName(), substitute(field.getTypeSignature(), values)));
                            }
                        })
                        .collect(toImmutableList()));
    }

    /**
     * A declared type whose parameters are numbers and variables, and the type of the argument in its place.
     */
    private record NumericType(TypeSignature formal, Type actual)
    {
        /**
         * Gives the variables the least values with which the declared type takes both what it took before and the
         * argument; whether there are such.
         */
        boolean widen(Map<String, Long> variables)
        {
            Optional<Type> coerced = TypeCompatibility.coerceToBase(actual, formal.getBase());
            List<TypeSignatureParameter> parameters = formal.getParameters();
            ImmutableList.Builder<TypeSignatureParameter> current = ImmutableList.builder();
            for (int i = 0; i < parameters.size(); i++) {
                TypeSignatureParameter parameter = parameters.get(i);
                if (parameter.getKind() == ParameterKind.LONG) {
                    current.add(parameter);
                }
                else if (variables.containsKey(parameter.getVariable())) {
                    current.add(numericParameter(variables.get(parameter.getVariable())));
                }
                else if (coerced.isPresent()) {
                    current.add(coerced.get().getTypeSignature().getParameters().get(i));
                }
                else {
                    return false;
                }
            }
            Optional<TypeSignature> widened = TypeCompatibility.commonSuperType(Types.of(new TypeSignature(formal.getBase(), current.build())), actual)
                    .map(Type::getTypeSignature)
                    .filter(type -> type.getBase().equals(formal.getBase()));
            if (widened.isEmpty()) {
                return false;
            }
            for (int i = 0; i < parameters.size(); i++) {
                TypeSignatureParameter parameter = parameters.get(i);
                Long value = widened.get().getParameters().get(i).getLongLiteral();
                if (parameter.isVariable()) {
                    variables.put(parameter.getVariable(), value);
                }
                else if (!parameter.getLongLiteral().equals(value)) {
                    return false;
                }
            }
            return true;
        }
    }
}
