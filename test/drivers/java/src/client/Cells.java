package client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Set;

/** The driver's values as text that every driver's values can be brought to. */
final class Cells {
  private static final Set<String> JSON = Set.of("variant", "object", "array");
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final DateTimeFormatter INSTANT =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
  private static final JsonMapper SORTED =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private Cells() {}

  /** Null for NULL; numbers without trailing zeros, times in UTC, JSON with sorted keys. */
  static String cell(Object value, String type) throws JsonProcessingException {
    if (value == null) return null;
    if (JSON.contains(type)) return json(value.toString());
    if (value instanceof Double number && !Double.isFinite(number)) return number.toString();
    if (value instanceof Number) return number(value.toString());
    if (value instanceof byte[] bytes) return HexFormat.of().withUpperCase().formatHex(bytes);
    if (value instanceof Timestamp instant) return INSTANT.format(instant.toInstant());
    if (value instanceof Date date) return date.toLocalDate().toString();
    if (value instanceof Time time) return TIME.format(time.toLocalTime());
    return value.toString();
  }

  /** What getObject and getString give, to the last digit, with the class and the zone. */
  static String exact(Object value, String text) {
    if (value == null) return text;
    return value.getClass().getSimpleName() + " " + describe(value) + " | " + text;
  }

  private static String describe(Object value) {
    if (value instanceof byte[] bytes) return HexFormat.of().formatHex(bytes);
    if (value instanceof Timestamp instant) return instant + " " + instant.toInstant();
    // A Time prints seconds only, and has more.
    if (value instanceof Time time) return time + " " + time.getTime();
    return value.toString();
  }

  private static String number(String value) {
    String text = new BigDecimal(value).toPlainString();
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }

  private static String json(String value) throws JsonProcessingException {
    return SORTED.writeValueAsString(SORTED.readValue(value, Object.class));
  }
}
