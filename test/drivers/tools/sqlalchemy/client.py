"""What a program does with SQLAlchemy, one operation for each line of its input."""

import os
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
warnings.simplefilter("ignore")

import pandas  # noqa: E402
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, inspect, select, text as sql  # noqa: E402
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column  # noqa: E402

from lines import checksum, serve, table, text  # noqa: E402

engines = {}
connections = {}


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"
    __table_args__ = {"schema": "staging.build"}
    id = mapped_column(Integer, primary_key=True, autoincrement=False)
    body = mapped_column(String(100))


customers = Table(
    "customers",
    MetaData(),
    Column("customer_id", Integer),
    Column("name", String),
    Column("region", String),
    schema="analytics.public",
)


def make_engine(request):
    """protocol is no part of a URL: the dialect refuses it there."""
    host, port = request["address"]
    url = f"snowflake://{host}:{port}/{request.get('place', 'HEALTH/PHI')}?account=acme-demo&authenticator=oauth&token={request['token']}"
    engines[request["name"]] = create_engine(url, connect_args={"protocol": "http"}, pool_pre_ping=True, pool_size=1)


def connect(request):
    connections[request["name"]] = engines[request["name"]].connect()


def disconnect(request):
    connections.pop(request["name"]).close()


def rollback(request):
    connections[request["name"]].rollback()


def execute(request):
    result = connections[request["name"]].execute(sql(request["sql"]), request.get("binds") or {})
    if not result.returns_rows:
        return text(result.rowcount)
    # As the connector calls the types: SQLAlchemy keeps its own description of a result.
    columns = [{"name": column[0], "type": ""} for column in result.cursor.description]
    return table(result.fetchall(), columns)


def select_expression(request):
    statement = (
        select(customers.c.customer_id, customers.c.region)
        .where(customers.c.region == request["region"], customers.c.customer_id <= request["most"])
        .order_by(customers.c.customer_id)
        .limit(request["rows"])
    )
    return table(connections[request["name"]].execute(statement).fetchall())


def many(request):
    result = connections[request["name"]].execute(sql(request["sql"]), request["binds"])
    return text(result.rowcount)


def tables(request):
    return table([[name] for name in sorted(inspect(connections[request["name"]]).get_table_names(schema=request["schema"]))])


def views(request):
    return table([[name] for name in sorted(inspect(connections[request["name"]]).get_view_names(schema=request["schema"]))])


def columns(request):
    found = inspect(connections[request["name"]]).get_columns(request["table"], schema=request["schema"])
    return table([[column["name"], str(column["type"]), column["nullable"]] for column in found])


def reflect(request):
    """The whole table: columns and keys."""
    found = Table(request["table"], MetaData(), schema=request["schema"], autoload_with=connections[request["name"]])
    return table([[column.name] for column in found.columns])


def has_table(request):
    return text(inspect(connections[request["name"]]).has_table(request["table"], schema=request["schema"]))


def frame(request):
    """By pandas, as count and digest."""
    read = pandas.read_sql(sql(request["sql"]), connections[request["name"]])
    kinds = [{"type": ""} for _ in read.columns]
    count, digest = checksum(read.itertuples(index=False), kinds)
    return table([[str(count), digest]])


def frame_rows(request):
    read = pandas.read_sql(sql(request["sql"]), connections[request["name"]])
    return table(read.itertuples(index=False))


def create(request):
    Base.metadata.create_all(engines[request["name"]])


def add(request):
    """By the unit of work, in a transaction of its own."""
    with Session(engines[request["name"]]) as session:
        session.add_all(Note(id=number, body=body) for number, body in request["notes"])
        session.flush() if request.get("undo") else session.commit()
        if request.get("undo"):
            session.rollback()


def notes(request):
    with Session(engines[request["name"]]) as session:
        return table([[note.id, note.body] for note in session.scalars(select(Note).order_by(Note.id))])


def dispose(request):
    engines[request["name"]].dispose()


serve(
    {
        "engine": make_engine, "connect": connect, "disconnect": disconnect, "rollback": rollback, "execute": execute,
        "select": select_expression, "many": many, "tables": tables, "views": views, "columns": columns,
        "reflect": reflect, "has_table": has_table, "frame": frame, "frame_rows": frame_rows, "create": create,
        "add": add, "notes": notes, "dispose": dispose,
    }
)  # fmt: skip
