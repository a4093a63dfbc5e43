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

from operations import OPERATIONS  # noqa: E402

snowflake.connector.paramstyle = "qmark"


def settings(plan, login):
    """Keyword arguments of connect(): how the token is handed over."""
    common = {"host": plan["host"], "port": plan["port"], "protocol": "http", "account": "acme-demo"}
    token = {"token": login["token"]}
    ways = {
        "token": {"authenticator": "oauth", **token},
        "password": {"user": "agent", "password": login["token"]},
        "tokenFile": {"authenticator": "oauth", "token_file_path": login["tokenFile"]},
        "pat": {"authenticator": "PROGRAMMATIC_ACCESS_TOKEN", **token},
        "workloadIdentity": {"authenticator": "WORKLOAD_IDENTITY", "workload_identity_provider": "OIDC", **token},
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


def report(name, work):
    """Prints what came of `work`; False if it failed."""
    started = time.monotonic()
    try:
        answer = work()
    except Exception as error:  # noqa: BLE001: what it is, the runner judges
        answer = failure(error)
    milliseconds = round((time.monotonic() - started) * 1000)
    print(json.dumps({"check": name, "milliseconds": milliseconds, **answer}), flush=True)
    return "error" not in answer


class Client:
    """One login, and how to make another like it."""

    def __init__(self, options):
        self.options = options
        self.connection = None

    def connect(self, **more):
        return snowflake.connector.connect(**self.options, **more)

    def open(self):
        self.connection = self.connect()
        return {"columns": [], "rows": []}

    def close(self):
        self.connection.close()
        return {"columns": [], "rows": []}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        plan = json.load(file)
    for login in plan["logins"]:
        client = Client(settings(plan, login))
        if not report(login["name"], client.open):
            continue
        for check in login["checks"]:
            report(check["name"], lambda check=check: OPERATIONS[check["operation"]](client, check))
        report(f"{login['name']}: close", client.close)


main()
