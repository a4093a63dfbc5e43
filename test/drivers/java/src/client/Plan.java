package client;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.util.List;

/** What to do: the servers' address, and for each login its statements. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Plan(String host, int port, List<Login> logins) {

  /** `by` is how the token is handed over: a key of {@link Connecting}. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Login(String name, String by, String token, String tokenFile, List<Check> checks) {}

  /** `sql` is one text, or a list where the operation takes several. */
  @JsonIgnoreProperties(ignoreUnknown = true)
  record Check(
      String name,
      String operation,
      JsonNode sql,
      List<JsonNode> binds,
      List<String> bindTypes,
      List<List<JsonNode>> bindRows,
      Integer statements,
      Double seconds,
      boolean exact) {

    String text() {
      return sql.asText();
    }

    int milliseconds() {
      return (int) Math.round(seconds * 1000);
    }
  }

  static Plan read(String path) throws IOException {
    return new ObjectMapper().readValue(new File(path), Plan.class);
  }
}
