package dev.fieldfare.model;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How settings write a length of time: {@code 500ms}, {@code 2s}, {@code 1.5m}, {@code 1h}, {@code 2d}, or {@code 0}. */
final class Durations {
    static final String EXPECTED = "a length of time, such as 500ms, 2s, 5m, 1h or 2d";

    private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?) ?(ms|s|m|h|d)");

    /** From the shortest. */
    private static final Map<String, Duration> UNITS = new LinkedHashMap<>();

    static {
        UNITS.put("ms", Duration.ofMillis(1));
        UNITS.put("s", Duration.ofSeconds(1));
        UNITS.put("m", Duration.ofMinutes(1));
        UNITS.put("h", Duration.ofHours(1));
        UNITS.put("d", Duration.ofDays(1));
    }

    private Durations() {}

    static SimpleModule module() {
        SimpleModule module = new SimpleModule("lengths of time");
        module.addDeserializer(Duration.class, new Reader());
        module.addSerializer(Duration.class, new Writer());
        return module;
    }

    /** In the longest unit that says it in a whole number, to the millisecond. */
    static String format(Duration duration) {
        long millis = duration.toMillis();
        String text = "0s";
        for (Map.Entry<String, Duration> unit : UNITS.entrySet()) {
            long length = unit.getValue().toMillis();
            if (millis != 0 && millis % length == 0) {
                text = millis / length + unit.getKey();
            }
        }
        return text;
    }

    private static final class Reader extends StdScalarDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        Reader() {
            super(Duration.class);
        }

        @Override
        public Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = String.valueOf(parser.getText()).strip();
            Matcher matcher = FORM.matcher(text);
            if (matcher.matches()) {
                Duration unit = UNITS.getOrDefault(matcher.group(2), Duration.ZERO);
                return Duration.ofMillis(Math.round(Double.parseDouble(matcher.group(1)) * unit.toMillis()));
            }
            if (text.equals("0")) {
                return Duration.ZERO;
            }
            return (Duration) context.handleWeirdStringValue(Duration.class, text, "expected %s", EXPECTED);
        }
    }

    private static final class Writer extends StdScalarSerializer<Duration> {
        private static final long serialVersionUID = 1;

        Writer() {
            super(Duration.class);
        }

        @Override
        public void serialize(Duration duration, JsonGenerator generator, SerializerProvider provider)
                throws IOException {
            generator.writeString(format(duration));
        }
    }
}
