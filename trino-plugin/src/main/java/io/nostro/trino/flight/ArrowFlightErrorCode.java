package io.nostro.trino.flight;

import io.trino.spi.ErrorCode;
import io.trino.spi.ErrorCodeSupplier;
import io.trino.spi.ErrorType;

import static io.trino.spi.ErrorType.EXTERNAL;

public enum ArrowFlightErrorCode
        implements ErrorCodeSupplier
{
    ARROW_FLIGHT_UNREACHABLE(0, EXTERNAL),
    ARROW_FLIGHT_TIMEOUT(1, EXTERNAL),
    ARROW_FLIGHT_SOURCE_ERROR(2, EXTERNAL),
    ARROW_FLIGHT_BAD_RESPONSE(3, EXTERNAL),
    ARROW_FLIGHT_STREAM_FAILED(4, EXTERNAL),
    ARROW_FLIGHT_UNSUPPORTED_TYPE(5, EXTERNAL),
    ARROW_FLIGHT_PROTOCOL_MISMATCH(6, EXTERNAL),
    ARROW_FLIGHT_AMBIGUOUS_NAME(7, EXTERNAL);

    private static final int FIRST_CODE = 0x4E05_0000;

    private final int code;
    private final ErrorType type;

    ArrowFlightErrorCode(int code, ErrorType type)
    {
        this.code = code;
        this.type = type;
    }

    @Override
    public ErrorCode toErrorCode()
    {
        return new ErrorCode(FIRST_CODE + code, name(), type);
    }
}
