package io.nostro.toolkit.plugin;

import java.lang.invoke.MethodHandles;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import static java.util.Objects.requireNonNull;

/**
 * Parts of Trino's engine and what they are made of, by their classes. Constructors differ between versions of Trino, so they
 * are looked at: an argument is a part that is there, else one that is made in the same way. An interface of which there is no
 * part, such as access control, fails when it is asked for something, which resolving and calling functions does not do.
 */
final class EngineParts
{
    private final Map<Class<?>, Object> parts = new HashMap<>();

    /**
     * Takes a part, for all that need one of the class.
     */
    <T> EngineParts with(Class<T> type, T part)
    {
        parts.put(type, requireNonNull(part, "part is null"));
        return this;
    }

    /**
     * The part of a class.
     *
     * @throws LinkageError when it cannot be made
     */
    <T> T get(Class<T> type)
    {
        Object part = parts.get(type);
        if (part == null) {
            part = type.isInterface() ? absent(type) : create(type);
            parts.put(type, part);
        }
        return type.cast(part);
    }

    private <T> T create(Class<T> type)
    {
        Constructor<?> constructor = Arrays.stream(type.getConstructors())
                .min(Comparator.comparingInt(Constructor::getParameterCount))
                .orElseThrow(() -> new LinkageError("%s has no public constructor".formatted(type)));
        Object[] arguments = Arrays.stream(constructor.getGenericParameterTypes())
                .map(this::argument)
                .toArray();
        try {
            return type.cast(constructor.newInstance(arguments));
        }
        catch (InvocationTargetException e) {
            throw new LinkageError("%s of this Trino cannot be made: %s".formatted(type, e.getCause()), e.getCause());
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("%s of this Trino cannot be made".formatted(type), e);
        }
    }

    private Object argument(java.lang.reflect.Type type)
    {
        return switch (type) {
            case Class<?> clazz -> get(clazz);
            case ParameterizedType generic when generic.getRawType() == Optional.class -> Optional.empty();
            case ParameterizedType generic when isProvider(generic) -> provider((Class<?>) generic.getRawType(), () -> get((Class<?>) generic.getActualTypeArguments()[0]));
            case ParameterizedType generic -> get((Class<?>) generic.getRawType());
            default -> throw new LinkageError("no part is of the type " + type);
        };
    }

    private static boolean isProvider(ParameterizedType type)
    {
        return type.getRawType() instanceof Class<?> clazz && clazz.isInterface() && clazz.getSimpleName().equals("Provider");
    }

    /**
     * A provider of Guice's or Jakarta's, as versions of Trino have it: parts need one another.
     */
    private static Object provider(Class<?> type, Supplier<Object> part)
    {
        return proxy(type, (_, method, _) -> {
            if (method.getName().equals("get")) {
                return part.get();
            }
            throw new UnsupportedOperationException(method.toString());
        });
    }

    private static Object absent(Class<?> type)
    {
        return proxy(type, (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "no " + type.getSimpleName();
                };
            }
            throw new UnsupportedOperationException("There is no %s outside of a server".formatted(type.getSimpleName()));
        });
    }

    private static Object proxy(Class<?> type, InvocationHandler handler)
    {
        return Proxy.newProxyInstance(MethodHandles.lookup().lookupClass().getClassLoader(), new Class<?>[] {type}, handler);
    }
}
