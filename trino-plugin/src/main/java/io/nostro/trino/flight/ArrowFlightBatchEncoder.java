package io.nostro.trino.flight;

import com.google.flatbuffers.FlatBufferBuilder;
import io.trino.spi.Page;
import io.trino.spi.block.Block;
import io.trino.spi.block.DictionaryBlock;
import io.trino.spi.block.RunLengthEncodedBlock;
import io.trino.spi.block.ValueBlock;
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

    /**
     * {@return the size of what a page's rows are written as, once it is known to be over the limit not all of it}
     */
    static long writtenBytes(Page page, long limit)
    {
        long bytes = 0;
        for (int i = 0; i < page.getChannelCount() && bytes <= limit; i++) {
            bytes += writtenBytes(page.getBlock(i), limit);
        }
        return bytes;
    }

    /**
     * A value that a block has once for many rows is written for each.
     */
    private static long writtenBytes(Block block, long limit)
    {
        return switch (block) {
            case RunLengthEncodedBlock repeated -> repeated.getPositionCount() * repeated.getValue().getSizeInBytes();
            case DictionaryBlock dictionary -> {
                ValueBlock values = dictionary.getDictionary();
                // what it can be at most is known at once, and mostly small
                long bytes = dictionary.getPositionCount() * values.getSizeInBytes();
                if (bytes > limit) {
                    bytes = 0;
                    for (int i = 0; i < dictionary.getPositionCount() && bytes <= limit; i++) {
                        bytes += values.getEstimatedDataSizeForStats(dictionary.getId(i));
                    }
                }
                yield bytes;
            }
            default -> block.getSizeInBytes();
        };
    }

    /**
     * {@return the size of the buffers of the rows that were added since the last batch}
     */
    long batchBytes()
    {
        return columns.stream().mapToLong(ArrowFlightColumnEncoder::sizeInBytes).sum();
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
