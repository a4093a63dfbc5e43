package client;

import client.Plan.Check;
import client.Plan.Login;
import java.io.IOException;
import java.sql.Connection;

/**
 * Runs the statements of a plan with snowflake-jdbc, as any program would.
 *
 * <p>Takes the path of plan.json. Prints one JSON line for each login and each statement. It judges
 * nothing.
 */
public final class Main {
  private interface Step {
    Answer run() throws Exception;
  }

  private Main() {}

  public static void main(String[] arguments) throws IOException {
    Plan plan = Plan.read(arguments[0]);
    for (Login login : plan.logins()) follow(plan, login);
    // The driver's own threads would keep the process for a while.
    System.exit(0);
  }

  private static void follow(Plan plan, Login login) throws IOException {
    Connection[] opened = new Connection[1];
    report(
        login.name(),
        () -> {
          opened[0] = Connecting.connect(plan, login);
          return Answer.of(Answer.NOTHING);
        });
    Connection connection = opened[0];
    if (connection == null) return;
    for (Check check : login.checks())
      report(check.name(), () -> Operations.run(connection, check));
    report(
        login.name() + ": close",
        () -> {
          connection.close();
          return Answer.of(Answer.NOTHING);
        });
  }

  private static void report(String check, Step step) throws IOException {
    long started = System.nanoTime();
    Answer answer;
    try {
      answer = step.run();
    } catch (Unsupported lack) {
      answer = Answer.unsupported(lack);
    } catch (Exception | LinkageError error) {
      answer = Answer.failure(error);
    }
    answer.print(check, started);
  }
}
