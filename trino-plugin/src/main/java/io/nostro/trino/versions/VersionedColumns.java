package io.nostro.trino.versions;

import io.trino.spi.connector.ColumnMetadata;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Arrays;
import java.util.Optional;

import static com.google.common.base.Throwables.throwIfUnchecked;

/**
 * Reads columns' metadata. Up to Trino 479 a column's comment is null or a text, from 480 on it is an {@code Optional}.
 */
public final class VersionedColumns
{
    private static final MethodHandle COMMENT = commentGetter();

    private VersionedColumns() {}

    private static MethodHandle commentGetter()
    {
        try {
            return MethodHandles.publicLookup()
                    .unreflect(Arrays.stream(ColumnMetadata.class.getMethods())
                            .filter(method -> method.getName().equals("getComment"))
                            .findFirst()
                            .orElseThrow(NoSuchMethodException::new))
                    .asType(MethodType.methodType(Object.class, ColumnMetadata.class));
        }
        catch (ReflectiveOperationException e) {
            throw new LinkageError("Columns of this version of Trino are unknown", e);
        }
    }

    public static Optional<String> comment(ColumnMetadata column)
    {
        Object comment;
        try {
            comment = COMMENT.invokeExact(column);
        }
        catch (Throwable e) {
            throwIfUnchecked(e);
            throw new IllegalStateException(e);
        }
        return switch (comment) {
            case null -> Optional.empty();
            case Optional<?> optional -> optional.map(String.class::cast);
            default -> Optional.of((String) comment);
        };
    }
}
