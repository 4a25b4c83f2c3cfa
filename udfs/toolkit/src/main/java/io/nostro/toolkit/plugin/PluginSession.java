package io.nostro.toolkit.plugin;

import io.trino.spi.connector.ConnectorSession;
import io.trino.spi.security.ConnectorIdentity;
import io.trino.spi.type.TimeZoneKey;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

import static io.trino.spi.type.TimeZoneKey.UTC_KEY;
import static java.util.Objects.requireNonNull;

/**
 * The session that functions see which ask for it: of this process's user, English, and in the zone UTC.
 *
 * @param start when the function was bound
 */
record PluginSession(Instant start)
        implements ConnectorSession
{
    PluginSession
    {
        requireNonNull(start, "start is null");
    }

    @Override
    public String getQueryId()
    {
        return "in_process";
    }

    @Override
    public Optional<String> getSource()
    {
        return Optional.empty();
    }

    @Override
    public ConnectorIdentity getIdentity()
    {
        return ConnectorIdentity.ofUser(System.getProperty("user.name", "nobody"));
    }

    @Override
    public TimeZoneKey getTimeZoneKey()
    {
        return UTC_KEY;
    }

    @Override
    public Locale getLocale()
    {
        return Locale.ENGLISH;
    }

    @Override
    public Instant getStart()
    {
        return start;
    }

    @Override
    public Optional<String> getTraceToken()
    {
        return Optional.empty();
    }

    @Override
    public <T> T getProperty(String name, Class<T> type)
    {
        throw new IllegalArgumentException("There is no session property %s outside of a server".formatted(name));
    }
}
