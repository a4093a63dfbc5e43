"""What the operations of a plan are with snowflake-connector-python."""

import datetime
import pickle
import subprocess
import sys
import time
import uuid

import snowflake.connector
from cells import answer, checksum, describe_columns, frame_rows

CORE_5 = int(snowflake.connector.__version__.split(".")[0]) >= 5


# How a bound value of a type comes to be what a program would bind.
BOUND = {
    "date": datetime.date.fromisoformat,
    "time": datetime.time.fromisoformat,
    "timestamp": datetime.datetime.fromisoformat,
    "timestampWithZone": lambda text: datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S.%f %z"),
    "binary": bytes.fromhex,
}


def bound(check):
    values = check.get("binds")
    kinds = check.get("bindTypes")
    if values is None or kinds is None:
        return values
    return [BOUND.get(kind, lambda value: value)(value) for value, kind in zip(values, kinds, strict=True)]


def rows(client, check):
    cursor = client.connection.cursor()
    cursor.execute(check["sql"], bound(check))
    return answer(cursor, check)


def described(client, check):
    return {"columns": describe_columns(client.connection.cursor().describe(check["sql"])), "rows": []}


def summed(client, check):
    cursor = client.connection.cursor()
    cursor.execute(check["sql"])
    columns = describe_columns(cursor.description)
    return {"columns": columns, "rows": [checksum(cursor, columns)]}


def wait(_client, check):
    time.sleep(check["seconds"])
    return {"columns": [], "rows": []}


def asynchronous(client, check):
    connection = client.connection
    cursor = connection.cursor()
    cursor.execute_async(check["sql"])
    query_id = cursor.sfqid
    status = connection.get_query_status(query_id)
    while connection.is_still_running(status):
        time.sleep(0.2)
        status = connection.get_query_status(query_id)
    fetched = connection.cursor()
    fetched.get_results_from_sfqid(query_id)
    return {**answer(fetched, check), "status": status.name}


def several(client, check):
    cursor = client.connection.cursor()
    cursor.execute(check["sql"], num_statements=check["statements"])
    results = [answer(cursor, check)]
    while cursor.nextset():
        results.append(answer(cursor, check))
    return {"results": results}


def cancel(client, check):
    """A statement can be cancelled by its id only, and only execute_async gives that at once."""
    connection = client.connection
    cursor = connection.cursor()
    cursor.execute_async(check["sql"])
    time.sleep(check["seconds"])
    query_id = cursor.sfqid
    cursor.abort_query(query_id)
    fetched = connection.cursor()
    fetched.get_results_from_sfqid(query_id)
    return answer(fetched, check)


def timeout(client, check):
    if not CORE_5:
        cursor = client.connection.cursor()
        cursor.execute(check["sql"], timeout=check["seconds"])
        return answer(cursor, check)
    # cursor.execute(timeout=) does nothing in 5.x: the limit belongs to the connection.
    with client.connect(query_timeout=check["seconds"]) as connection:
        cursor = connection.cursor()
        cursor.execute(check["sql"])
        return answer(cursor, check)


def many(client, check):
    cursor = client.connection.cursor()
    cursor.executemany(check["sql"], check["bindRows"])
    return {"columns": [], "rows": [[str(cursor.rowcount)]]}


def frame(client, check):
    """Three times the same: pandas, Arrow, and batches that another process downloads."""
    cursor = client.connection.cursor()
    cursor.execute(check["sql"])
    columns = describe_columns(cursor.description)
    sums = [checksum(frame_rows(cursor.fetch_pandas_all(), columns), columns)]
    cursor.execute(check["sql"])
    sums.append(checksum(frame_rows(cursor.fetch_arrow_all().to_pandas(), columns), columns))
    cursor.execute(check["sql"])
    sums.append(elsewhere(cursor.get_result_batches(), columns))
    if any(each != sums[0] for each in sums):
        raise ValueError(f"pandas, Arrow and batches differ: {sums}")
    return {"columns": columns, "rows": sums[:1]}


def elsewhere(batches, columns):
    """The checksum of batches, as a process makes it that has nothing but their pickle."""
    program = "import sys; from operations import fetch_pickled; fetch_pickled(sys.stdin.buffer, sys.stdout.buffer)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        input=pickle.dumps((batches, columns)),
        capture_output=True,
        check=False,
        cwd=__file__.rsplit("/", 1)[0],
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode()[-600:])
    return pickle.loads(done.stdout)


def fetch_pickled(source, target):
    batches, columns = pickle.load(source)
    found = (row for batch in batches for row in batch.create_iter())
    pickle.dump(checksum(found, columns), target)


def transaction(client, check):
    connection = client.connection
    connection.autocommit(False)
    try:
        cursor = connection.cursor()
        for sql in check["sql"]:
            cursor.execute(sql)
        given = answer(cursor, check)
    finally:
        connection.rollback()
        connection.autocommit(True)
    return given


def by_id(client, check):
    # get_results_from_sfqid would first wait 100 s or more for a status that never comes.
    cursor = client.connection.cursor()
    cursor.query_result(check["sql"])
    return answer(cursor, check)


def replay(client, check):
    if CORE_5:
        return {"unsupported": "a program cannot choose a request id"}
    request = {"requestId": str(uuid.uuid4())}
    for sql in check["sql"]:
        cursor = client.connection.cursor()
        cursor.execute(sql, _statement_params=request)
    return answer(cursor, check)


def ping(client, _check):
    return {"columns": [], "rows": [[str(client.connection.is_valid()).lower()]]}


OPERATIONS = {
    "rows": rows,
    "describe": described,
    "checksum": summed,
    "wait": wait,
    "async": asynchronous,
    "several": several,
    "cancel": cancel,
    "timeout": timeout,
    "many": many,
    "file": rows,
    "frame": frame,
    "transaction": transaction,
    "ping": ping,
    "byId": by_id,
    "replay": replay,
}
