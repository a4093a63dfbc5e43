package client;

import client.Plan.Check;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Statements that do not come to their end. */
final class Interrupted {
  private Interrupted() {}

  static Answer cancel(Connection connection, Check check) throws Exception {
    ScheduledExecutorService other = Executors.newSingleThreadScheduledExecutor();
    try (Statement statement = connection.createStatement()) {
      var cancelled =
          other.schedule(
              () -> {
                statement.cancel();
                return true;
              },
              check.milliseconds(),
              TimeUnit.MILLISECONDS);
      Answer answer = executed(statement, check);
      cancelled.get();
      return answer;
    } finally {
      other.shutdownNow();
    }
  }

  static Answer timeout(Connection connection, Check check) throws Exception {
    try (Statement statement = connection.createStatement()) {
      statement.setQueryTimeout((int) Math.ceil(check.seconds()));
      return executed(statement, check);
    }
  }

  private static Answer executed(Statement statement, Check check) throws Exception {
    try {
      statement.execute(check.text());
      return Answer.of(Results.current(statement, check.exact()));
    } catch (SQLException error) {
      return Answer.failure(error);
    }
  }
}
