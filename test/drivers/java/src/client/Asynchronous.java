package client;

import client.Plan.Check;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import net.snowflake.client.api.connection.SnowflakeConnection;
import net.snowflake.client.api.resultset.QueryStatus;
import net.snowflake.client.api.resultset.SnowflakeResultSet;
import net.snowflake.client.api.statement.SnowflakeStatement;

/** Submits, asks for the status until it is final, then fetches by query id. */
final class Asynchronous {
  private static final long BETWEEN_MS = 100;

  private Asynchronous() {}

  static Answer run(Connection connection, Check check) throws Exception {
    SnowflakeConnection snowflake = connection.unwrap(SnowflakeConnection.class);
    String query = submit(connection, check);
    QueryStatus status = snowflake.getQueryStatus(query);
    while (status.isStillRunning() || status.isEmpty()) {
      Thread.sleep(BETWEEN_MS);
      status = snowflake.getQueryStatus(query);
    }
    try (ResultSet results = snowflake.createResultSet(query)) {
      return Answer.of(Results.rows(results, check.exact()))
          .with("status", status.getStatus().name());
    }
  }

  /** The result of the query id that is the check's text. */
  static Answer fetch(Connection connection, Check check) throws Exception {
    SnowflakeConnection snowflake = connection.unwrap(SnowflakeConnection.class);
    if (snowflake.getQueryStatus(check.text()).isEmpty())
      throw new Unsupported(
          "without a status it waits for minutes before it fetches, and that by RESULT_SCAN");
    try (ResultSet results = snowflake.createResultSet(check.text())) {
      return Answer.of(Results.rows(results, check.exact()));
    }
  }

  private static String submit(Connection connection, Check check) throws Exception {
    Statement statement = connection.createStatement();
    // Closing it would cancel what it submitted.
    ResultSet submitted =
        statement.unwrap(SnowflakeStatement.class).executeAsyncQuery(check.text());
    return submitted.unwrap(SnowflakeResultSet.class).getQueryID();
  }
}
