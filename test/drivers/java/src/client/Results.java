package client;

import client.Answer.Column;
import client.Answer.Table;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Result sets, read with getObject as a program does that does not know the columns. */
final class Results {
  /** Names of the driver that are not Snowflake's own on the wire, by lower case. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("number", "fixed"),
          Map.entry("double", "real"),
          Map.entry("varchar", "text"),
          Map.entry("char", "text"),
          Map.entry("timestampntz", "timestamp_ntz"),
          Map.entry("timestampltz", "timestamp_ltz"),
          Map.entry("timestamptz", "timestamp_tz"));

  private Results() {}

  static List<Column> columns(ResultSetMetaData about) throws SQLException {
    List<Column> columns = new ArrayList<>();
    for (int index = 1; index <= about.getColumnCount(); index++) {
      String type = about.getColumnTypeName(index).toLowerCase(Locale.ROOT);
      columns.add(new Column(about.getColumnLabel(index), TYPES.getOrDefault(type, type)));
    }
    return columns;
  }

  /** `exact`: cells as a program has them in hand, not as every driver's can be brought to. */
  static Table rows(ResultSet results, boolean exact) throws SQLException, IOException {
    List<Column> columns = columns(results.getMetaData());
    List<List<String>> rows = new ArrayList<>();
    while (results.next()) rows.add(exact ? exactRow(results, columns) : row(results, columns));
    return new Table(columns, rows);
  }

  /** Of a statement that has run; one without rows has a count of rows that it changed. */
  static Table current(Statement statement, boolean exact) throws SQLException, IOException {
    try (ResultSet results = statement.getResultSet()) {
      if (results != null) return rows(results, exact);
    }
    int changed = statement.getUpdateCount();
    if (changed < 0) return Answer.NOTHING;
    return new Table(List.of(), List.of(List.of(String.valueOf(changed))));
  }

  /** One row: how many rows, and the SHA-256 of their cells, `a|b`, one row a line. */
  static Table checksum(ResultSet results)
      throws SQLException, IOException, NoSuchAlgorithmException {
    List<Column> columns = columns(results.getMetaData());
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long count = 0;
    for (; results.next(); count++) {
      String line =
          row(results, columns).stream()
              .map(text -> text == null ? "" : text)
              .collect(Collectors.joining("|", "", "\n"));
      digest.update(line.getBytes(StandardCharsets.UTF_8));
    }
    String text = HexFormat.of().formatHex(digest.digest());
    return new Table(columns, List.of(List.of(String.valueOf(count), text)));
  }

  private static List<String> exactRow(ResultSet results, List<Column> columns)
      throws SQLException {
    List<String> row = new ArrayList<>();
    for (int index = 1; index <= columns.size(); index++)
      row.add(Cells.exact(results.getObject(index), results.getString(index)));
    return row;
  }

  private static List<String> row(ResultSet results, List<Column> columns)
      throws SQLException, IOException {
    List<String> row = new ArrayList<>();
    for (int index = 0; index < columns.size(); index++)
      row.add(Cells.cell(results.getObject(index + 1), columns.get(index).type()));
    return row;
  }
}
