"""What a program does with Snowpark, one operation for each line of its input."""

import contextlib
import io
import os
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
warnings.simplefilter("ignore")

import pandas  # noqa: E402
from snowflake.snowpark import Session  # noqa: E402
from snowflake.snowpark.functions import col, count, sum as total  # noqa: E402

from lines import checksum, serve, table, text  # noqa: E402

sessions = {}


def open_session(request):
    host, port = request["address"]
    settings = {"host": host, "port": port, "protocol": "http", "account": "acme-demo", "authenticator": "oauth", "token": request["token"]}
    sessions[request["name"]] = Session.builder.configs({**settings, **request.get("more", {})}).create()


def local(request):
    """Snowpark's own testing framework: no connection at all."""
    sessions[request["name"]] = Session.builder.configs({"local_testing": True, "disable_local_testing_telemetry": True}).create()


def collect(request):
    frame = sessions[request["name"]].sql(request["sql"], params=request.get("binds"))
    return table(frame.collect())


def filtered(request):
    """session.table().filter().select()"""
    frame = (
        sessions[request["name"]]
        .table(request["table"])
        .filter(col(request["column"]) <= request["most"])
        .select(*[col(name) for name in request["columns"]])
        .sort(col(request["column"]))
    )
    return table(frame.to_pandas().itertuples(index=False) if request.get("pandas") else frame.collect())


def frame(request):
    """All rows by pandas, as count and digest."""
    read = sessions[request["name"]].sql(request["sql"]).to_pandas()
    size, digest = checksum(read.itertuples(index=False), [{"type": ""} for _ in read.columns])
    return table([[str(size), digest]])


def iterated(request):
    rows = sessions[request["name"]].sql(request["sql"]).to_local_iterator()
    size, digest = checksum(rows, [{"type": ""}] * 2)
    return table([[str(size), digest]])


def batches(request):
    frames = sessions[request["name"]].sql(request["sql"]).to_pandas_batches()
    size, digest = checksum(
        (row for part in frames for row in part.itertuples(index=False)), [{"type": ""}] * 2
    )
    return table([[str(size), digest]])


def counted(request):
    return text(sessions[request["name"]].table(request["table"]).count())


def grouped(request):
    frame = sessions[request["name"]].table("analytics.public.customers").group_by("region").agg(count("*").alias("n"))
    return table(frame.sort("region").collect())


def shown(request):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        sessions[request["name"]].sql(request["sql"]).show(3)
    return text(output.getvalue())


def schema(request):
    fields = sessions[request["name"]].table(request["table"]).schema.fields
    return table([[field.name, str(field.datatype)] for field in fields])


def literals(request):
    frame = sessions[request["name"]].create_dataframe(request["rows"], schema=["id", "name"])
    return table(frame.filter(col("id") > 1).sort("id").collect())


def created(request):
    """Larger than Snowpark writes into a statement: it wants a temporary table or a stage."""
    frame = sessions[request["name"]].create_dataframe([[number, "x"] for number in range(request["rows"])], schema=["id", "name"])
    return table(frame.agg(count("*"), total("id")).collect())


def from_pandas(request):
    frame = pandas.DataFrame({"ID": list(range(request["rows"]))})
    return text(sessions[request["name"]].create_dataframe(frame).count())


def saved(request):
    frame = sessions[request["name"]].sql(request["sql"])
    frame.write.mode(request.get("mode", "errorifexists")).save_as_table(request["table"])


def submitted(request):
    job = sessions[request["name"]].sql(request["sql"]).collect_nowait()
    return table(job.result())


def tag(request):
    """As the session tells it afterwards."""
    session = sessions[request["name"]]
    session.query_tag = request["tag"]
    shown = session.sql("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION").collect()
    return text(shown[0]["value"])


def use(request):
    sessions[request["name"]].use_schema(request["schema"])
    return text(sessions[request["name"]].get_fully_qualified_current_schema())


def put(request):
    sessions[request["name"]].file.put(__file__, "@analytics.public.files")


def close(request):
    sessions.pop(request["name"]).close()


serve(
    {
        "open": open_session, "local": local, "collect": collect, "filtered": filtered, "frame": frame,
        "iterated": iterated, "batches": batches, "counted": counted, "grouped": grouped, "shown": shown,
        "schema": schema, "literals": literals, "created": created, "from_pandas": from_pandas, "saved": saved,
        "submitted": submitted, "tag": tag, "use": use, "put": put, "close": close,
    }
)  # fmt: skip
