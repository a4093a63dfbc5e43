"""Runs the statements of a plan with snowflake-connector-python, as any program would.

python client.py PLAN.json

Prints one JSON line for each login and each statement. It judges nothing.
"""

import json
import sys
import time
import warnings

warnings.simplefilter("ignore")  # py5 warns of defaults to come, on stderr

import snowflake.connector  # noqa: E402

from cells import cell, checksum, describe_columns  # noqa: E402

snowflake.connector.paramstyle = "qmark"


def settings(plan, login):
    """Keyword arguments of connect(): how the token is handed over."""
    common = {"host": plan["host"], "port": plan["port"], "protocol": "http", "account": "acme-demo"}
    ways = {
        "token": {"authenticator": "oauth", "token": login["token"]},
        "password": {"user": "agent", "password": login["token"]},
        "tokenFile": {"authenticator": "oauth", "token_file_path": login["tokenFile"]},
    }
    return {**common, **ways[login["by"]]}


def failure(error):
    return {
        "error": {
            "type": type(error).__name__,
            "code": getattr(error, "errno", None),
            "sqlState": getattr(error, "sqlstate", None),
            "message": str(error),
        }
    }


def run(connection, check):
    """One statement, done as its `operation` says."""
    if check["operation"] == "wait":
        time.sleep(check["seconds"])
        return {"columns": [], "rows": []}
    cursor = connection.cursor()
    if check["operation"] == "describe":
        return {"columns": describe_columns(cursor.describe(check["sql"])), "rows": []}
    cursor.execute(check["sql"], check.get("binds"))
    columns = describe_columns(cursor.description)
    if check["operation"] == "checksum":
        count, digest = checksum(cursor, columns)
        return {"columns": columns, "rows": [[str(count), digest]]}
    rows = cursor.fetchall()
    return {"columns": columns, "rows": [[cell(value, column["type"]) for value, column in zip(row, columns)] for row in rows]}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    for login in plan["logins"]:
        started = time.monotonic()
        try:
            connection = snowflake.connector.connect(**settings(plan, login))
            answer = {"columns": [], "rows": []}
        except Exception as error:  # noqa: BLE001: what it is, the runner judges
            connection, answer = None, failure(error)
        report(login["name"], started, answer)
        if connection is None:
            continue
        for check in login["checks"]:
            started = time.monotonic()
            try:
                answer = run(connection, check)
            except Exception as error:  # noqa: BLE001
                answer = failure(error)
            report(check["name"], started, answer)
        started = time.monotonic()
        connection.close()
        report(f"{login['name']}: close", started, {"columns": [], "rows": []})


def report(name, started, answer):
    print(json.dumps({"check": name, "milliseconds": round((time.monotonic() - started) * 1000), **answer}), flush=True)


main()
