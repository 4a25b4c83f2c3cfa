package io.nostro.toolkit.binding;

import com.google.common.base.Joiner;
import com.google.common.collect.ImmutableList;
import io.trino.spi.TrinoException;
import io.trino.spi.type.Type;
import io.trino.spi.type.TypeSignature;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Throwables.getRootCause;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static com.google.common.collect.Iterables.getOnlyElement;
import static io.trino.spi.StandardErrorCode.AMBIGUOUS_FUNCTION_CALL;
import static io.trino.spi.StandardErrorCode.FUNCTION_NOT_FOUND;
import static io.trino.spi.StandardErrorCode.TYPE_NOT_FOUND;
import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

/**
 * A function with all its signatures, of which it chooses the one for a call as Trino 476 does: one that takes the types of
 * the arguments as they are, or else the most specific one that takes them after implicit coercions.
 * <p>
 * All signatures have long variables at most, which stand for lengths, precisions and scales, and always the same number
 * of arguments: no function here has variables that stand for types or a variable number of arguments. As the type
 * {@code unknown} is not in the SPI, a bare NULL has to be given a type before the call is resolved.
 */
public final class FunctionDeclaration
{
    private final String name;
    private final List<SignatureBinder> binders;

    /**
     * @param signatures in the order in which Trino would know them
     * @throws IllegalArgumentException when there is none, or one has a type that {@link Types} does not know, such as a
     *         variable that stands for types, or a long variable of which nothing gives the value, or an expression that is none
     */
    public FunctionDeclaration(String name, List<SignatureDeclaration> signatures)
    {
        this.name = requireNonNull(name, "name is null");
        checkArgument(!signatures.isEmpty(), "the function %s has no signature", name);
        this.binders = signatures.stream()
                .map(this::binder)
                .collect(toImmutableList());
    }

    /**
     * The signature for a call with arguments of these types.
     *
     * @throws TrinoException FUNCTION_NOT_FOUND when no signature takes them, AMBIGUOUS_FUNCTION_CALL when several do of
     *         which none is the most specific, INVALID_FUNCTION_ARGUMENT when the return type is a decimal with too large a scale,
     *         and TYPE_NOT_FOUND when it is another type that does not exist
     */
    public BoundSignature resolve(List<Type> argumentTypes)
    {
        List<Candidate> exact = candidates(argumentTypes, false);
        if (!exact.isEmpty()) {
            return choose(exact);
        }
        List<Candidate> coerced = candidates(argumentTypes, true);
        if (!coerced.isEmpty()) {
            return choose(mostSpecific(coerced));
        }
        throw notFound(argumentTypes);
    }

    private SignatureBinder binder(SignatureDeclaration signature)
    {
        try {
            return new SignatureBinder(signature);
        }
        catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the function %s cannot have the signature (%s) -> %s: %s".formatted(
                    name,
                    Joiner.on(", ").join(signature.argumentTypes()),
                    signature.returnType(),
                    e.getMessage()), e);
        }
    }

    private List<Candidate> candidates(List<Type> argumentTypes, boolean coercionAllowed)
    {
        ImmutableList.Builder<Candidate> candidates = ImmutableList.builder();
        for (int overload = 0; overload < binders.size(); overload++) {
            SignatureBinder binder = binders.get(overload);
            Optional<Map<String, Long>> variables = binder.bind(argumentTypes, coercionAllowed);
            if (variables.isPresent()) {
                candidates.add(new Candidate(overload, binder, variables.get()));
            }
        }
        return candidates.build();
    }

    /**
     * One of each set of candidates that can stand in for each other, the last of the most specific ones.
     */
    private static List<Candidate> mostSpecific(List<Candidate> candidates)
    {
        List<Candidate> representatives = new ArrayList<>();
        for (Candidate candidate : candidates) {
            boolean represented = false;
            for (int i = 0; i < representatives.size() && !represented; i++) {
                if (candidate.isMoreSpecificThan(representatives.get(i))) {
                    representatives.set(i, candidate);
                    represented = true;
                }
                else {
                    represented = representatives.get(i).isMoreSpecificThan(candidate);
                }
            }
            if (!represented) {
                representatives.add(candidate);
            }
        }
        return representatives;
    }

    private BoundSignature choose(List<Candidate> candidates)
    {
        if (candidates.size() > 1) {
            throw new TrinoException(
                    AMBIGUOUS_FUNCTION_CALL,
                    candidates.stream()
                            .map(candidate -> "\t * " + candidate + "\n")
                            .collect(joining("", "Could not choose a best candidate operator. Explicit type casts must be added.\nCandidates are:\n", "")));
        }
        Candidate candidate = getOnlyElement(candidates);
        return new BoundSignature(candidate.overload(), candidate.argumentTypes(), returnType(candidate), candidate.variables());
    }

    private Type returnType(Candidate candidate)
    {
        TypeSignature returnType = candidate.returnType();
        try {
            return Types.of(returnType);
        }
        catch (IllegalArgumentException e) {
            throw new TrinoException(
                    () -> getRootCause(e) instanceof TrinoException trinoException ? trinoException.getErrorCode() : TYPE_NOT_FOUND.toErrorCode(),
                    "the function %s has no result for arguments of the types %s: %s".formatted(name, candidate.argumentTypes(), e.getMessage()),
                    e);
        }
    }

    private TrinoException notFound(List<Type> argumentTypes)
    {
        Set<String> expected = new TreeSet<>();
        for (SignatureBinder binder : binders) {
            expected.add(name + "(" + Joiner.on(", ").join(binder.declaration().argumentTypes()) + ")");
        }
        return new TrinoException(FUNCTION_NOT_FOUND, "Unexpected parameters (%s) for function %s. Expected: %s".formatted(
                argumentTypes.stream()
                        .map(type -> type.getTypeSignature().toString())
                        .collect(joining(", ")),
                name,
                Joiner.on(", ").join(expected)));
    }

    private record Candidate(int overload, SignatureBinder binder, Map<String, Long> variables)
    {
        List<Type> argumentTypes()
        {
            return binder.argumentTypes(variables);
        }

        TypeSignature returnType()
        {
            return binder.returnType(variables);
        }

        /**
         * Whether the other signature takes all that this one takes, as bound to the call.
         */
        boolean isMoreSpecificThan(Candidate other)
        {
            return other.binder().bind(argumentTypes(), true).isPresent();
        }

        @Override
        public String toString()
        {
            return argumentTypes().stream()
                    .map(type -> type.getTypeSignature().toString())
                    .collect(joining(",", "(", "):" + returnType()));
        }
    }
}
