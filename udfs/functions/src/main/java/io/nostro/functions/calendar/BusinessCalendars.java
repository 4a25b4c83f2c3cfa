package io.nostro.functions.calendar;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSortedMap;
import com.opengamma.strata.basics.date.HolidayCalendar;
import com.opengamma.strata.basics.date.HolidayCalendars;
import io.nostro.functions.TextLookup;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import static io.nostro.functions.FunctionErrors.invalidArgument;
import static io.nostro.functions.StrataConfiguration.readingConfiguration;

/**
 * Strata's holiday calendars by name, in any case, and combinations of them joined with {@code +}.
 */
public final class BusinessCalendars
{
    private static final int MOST_COMBINED = 8;

    private static final Map<String, HolidayCalendar> CALENDARS = readingConfiguration(BusinessCalendars::calendars);
    private static final Map<String, BusinessCalendar> LOADED = new ConcurrentHashMap<>();
    public static final TextLookup<BusinessCalendar> BY_NAME = new TextLookup<>(BusinessCalendars::resolve);

    private BusinessCalendars() {}

    private static BusinessCalendar resolve(String names)
    {
        BusinessCalendar combined = null;
        int count = 0;
        for (String name : Splitter.on('+').trimResults().split(names)) {
            HolidayCalendar calendar = CALENDARS.get(name);
            if (calendar == null || count == MOST_COMBINED) {
                throw invalidArgument(
                        "not a business calendar: '%s'; accepted are %s, and up to %s of them joined with +",
                        names.length() > 60 ? names.substring(0, 60) + "…" : names,
                        String.join(", ", CALENDARS.keySet()),
                        MOST_COMBINED);
            }
            BusinessCalendar loaded = LOADED.computeIfAbsent(calendar.getName(), _ -> new BusinessCalendar(calendar));
            combined = combined == null ? loaded : combined.combinedWith(loaded);
            count++;
        }
        return combined;
    }

    private static Map<String, HolidayCalendar> calendars()
    {
        Map<String, HolidayCalendar> calendars = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        HolidayCalendars.extendedEnum().lookupAllNormalized().values().forEach(calendar -> calendars.put(calendar.getName(), calendar));
        return ImmutableSortedMap.copyOf(calendars, String.CASE_INSENSITIVE_ORDER);
    }
}
