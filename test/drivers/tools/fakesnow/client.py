"""What a program does with the connector, 4.x or 5.x, one operation for each line of its input."""

import os
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
warnings.simplefilter("ignore")

import snowflake.connector  # noqa: E402

from lines import describe_columns, serve, table, text  # noqa: E402

snowflake.connector.paramstyle = "qmark"
connections = {}


def open_connection(request):
    host, port = request["address"]
    ways = {"token": {"authenticator": "oauth", "token": request["token"]}, "password": {"user": "agent", "password": request["token"]}}
    connections[request["name"]] = snowflake.connector.connect(
        host=host, port=port, protocol="http", account="acme-demo", **ways[request.get("by", "token")]
    )


def execute(request):
    cursor = connections[request["name"]].cursor()
    cursor.execute(request["sql"], request.get("binds"))
    columns = describe_columns(cursor.description)
    return table(cursor.fetchall(), columns)


def affected(request):
    cursor = connections[request["name"]].cursor()
    cursor.execute(request["sql"], request.get("binds"))
    return text(cursor.rowcount)


def many(request):
    cursor = connections[request["name"]].cursor()
    cursor.executemany(request["sql"], request["binds"])
    return text(cursor.rowcount)


def close(request):
    connections.pop(request["name"]).close()


serve({"open": open_connection, "execute": execute, "affected": affected, "many": many, "close": close})
