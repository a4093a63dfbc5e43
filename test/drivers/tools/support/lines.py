"""One request a line in, one answer a line out: {"answer": {"columns", "rows"} or {"error"}}."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../python"))

from cells import cell, checksum, describe_columns  # noqa: E402, F401: for the programs


def table(rows, columns=()):
    """`columns` are {"name", "type"}; without them cells are written by their Python type."""
    kinds = [column["type"] for column in columns]
    return {
        "columns": list(columns),
        "rows": [[cell(value, kinds[index] if kinds else None) for index, value in enumerate(row)] for row in rows],
    }


def text(value):
    """What was printed, or one value: a table of one cell."""
    return {"columns": [], "rows": [[None if value is None else str(value)]]}


def failure(error):
    """The driver's own error is inside the tool's, whose class counts: SQLAlchemy's `orig`, Snowpark's `conn_error`."""
    cause = getattr(error, "orig", None) or getattr(error, "conn_error", None) or error
    return {
        "error": {
            "type": type(error).__name__,
            "code": getattr(cause, "errno", None),
            "sqlState": getattr(cause, "sqlstate", None),
            "message": str(error),
        }
    }


def serve(operations):
    for line in sys.stdin:
        request = json.loads(line)
        started = time.monotonic()
        try:
            answer = operations[request["operation"]](request) or {"columns": [], "rows": []}
        except Exception as error:  # noqa: BLE001: what it is, the suite judges
            answer = failure(error)
        milliseconds = round((time.monotonic() - started) * 1000)
        # Under one key, so that no line that a library prints is taken for it.
        print(json.dumps({"answer": {"check": request["operation"], "milliseconds": milliseconds, **answer}}), flush=True)
