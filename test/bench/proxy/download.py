"""Downloads one result by snowflake-connector-python, in turn from each address.

python download.py PLAN.json

Prints the milliseconds of each round as JSON.
"""

import json
import sys
import time
import warnings
from urllib.parse import urlsplit

warnings.simplefilter("ignore")

import snowflake.connector  # noqa: E402


def connect(side, form):
    at = urlsplit(side["url"])
    chosen = {"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": form.upper()}
    return snowflake.connector.connect(
        host=at.hostname,
        port=at.port,
        protocol="http",
        account="acme-demo",
        authenticator="oauth",
        token=side["token"],
        session_parameters=chosen,
    )


def download(connection, plan):
    cursor = connection.cursor()
    cursor.execute(plan["sql"])
    if plan["format"] == "arrow":
        count = cursor.fetch_arrow_all().num_rows
    else:
        count = len(cursor.fetchall())
    if count != plan["rows"]:
        raise RuntimeError(f"{count} rows came")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    connections = [connect(side, plan["format"]) for side in plan["sides"]]
    for turn in range(plan["rounds"] + 1):
        times = []
        for connection in connections:
            since = time.monotonic()
            download(connection, plan)
            times.append((time.monotonic() - since) * 1000)
        if turn > 0:
            print(json.dumps(times), flush=True)


main()
