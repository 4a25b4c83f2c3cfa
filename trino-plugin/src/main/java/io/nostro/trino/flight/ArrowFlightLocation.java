package io.nostro.trino.flight;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

import java.net.URI;
import java.net.URISyntaxException;

import static java.util.Locale.ENGLISH;
import static java.util.Objects.requireNonNull;

/**
 * Where a Flight server listens, as Arrow Flight writes it: {@code grpc://host:port} or {@code grpc+tcp://host:port}.
 */
public record ArrowFlightLocation(String host, int port)
{
    public ArrowFlightLocation
    {
        requireNonNull(host, "host is null");
    }

    /**
     * Reads a location.
     *
     * @throws IllegalArgumentException when the text is not a location, or asks for a transport that is not supported
     */
    @JsonCreator
    public static ArrowFlightLocation parse(String text)
    {
        URI uri;
        try {
            uri = new URI(text);
        }
        catch (URISyntaxException e) {
            throw new IllegalArgumentException("Not a Flight location: '%s'; expected grpc://host:port".formatted(text), e);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(ENGLISH);
        switch (scheme) {
            case "grpc", "grpc+tcp" -> {
                if (uri.getHost() == null || uri.getPort() <= 0 || uri.getPort() > 65535) {
                    throw new IllegalArgumentException("Flight location '%s' lacks a host or a port; expected grpc://host:port".formatted(text));
                }
                return new ArrowFlightLocation(uri.getHost(), uri.getPort());
            }
            case "grpc+tls" -> throw new IllegalArgumentException("Flight location '%s' asks for TLS, which is not supported; use grpc://host:port".formatted(text));
            default -> throw new IllegalArgumentException("Flight location '%s' has an unsupported scheme; expected grpc://host:port or grpc+tcp://host:port".formatted(text));
        }
    }

    @JsonValue
    @Override
    public String toString()
    {
        return "grpc://%s:%s".formatted(host, port);
    }
}
