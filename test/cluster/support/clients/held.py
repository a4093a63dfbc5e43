"""A client of snowflake-connector-python that takes its statements from a test, as held.mjs does.

python held.py HOST PORT NAME
"""

import json
import os
import socket
import sys
import threading
import time
import warnings
from importlib.metadata import version

warnings.simplefilter("ignore")  # 5.x warns of defaults to come, on stderr

import snowflake.connector  # noqa: E402

CORE_5 = version("snowflake-connector-python").startswith("5.")
HOST, PORT, NAME = sys.argv[1:]


def connect(**more):
    with open(os.environ["SNOWFLAKE_TOKEN_FILE_PATH"], encoding="utf-8") as file:
        token = file.read().strip()
    return snowflake.connector.connect(
        host=os.environ["SNOWFLAKE_HOST"],
        port=int(os.environ["SNOWFLAKE_PORT"]),
        protocol=os.environ["SNOWFLAKE_PROTOCOL"],
        account=os.environ["SNOWFLAKE_ACCOUNT"],
        authenticator="oauth",
        token=token,
        **more,
    )


def rows_of(asked):
    """A cancel is a limit of time: of the statement, and in 5.x of the connection."""
    cancel = asked.get("cancelAfterMs")
    seconds = None if cancel is None else max(1, round(cancel / 1000))
    limit = {} if seconds is None else {"query_timeout": seconds} if CORE_5 else {}
    with connect(**limit) as connection:
        cursor = connection.cursor()
        if seconds is None or CORE_5:
            cursor.execute(asked["sql"])
        else:
            cursor.execute(asked["sql"], timeout=seconds)
        return [[str(value) for value in row] for row in cursor.fetchall()]


def main():
    connection = socket.create_connection((HOST, int(PORT)))
    lock = threading.Lock()

    def send(message):
        with lock:
            connection.sendall((json.dumps(message) + "\n").encode())

    def run(asked):
        started = time.monotonic()
        try:
            outcome = {"rows": rows_of(asked)}
        except Exception as error:  # noqa: BLE001: what it is, the test judges
            outcome = {"error": {"code": str(getattr(error, "errno", None)), "message": str(error)}}
        send({"id": asked["id"], "ms": round((time.monotonic() - started) * 1000), **outcome})

    send({"client": NAME})
    for line in connection.makefile(encoding="utf-8"):
        threading.Thread(target=run, args=(json.loads(line),), daemon=True).start()


main()
