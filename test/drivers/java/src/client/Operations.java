package client;

import client.Answer.Table;
import client.Plan.Check;
import com.fasterxml.jackson.databind.JsonNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.snowflake.client.api.statement.SnowflakeStatement;

/** One check, done as its `operation` says. */
final class Operations {
  private interface Operation {
    Answer run(Connection connection, Check check) throws Exception;
  }

  private static final Map<String, Operation> OPERATIONS =
      Map.ofEntries(
          Map.entry("rows", Operations::rows),
          Map.entry("file", Operations::rows),
          Map.entry("checksum", Operations::checksum),
          Map.entry("describe", Operations::describe),
          Map.entry("prepare", Operations::prepare),
          Map.entry("wait", Operations::pause),
          Map.entry("several", Operations::several),
          Map.entry("many", Operations::many),
          Map.entry("transaction", Operations::transaction),
          Map.entry("async", Asynchronous::run),
          Map.entry("cancel", Interrupted::cancel),
          Map.entry("timeout", Interrupted::timeout),
          Map.entry("metadata", Metadata::run),
          Map.entry("ping", Operations::ping),
          Map.entry("byId", Asynchronous::fetch),
          Map.entry(
              "replay",
              (connection, check) -> {
                throw new Unsupported("a program cannot choose a request id");
              }),
          Map.entry(
              "frame",
              (connection, check) -> {
                throw new Unsupported("JDBC has no columnar fetch");
              }));

  private Operations() {}

  static Answer run(Connection connection, Check check) throws Exception {
    Operation operation = OPERATIONS.get(check.operation());
    if (operation == null) throw new Unsupported("this client has no " + check.operation());
    return operation.run(connection, check);
  }

  private static Answer rows(Connection connection, Check check) throws Exception {
    if (check.binds() == null) {
      try (Statement statement = connection.createStatement()) {
        statement.execute(check.text());
        return Answer.of(Results.current(statement, check.exact()));
      }
    }
    try (PreparedStatement statement = connection.prepareStatement(check.text())) {
      Binding.bind(statement, check.binds(), check.bindTypes());
      statement.execute();
      return Answer.of(Results.current(statement, check.exact()));
    }
  }

  private static Answer checksum(Connection connection, Check check) throws Exception {
    try (Statement statement = connection.createStatement();
        ResultSet results = statement.executeQuery(check.text())) {
      return Answer.of(Results.checksum(results));
    }
  }

  private static Answer describe(Connection connection, Check check) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(check.text())) {
      return Answer.of(new Table(Results.columns(statement.getMetaData()), List.of()));
    }
  }

  /** Describes, counts the parameters, then runs the same prepared statement. */
  private static Answer prepare(Connection connection, Check check) throws Exception {
    List<JsonNode> binds = check.binds() == null ? List.of() : check.binds();
    try (PreparedStatement statement = connection.prepareStatement(check.text())) {
      int parameters = statement.getParameterMetaData().getParameterCount();
      var described = Results.columns(statement.getMetaData());
      Binding.bind(statement, binds, check.bindTypes());
      statement.execute();
      Table table = Results.current(statement, check.exact());
      if (parameters != binds.size())
        throw new IllegalStateException(parameters + " parameters were described");
      if (!described.equals(table.columns()))
        throw new IllegalStateException(described + " was described, not " + table.columns());
      return Answer.of(table);
    }
  }

  private static Answer pause(Connection connection, Check check) throws Exception {
    Thread.sleep(check.milliseconds());
    return Answer.of(Answer.NOTHING);
  }

  private static Answer several(Connection connection, Check check) throws Exception {
    List<Table> results = new ArrayList<>();
    try (Statement statement = connection.createStatement()) {
      statement
          .unwrap(SnowflakeStatement.class)
          .setParameter("MULTI_STATEMENT_COUNT", check.statements());
      boolean isRows = statement.execute(check.text());
      while (isRows || statement.getUpdateCount() != -1) {
        results.add(Results.current(statement, check.exact()));
        isRows = statement.getMoreResults();
      }
    }
    return Answer.of(results);
  }

  private static Answer many(Connection connection, Check check) throws Exception {
    try (PreparedStatement statement = connection.prepareStatement(check.text())) {
      for (List<JsonNode> row : check.bindRows()) {
        Binding.bind(statement, row, check.bindTypes());
        statement.addBatch();
      }
      int affected = Arrays.stream(statement.executeBatch()).sum();
      return Answer.of(new Table(List.of(), List.of(List.of(String.valueOf(affected)))));
    }
  }

  private static Answer transaction(Connection connection, Check check) throws Exception {
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      Table last = Answer.NOTHING;
      for (JsonNode sql : check.sql()) {
        statement.execute(sql.asText());
        last = Results.current(statement, check.exact());
      }
      return Answer.of(last);
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }

  /** As connection pools ask before they lend a connection. */
  private static Answer ping(Connection connection, Check check) throws Exception {
    String valid = String.valueOf(connection.isValid(10));
    return Answer.of(new Table(List.of(), List.of(List.of(valid))));
  }
}
