package io.nostro.toolkit.call;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.nostro.toolkit.arrow.ArrowType;
import io.nostro.toolkit.binding.BoundSignature;
import io.nostro.toolkit.binding.FunctionDeclaration;
import io.nostro.toolkit.binding.SignatureDeclaration;
import io.nostro.toolkit.binding.TypeParser;
import io.nostro.toolkit.binding.Types;
import io.trino.spi.TrinoException;
import io.trino.spi.type.StandardTypes;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;
import io.trino.spi.type.TypeSignatureParameter;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static io.trino.spi.type.TypeSignatureParameter.numericParameter;
import static io.trino.spi.type.TypeSignatureParameter.typeParameter;
import static java.util.Collections.nCopies;
import static java.util.Objects.requireNonNull;

/**
 * A function of the catalogue, with all its signatures. What is found for argument types is kept; many threads may call it.
 */
public final class CallableFunction
{
    private final String name;
    private final List<Class<?>> declaringClasses;
    private final Optional<Object> instance;
    private final List<SignatureDeclaration> signatures;
    private final FunctionDeclaration declaration;
    private final Map<List<ArrowType>, ScalarCall> scalars = new ConcurrentHashMap<>();
    private final Map<List<ArrowType>, AggregateCall> aggregates = new ConcurrentHashMap<>();

    /**
     * @param declaringClasses the class that declares each signature
     * @param instance of that class, whose methods are called where they are not static
     */
    public CallableFunction(String name, List<Class<?>> declaringClasses, List<SignatureDeclaration> signatures, Optional<Object> instance)
    {
        this.name = requireNonNull(name, "name is null");
        this.declaringClasses = ImmutableList.copyOf(declaringClasses);
        this.instance = requireNonNull(instance, "instance is null");
        this.signatures = ImmutableList.copyOf(signatures);
        checkArgument(declaringClasses.size() == signatures.size(), "%s classes declare %s signatures", declaringClasses.size(), signatures.size());
        this.declaration = new FunctionDeclaration(name, signatures);
    }

    /**
     * The function of the catalogue's texts.
     *
     * @param declaringClasses the class that declares each signature
     * @param argumentTypes the types of each signature's arguments
     * @param returnTypes what each signature gives
     * @param variables for each signature names and expressions of calculated variables, in turn
     * @param instance whose methods are called where they are not static, or null
     */
    public static CallableFunction of(String name, String[] declaringClasses, String[][] argumentTypes, String[] returnTypes, String[][] variables, Object instance)
    {
        ImmutableList.Builder<Class<?>> classes = ImmutableList.builder();
        ImmutableList.Builder<SignatureDeclaration> signatures = ImmutableList.builder();
        for (int index = 0; index < declaringClasses.length; index++) {
            try {
                classes.add(Class.forName(declaringClasses[index]));
            }
            catch (ClassNotFoundException e) {
                throw new IllegalArgumentException("The class of %s is not there: %s".formatted(name, declaringClasses[index]), e);
            }
            ImmutableMap.Builder<String, String> expressions = ImmutableMap.builder();
            for (int variable = 0; variable < variables[index].length; variable += 2) {
                expressions.put(variables[index][variable], variables[index][variable + 1]);
            }
            signatures.add(new SignatureDeclaration(
                    Arrays.stream(argumentTypes[index]).map(TypeParser::parse).collect(toImmutableList()),
                    TypeParser.parse(returnTypes[index]),
                    expressions.buildOrThrow()));
        }
        return new CallableFunction(name, classes.build(), signatures.build(), Optional.ofNullable(instance));
    }

    /**
     * The scalar function for arguments of the types.
     *
     * @throws io.trino.spi.TrinoException when no signature takes them
     */
    public ScalarCall scalar(List<ArrowType> arguments)
    {
        return scalars.computeIfAbsent(arguments, types -> {
            BoundSignature signature = resolve(types);
            return new ScalarCall(
                    types,
                    signature.argumentTypes(),
                    nCopies(types.size(), false),
                    signature.returnType(),
                    Implementations.scalar(declaringClass(signature), instance, name, declared(signature), signature));
        });
    }

    /**
     * The aggregate for arguments of the types.
     *
     * @throws io.trino.spi.TrinoException when no signature takes them
     */
    public AggregateCall aggregate(List<ArrowType> arguments)
    {
        return aggregates.computeIfAbsent(arguments, types -> {
            BoundSignature signature = resolve(types);
            Class<?> declaring = declaringClass(signature);
            return new AggregateCall(
                    types,
                    signature,
                    Implementations.stateFactory(declaring, declared(signature), signature),
                    Implementations.input(declaring, declared(signature), signature),
                    Implementations.output(declaring));
        });
    }

    /**
     * The signature that takes the arguments. A column of nothing but NULL or of lists of it, which has no type, is of the one
     * that the first signature wants that takes the others.
     */
    private BoundSignature resolve(List<ArrowType> arguments)
    {
        List<Type> types = arguments.stream().map(ArrowType::trinoType).collect(toImmutableList());
        if (arguments.stream().noneMatch(CallableFunction::hasNoType)) {
            return declaration.resolve(types);
        }
        for (SignatureDeclaration signature : signatures) {
            if (signature.argumentTypes().size() == arguments.size()) {
                ImmutableList.Builder<Type> wanted = ImmutableList.builder();
                for (int argument = 0; argument < arguments.size(); argument++) {
                    TypeSignature declared = signature.argumentTypes().get(argument);
                    ArrowType given = arguments.get(argument);
                    boolean takesDeclared = given.isNull() || (given.isListOfNull() && declared.getBase().equals(StandardTypes.ARRAY));
                    wanted.add(takesDeclared ? smallest(declared) : types.get(argument));
                }
                try {
                    return declaration.resolve(wanted.build());
                }
                catch (TrinoException _) {
                    // the next may take them
                }
            }
        }
        return declaration.resolve(types);
    }

    private static boolean hasNoType(ArrowType argument)
    {
        return argument.isNull() || argument.isListOfNull();
    }

    /**
     * The smallest type of a declared one, whose variables may have any value.
     */
    private static Type smallest(TypeSignature declared)
    {
        return Types.of(withValues(declared));
    }

    private static TypeSignature withValues(TypeSignature declared)
    {
        ImmutableList.Builder<TypeSignatureParameter> parameters = ImmutableList.builder();
        boolean first = true;
        for (TypeSignatureParameter parameter : declared.getParameters()) {
            if (parameter.isVariable()) {
                // a length or a precision of one, a scale of none
                parameters.add(numericParameter(first ? 1 : 0));
            }
            else if (parameter.isTypeSignature()) {
                parameters.add(typeParameter(withValues(parameter.getTypeSignature())));
            }
            else {
                parameters.add(parameter);
            }
            first = false;
        }
        return new TypeSignature(declared.getBase(), parameters.build());
    }

    private Class<?> declaringClass(BoundSignature signature)
    {
        return declaringClasses.get(signature.overload());
    }

    private SignatureDeclaration declared(BoundSignature signature)
    {
        return signatures.get(signature.overload());
    }
}
