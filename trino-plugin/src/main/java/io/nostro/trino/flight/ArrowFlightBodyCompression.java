package io.nostro.trino.flight;

import io.nostro.trino.flight.ArrowFlightRecordBatch.Data;
import io.nostro.trino.flight.ArrowFlightRecordBatch.MalformedDataException;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.CompressionType;

/**
 * How the buffers of a record batch are compressed.
 */
interface ArrowFlightBodyCompression
{
    Data decompress(Data data);

    /**
     * Finds how a batch is compressed.
     *
     * @param compression null when the batch is not compressed
     */
    static ArrowFlightBodyCompression of(BodyCompression compression)
    {
        if (compression == null) {
            return data -> data;
        }
        int codec = Byte.toUnsignedInt(compression.codec());
        String name = codec < CompressionType.names.length ? CompressionType.name(codec) : "number " + codec;
        throw new MalformedDataException("batches compressed with %s, which is not supported: send them uncompressed".formatted(name));
    }
}
