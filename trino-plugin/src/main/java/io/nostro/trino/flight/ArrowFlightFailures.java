package io.nostro.trino.flight;

import com.google.common.base.Splitter;
import io.grpc.Status;
import io.nostro.trino.flight.ArrowFlightProtocol.Refusal;
import io.trino.spi.ErrorCodeSupplier;
import io.trino.spi.TrinoException;

import static com.google.common.base.Strings.isNullOrEmpty;
import static com.google.common.base.Strings.nullToEmpty;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_BAD_RESPONSE;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_SOURCE_ERROR;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_TIMEOUT;
import static io.nostro.trino.flight.ArrowFlightErrorCode.ARROW_FLIGHT_UNREACHABLE;
import static io.trino.spi.StandardErrorCode.ALREADY_EXISTS;
import static io.trino.spi.StandardErrorCode.CONSTRAINT_VIOLATION;
import static io.trino.spi.StandardErrorCode.NOT_FOUND;
import static io.trino.spi.StandardErrorCode.NOT_SUPPORTED;
import static io.trino.spi.StandardErrorCode.SCHEMA_NOT_EMPTY;
import static io.trino.spi.StandardErrorCode.TRANSACTION_CONFLICT;

/**
 * What a user is told when a source fails: one sentence that names the source's address and what was being done. A
 * gRPC exception is never the cause, since its stack says nothing that the sentence doesn't.
 */
final class ArrowFlightFailures
{
    private static final int MAX_REASON_LENGTH = 1000;

    private ArrowFlightFailures() {}

    /**
     * Says why a request failed.
     *
     * @param action what was being done, as in "read public.trades"
     */
    static TrinoException requestFailed(ArrowFlightLocation location, String action, Status status)
    {
        return switch (status.getCode()) {
            case UNAVAILABLE -> new TrinoException(ARROW_FLIGHT_UNREACHABLE, "Cannot reach the Flight source at %s to %s: %s".formatted(location, action, reason(status)));
            case DEADLINE_EXCEEDED -> new TrinoException(ARROW_FLIGHT_TIMEOUT, "The Flight source at %s did not answer in time to %s".formatted(location, action));
            case DATA_LOSS, OUT_OF_RANGE -> new TrinoException(ARROW_FLIGHT_BAD_RESPONSE, "The Flight source at %s gave a malformed answer to %s: %s".formatted(location, action, reason(status)));
            case UNIMPLEMENTED -> new TrinoException(ARROW_FLIGHT_SOURCE_ERROR, "The server at %s is not a Nostro Flight source, it cannot %s: %s".formatted(location, action, reason(status)));
            default -> new TrinoException(ARROW_FLIGHT_SOURCE_ERROR, "The Flight source at %s failed to %s: %s".formatted(location, action, reason(status)));
        };
    }

    /**
     * Says why the source does not make a change; it has changed nothing.
     */
    static TrinoException refused(ArrowFlightLocation location, String action, Refusal refusal)
    {
        ErrorCodeSupplier code = switch (nullToEmpty(refusal.reason())) {
            case "already_exists" -> ALREADY_EXISTS;
            case "not_found" -> NOT_FOUND;
            case "not_empty" -> SCHEMA_NOT_EMPTY;
            case "conflict" -> TRANSACTION_CONFLICT;
            case "constraint" -> CONSTRAINT_VIOLATION;
            case "unsupported" -> NOT_SUPPORTED;
            default -> ARROW_FLIGHT_SOURCE_ERROR;
        };
        return new TrinoException(code, "The Flight source at %s refused to %s: %s".formatted(location, action, nullToEmpty(refusal.message())));
    }

    static TrinoException badResponse(ArrowFlightLocation location, String action, String problem)
    {
        return new TrinoException(ARROW_FLIGHT_BAD_RESPONSE, "The Flight source at %s gave a malformed answer to %s: %s".formatted(location, action, problem));
    }

    /**
     * {@return the first line of what the source or gRPC says, with the code when they say nothing}
     */
    static String reason(Status status)
    {
        String text = status.getDescription();
        Throwable cause = status.getCause();
        if ((isNullOrEmpty(text) || text.equals("io exception")) && cause != null && !isNullOrEmpty(cause.getMessage())) {
            text = cause.getMessage();
        }
        if (isNullOrEmpty(text)) {
            return status.getCode().name();
        }
        text = Splitter.on('\n').split(text).iterator().next();
        // Arrow's Python library appends the exception's class
        text = Splitter.on(". Detail: ").split(text).iterator().next().strip();
        if (text.length() > MAX_REASON_LENGTH) {
            text = text.substring(0, MAX_REASON_LENGTH) + "…";
        }
        return text;
    }
}
