package client;

import client.Plan.Login;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;

/** Ways to hand over a token, each as the driver documents it. */
final class Connecting {
  private static final String ACCOUNT = "acme-demo";

  private interface Way {
    Connection connect(Plan plan, Login login) throws SQLException, IOException;
  }

  private static final Map<String, Way> WAYS =
      Map.of(
          "token",
          (plan, login) -> by(plan, "authenticator", "oauth", "token", login.token()),
          "password",
          (plan, login) -> by(plan, "user", "agent", "password", login.token()),
          "pat",
          (plan, login) ->
              by(plan, "authenticator", "PROGRAMMATIC_ACCESS_TOKEN", "token", login.token()),
          "workloadIdentity",
          (plan, login) ->
              by(
                  plan,
                  "authenticator",
                  "WORKLOAD_IDENTITY",
                  "workloadIdentityProvider",
                  "OIDC",
                  "token",
                  login.token()),
          "tokenFile",
          Connecting::byFile);

  private Connecting() {}

  static Connection connect(Plan plan, Login login) throws SQLException, IOException {
    Way way = WAYS.get(login.by());
    if (way == null) throw new Unsupported("snowflake-jdbc has no login by " + login.by());
    return way.connect(plan, login);
  }

  private static Connection by(Plan plan, String... settings) throws SQLException {
    Properties properties = new Properties();
    properties.put("account", ACCOUNT);
    properties.put("ssl", "off");
    for (int index = 0; index < settings.length; index += 2)
      properties.put(settings[index], settings[index + 1]);
    return DriverManager.getConnection(
        "jdbc:snowflake://" + plan.host() + ":" + plan.port() + "/", properties);
  }

  /** A token file is read only for a connection named in $SNOWFLAKE_HOME/connections.toml. */
  private static Connection byFile(Plan plan, Login login) throws SQLException, IOException {
    Path file = Path.of(System.getenv("SNOWFLAKE_HOME"), "connections.toml");
    Files.deleteIfExists(file);
    // The driver refuses a file that others may read.
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(
        file,
        """
        [gateway]
        account = "%s"
        host = "%s"
        port = "%d"
        protocol = "http"
        authenticator = "oauth"
        token_file_path = "%s"
        """
            .formatted(ACCOUNT, plan.host(), plan.port(), login.tokenFile()));
    return DriverManager.getConnection("jdbc:snowflake:auto?connectionName=gateway");
  }
}
