package io.nostro.trino.flight;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.airlift.slice.Slice;
import io.airlift.slice.Slices;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;

import java.io.IOException;

import static com.fasterxml.jackson.databind.DeserializationFeature.FAIL_ON_TRAILING_TOKENS;
import static com.fasterxml.jackson.databind.DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS;
import static com.fasterxml.jackson.databind.SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS;

/**
 * Values of SQL type JSON. Trino compares them as text, so all are brought to one form: no spaces, keys in order. A
 * number keeps all its digits.
 */
final class ArrowFlightJsonValues
{
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(FAIL_ON_TRAILING_TOKENS)
            .enable(USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    private ArrowFlightJsonValues() {}

    static Slice normalize(Slice value)
    {
        try {
            Object parsed = JSON.readValue(value.byteArray(), value.byteArrayOffset(), value.length(), Object.class);
            return Slices.wrappedBuffer(JSON.writeValueAsBytes(parsed));
        }
        catch (IOException e) {
            throw new MalformedDataException("a value that is not JSON");
        }
    }
}
