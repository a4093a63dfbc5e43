package client;

import client.Answer.Column;
import client.Answer.Table;
import client.Plan.Check;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * DatabaseMetaData, as tools ask it. The check's `sql` is the method and its arguments, `%` and
 * names: `getColumns HEALTH PHI PATIENTS %`. Answers the columns that identify, rows sorted.
 */
final class Metadata {
  private record Question(Query query, List<String> shown) {}

  private interface Query {
    ResultSet of(DatabaseMetaData about, String[] words) throws Exception;
  }

  private static final Map<String, Question> QUESTIONS =
      Map.of(
          "getCatalogs",
          new Question((about, words) -> about.getCatalogs(), List.of("TABLE_CAT")),
          "getSchemas",
          new Question(
              (about, words) -> about.getSchemas(words[1], words[2]),
              List.of("TABLE_CATALOG", "TABLE_SCHEM")),
          "getTables",
          new Question(
              (about, words) ->
                  about.getTables(words[1], words[2], words[3], new String[] {"TABLE", "VIEW"}),
              List.of("TABLE_CAT", "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE")),
          "getColumns",
          new Question(
              (about, words) -> about.getColumns(words[1], words[2], words[3], words[4]),
              List.of("TABLE_NAME", "COLUMN_NAME", "TYPE_NAME", "IS_NULLABLE")),
          "getPrimaryKeys",
          new Question(
              (about, words) -> about.getPrimaryKeys(words[1], words[2], words[3]),
              List.of("TABLE_NAME", "COLUMN_NAME", "KEY_SEQ")),
          "getImportedKeys",
          new Question(
              (about, words) -> about.getImportedKeys(words[1], words[2], words[3]),
              List.of("PKTABLE_NAME", "PKCOLUMN_NAME", "FKTABLE_NAME", "FKCOLUMN_NAME")),
          "getFunctions",
          new Question(
              (about, words) -> about.getFunctions(words[1], words[2], words[3]),
              List.of("FUNCTION_CAT", "FUNCTION_SCHEM", "FUNCTION_NAME")),
          "getProcedures",
          new Question(
              (about, words) -> about.getProcedures(words[1], words[2], words[3]),
              List.of("PROCEDURE_CAT", "PROCEDURE_SCHEM", "PROCEDURE_NAME")));

  private Metadata() {}

  static Answer run(Connection connection, Check check) throws Exception {
    String[] words = check.text().split(" ");
    Question question = QUESTIONS.get(words[0]);
    if (question == null) throw new Unsupported("this client does not ask " + words[0]);
    try (ResultSet results = question.query().of(connection.getMetaData(), words)) {
      return Answer.of(shown(Results.rows(results, false), question.shown()));
    }
  }

  private static Table shown(Table table, List<String> names) {
    List<String> all = table.columns().stream().map(Column::name).toList();
    int[] places = names.stream().mapToInt(all::indexOf).toArray();
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row : table.rows())
      rows.add(IntStream.of(places).mapToObj(row::get).map(String::valueOf).toList());
    rows.sort(Comparator.comparing(Object::toString));
    return new Table(IntStream.of(places).mapToObj(table.columns()::get).toList(), rows);
  }
}
