package io.nostro.functions.messages;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.Objects.requireNonNull;

/**
 * The fields of a payment message, looked up by their tags.
 */
final class MtPayment
{
    private final MessageSource source;
    private final MtMessage message;
    private final List<MtField> fields;

    private MtPayment(MessageSource source, MtMessage message, List<MtField> fields)
    {
        this.source = requireNonNull(source, "source is null");
        this.message = requireNonNull(message, "message is null");
        this.fields = requireNonNull(fields, "fields is null");
    }

    static MtPayment parse(MessageSource source, String type)
    {
        MtMessage message = MtMessage.parseOne(source);
        String actual = message.type(source);
        if (actual != null && !actual.equals(type)) {
            throw source.malformed("block 2", message.applicationHeader().offset(), "the message is of another type; accepted is " + type);
        }
        return new MtPayment(source, message, message.fields());
    }

    List<MtField> fields()
    {
        return fields;
    }

    /**
     * The payment with only these of its fields.
     */
    MtPayment part(List<MtField> part)
    {
        return new MtPayment(source, message, part);
    }

    String senderBic()
    {
        return message.senderBic(source);
    }

    String receiverBic()
    {
        return message.receiverBic(source);
    }

    /**
     * The value of a field of the user header, or null.
     */
    String userHeader(String tag)
    {
        return message.userHeader(tag);
    }

    /**
     * The only field of that number, with any letter of option, or null.
     */
    MtField field(String number)
    {
        MtField found = null;
        for (MtField field : fields) {
            if (field.hasNumber(number)) {
                if (found != null) {
                    throw source.malformed(field.name(), field.offset(), "the field is there twice");
                }
                found = field;
            }
        }
        return found;
    }

    MtField required(String number)
    {
        MtField field = field(number);
        if (field == null) {
            throw source.malformed("field " + number, message.offset(), "the message has no such field, which is mandatory");
        }
        return field;
    }

    String text(String number)
    {
        MtField field = field(number);
        return field == null ? null : field.value();
    }

    MtParty party(String number)
    {
        MtField field = field(number);
        return field == null ? null : MtParty.parse(source, field);
    }

    <T> List<T> repeated(String tag, Function<MtField, T> reader)
    {
        return fields.stream()
                .filter(field -> field.tag().equals(tag))
                .map(reader)
                .collect(toImmutableList());
    }

    /**
     * 6!n3!a15d
     */
    DatedAmount datedAmount(MtField field)
    {
        String value = field.value();
        LocalDate date = source.date(field.name(), field.offset(), value.substring(0, Math.min(6, value.length())));
        return new DatedAmount(date, currencyAmount(field, 6));
    }

    /**
     * 3!a15d, or null.
     */
    CurrencyAmount currencyAmount(MtField field)
    {
        return field == null ? null : currencyAmount(field, 0);
    }

    private CurrencyAmount currencyAmount(MtField field, int start)
    {
        String value = field.value();
        String currency = source.currency(field.name(), field.offset() + start, value.substring(start, Math.min(start + 3, value.length())));
        if (value.length() > start + 3 + 15) {
            throw source.malformed(field.name(), field.offset() + start + 3, "the amount is longer than 15 characters");
        }
        return new CurrencyAmount(currency, source.amount(field.name(), field.offset() + start + 3, value.substring(start + 3), ','));
    }

    /**
     * 12d, or null.
     */
    BigDecimal rate(String number, int precision, int scale)
    {
        MtField field = field(number);
        return field == null ? null : source.decimal(field.name(), field.offset(), field.value(), ',', precision, scale);
    }

    record CurrencyAmount(String currency, BigDecimal amount)
    {
        void write(RowFields row)
        {
            row.text(currency).amount(amount);
        }
    }

    record DatedAmount(LocalDate date, CurrencyAmount money) {}
}
