package client;

import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Parameters of a prepared statement, each by the setter of its type. */
final class Binding {
  private interface Setter {
    void set(PreparedStatement statement, int index, JsonNode value) throws SQLException;
  }

  private static final DateTimeFormatter ZONED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss[.SSS] xx");

  private static final Map<String, Setter> SETTERS =
      Map.of(
          "number",
          Binding::setNumber,
          "boolean",
          (statement, index, value) -> statement.setBoolean(index, value.booleanValue()),
          "text",
          (statement, index, value) -> statement.setString(index, value.asText()),
          "date",
          (statement, index, value) -> statement.setDate(index, Date.valueOf(value.asText())),
          "time",
          (statement, index, value) -> statement.setTime(index, Time.valueOf(value.asText())),
          "timestamp",
          (statement, index, value) ->
              statement.setTimestamp(index, Timestamp.valueOf(value.asText())),
          "timestampWithZone",
          (statement, index, value) ->
              statement.setTimestamp(
                  index, Timestamp.from(OffsetDateTime.parse(value.asText(), ZONED).toInstant())),
          "binary",
          (statement, index, value) ->
              statement.setBytes(index, HexFormat.of().parseHex(value.asText())));

  private Binding() {}

  /** `types`: keys of the setters, or null where the values are numbers, texts and booleans. */
  static void bind(PreparedStatement statement, List<JsonNode> values, List<String> types)
      throws SQLException {
    for (int index = 0; index < values.size(); index++) {
      JsonNode value = values.get(index);
      String type = types == null ? typeOf(value) : types.get(index);
      if (value.isNull()) statement.setNull(index + 1, Types.VARCHAR);
      else SETTERS.get(type).set(statement, index + 1, value);
    }
  }

  private static String typeOf(JsonNode value) {
    if (value.isBoolean()) return "boolean";
    return value.isNumber() ? "number" : "text";
  }

  private static void setNumber(PreparedStatement statement, int index, JsonNode value)
      throws SQLException {
    if (value.isIntegralNumber()) statement.setLong(index, value.longValue());
    else statement.setBigDecimal(index, value.decimalValue());
  }
}
