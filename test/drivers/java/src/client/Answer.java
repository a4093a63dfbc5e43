package client;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the driver made of one check, as fields of the line that is printed of it. */
final class Answer {
  record Column(String name, String type) {}

  record Table(List<Column> columns, List<List<String>> rows) {}

  static final Table NOTHING = new Table(List.of(), List.of());

  /** Whatever the locale is. */
  private static final PrintStream OUT =
      new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, Object> fields = new LinkedHashMap<>();

  static Answer of(Table table) {
    return new Answer().with("columns", table.columns()).with("rows", table.rows());
  }

  static Answer of(List<Table> results) {
    return new Answer().with("results", results);
  }

  static Answer unsupported(Unsupported lack) {
    return new Answer().with("unsupported", lack.getMessage());
  }

  static Answer failure(Throwable error) {
    Map<String, Object> about = new LinkedHashMap<>();
    SQLException sql = error instanceof SQLException given ? given : null;
    about.put("type", error.getClass().getSimpleName());
    about.put("code", sql == null ? null : sql.getErrorCode());
    about.put("sqlState", sql == null ? null : sql.getSQLState());
    about.put("message", String.valueOf(error.getMessage()));
    return new Answer().with("error", about);
  }

  Answer with(String field, Object value) {
    fields.put(field, value);
    return this;
  }

  void print(String check, long started) throws IOException {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("check", check);
    boolean ran = !fields.containsKey("unsupported");
    line.put("milliseconds", ran ? Math.round((System.nanoTime() - started) / 1e6) : 0);
    line.putAll(fields);
    OUT.println(JSON.writeValueAsString(line));
  }
}
