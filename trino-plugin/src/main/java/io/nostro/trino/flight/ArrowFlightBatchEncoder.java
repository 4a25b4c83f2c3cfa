package io.nostro.trino.flight;

import com.google.flatbuffers.FlatBufferBuilder;
import io.trino.spi.Page;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.lang.Math.toIntExact;

/**
 * Gathers rows into record batches, and computes the checksum of all of their buffers.
 */
final class ArrowFlightBatchEncoder
{
    private static final int ALIGNMENT = 8;

    private final List<ArrowFlightColumnEncoder> columns;
    private final CRC32 checksum = new CRC32();
    private int batchRows;
    private long rows;

    ArrowFlightBatchEncoder(List<ArrowFlightWriteColumn> columns)
    {
        this.columns = columns.stream()
                .map(column -> ArrowFlightColumnEncoder.create(column.type()))
                .collect(toImmutableList());
    }

    void append(Page page)
    {
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).append(page.getBlock(i));
        }
        batchRows += page.getPositionCount();
    }

    int batchRows()
    {
        return batchRows;
    }

    /**
     * {@return rows of all batches that were taken}
     */
    long rows()
    {
        return rows;
    }

    /**
     * {@return the CRC-32 of all buffers of all batches that were taken, in their order, without padding}
     */
    long checksum()
    {
        return checksum.getValue();
    }

    long retainedBytes()
    {
        return columns.stream().mapToLong(ArrowFlightColumnEncoder::retainedBytes).sum();
    }

    /**
     * Takes the rows that were added since the last batch, as a message of Flight.
     */
    ArrowFlightMessage takeBatch()
    {
        List<ArrowFlightWriteBuffer> buffers = new ArrayList<>();
        List<ArrowFlightColumnEncoder> nodes = new ArrayList<>();
        columns.forEach(column -> {
            column.forEachNode(nodes::add);
            column.forEachBuffer(buffers::add);
        });
        long bodyLength = buffers.stream().mapToLong(buffer -> padded(buffer.size())).sum();
        byte[] header = header(nodes, buffers, bodyLength);
        ArrowFlightMessage message = ArrowFlightMessage.allocate(header, toIntExact(bodyLength));
        int offset = message.bodyOffset();
        for (ArrowFlightWriteBuffer buffer : buffers) {
            System.arraycopy(buffer.bytes(), 0, message.bytes(), offset, buffer.size());
            checksum.update(buffer.bytes(), 0, buffer.size());
            offset += toIntExact(padded(buffer.size()));
        }
        rows += batchRows;
        batchRows = 0;
        columns.forEach(ArrowFlightColumnEncoder::clear);
        return message;
    }

    private byte[] header(List<ArrowFlightColumnEncoder> nodes, List<ArrowFlightWriteBuffer> buffers, long bodyLength)
    {
        FlatBufferBuilder builder = new FlatBufferBuilder();
        // vectors of structs are built from their end
        RecordBatch.startNodesVector(builder, nodes.size());
        for (ArrowFlightColumnEncoder node : nodes.reversed()) {
            FieldNode.createFieldNode(builder, node.rows(), node.nulls());
        }
        int nodesVector = builder.endVector();
        RecordBatch.startBuffersVector(builder, buffers.size());
        long offset = bodyLength;
        for (ArrowFlightWriteBuffer buffer : buffers.reversed()) {
            offset -= padded(buffer.size());
            Buffer.createBuffer(builder, offset, buffer.size());
        }
        int buffersVector = builder.endVector();
        int batch = RecordBatch.createRecordBatch(builder, batchRows, nodesVector, buffersVector, 0, 0);
        builder.finish(Message.createMessage(builder, MetadataVersion.V5, MessageHeader.RecordBatch, batch, bodyLength, 0));
        return builder.sizedByteArray();
    }

    private static long padded(long size)
    {
        return (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
}
