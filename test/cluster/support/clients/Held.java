import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A client of snowflake-jdbc that takes its statements from a test, as held.mjs does. */
final class Held {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Held() {}

  /** HOST PORT NAME. */
  public static void main(String[] arguments) throws IOException {
    try (Socket socket = new Socket(arguments[0], Integer.parseInt(arguments[1]))) {
      OutputStream output = socket.getOutputStream();
      send(output, JSON.createObjectNode().put("client", arguments[2]));
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode asked = JSON.readTree(line);
        Thread thread = new Thread(() -> answer(output, asked));
        thread.setDaemon(true);
        thread.start();
      }
    }
    System.exit(0);
  }

  private static void answer(OutputStream output, JsonNode asked) {
    long started = System.nanoTime();
    ObjectNode outcome = JSON.createObjectNode();
    outcome.set("id", asked.get("id"));
    try {
      outcome.set("rows", JSON.valueToTree(rowsOf(asked)));
    } catch (Exception | LinkageError error) {
      int code = error instanceof SQLException known ? known.getErrorCode() : 0;
      outcome
          .putObject("error")
          .put("code", String.valueOf(code))
          .put("message", String.valueOf(error.getMessage()));
    }
    outcome.put("ms", TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - started));
    send(output, outcome);
  }

  private static String[][] rowsOf(JsonNode asked) throws SQLException, IOException {
    var timer = Executors.newSingleThreadScheduledExecutor();
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      if (asked.has("cancelAfterMs"))
        timer.schedule(
            () -> {
              statement.cancel();
              return true;
            },
            asked.get("cancelAfterMs").asLong(),
            TimeUnit.MILLISECONDS);
      try (ResultSet result = statement.executeQuery(asked.get("sql").asText())) {
        var rows = new java.util.ArrayList<String[]>();
        int columns = result.getMetaData().getColumnCount();
        while (result.next()) {
          String[] row = new String[columns];
          for (int column = 0; column < columns; column += 1)
            row[column] = result.getString(column + 1);
          rows.add(row);
        }
        return rows.toArray(String[][]::new);
      }
    } finally {
      timer.shutdownNow();
    }
  }

  private static Connection connect() throws SQLException, IOException {
    Properties properties = new Properties();
    properties.put("account", System.getenv("SNOWFLAKE_ACCOUNT"));
    properties.put("ssl", "off");
    properties.put("authenticator", "oauth");
    properties.put(
        "token", Files.readString(Path.of(System.getenv("SNOWFLAKE_TOKEN_FILE_PATH"))).strip());
    String address = System.getenv("SNOWFLAKE_HOST") + ":" + System.getenv("SNOWFLAKE_PORT");
    return DriverManager.getConnection("jdbc:snowflake://" + address + "/", properties);
  }

  private static void send(OutputStream output, JsonNode message) {
    try {
      synchronized (output) {
        output.write((message + "\n").getBytes(StandardCharsets.UTF_8));
        output.flush();
      }
    } catch (IOException gone) {
      System.exit(1);
    }
  }
}
