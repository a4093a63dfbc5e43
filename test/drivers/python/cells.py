"""The connector's values as text that every driver's values can be brought to."""

import datetime
import hashlib
import json
from decimal import Decimal

# snowflake.connector.constants.FIELD_ID_TO_NAME of 4.x, by number; 5.x has the same numbers.
TYPES = {
    0: "fixed", 1: "real", 2: "text", 3: "date", 4: "timestamp", 5: "variant", 6: "timestamp_ltz",
    7: "timestamp_tz", 8: "timestamp_ntz", 9: "object", 10: "array", 11: "binary", 12: "time",
    13: "boolean",
}  # fmt: skip


def describe_columns(description):
    return [{"name": column[0], "type": TYPES.get(column[1], str(column[1]))} for column in description or []]


def answer(cursor, check):
    """Columns and all rows of a cursor that has run."""
    given = cursor.fetchall()
    # After the rows: a result by query id has no description before.
    columns = describe_columns(cursor.description)
    write = exact_cell if check.get("exact") else cell
    found = [[write(value, column["type"]) for value, column in zip(row, columns, strict=True)] for row in given]
    return {"columns": columns, "rows": found}


def exact_cell(value, kind):
    """What a program has in hand, to the last digit: repr() has its class, and the zone of a time."""
    if value is None:
        return None
    if kind == "timestamp_ltz":
        # 5.x shows an instant at the zone's standard offset if it came in Arrow, else at that of the day.
        return repr(value.astimezone(datetime.timezone.utc))
    return repr(value)


def cell(value, kind):
    """None for NULL, else text: numbers without trailing zeros, times in UTC, JSON with sorted keys."""
    if value is None:
        return None
    if kind in ("variant", "object", "array"):
        return json.dumps(json.loads(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return next((write(value) for known, write in WRITERS if isinstance(value, known)), str(value))


def number(value):
    text = format(Decimal(str(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant(value):
    """A time without zone stands as UTC, as it does on the wire."""
    zoned = value.replace(tzinfo=datetime.timezone.utc) if value.tzinfo is None else value
    return zoned.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{zoned.microsecond // 1000:03d}Z"


# In this order: a bool is an int, and a datetime a date.
WRITERS = (
    (bool, lambda value: "true" if value else "false"),
    ((int, float, Decimal), number),
    ((bytes, bytearray), lambda value: bytes(value).hex().upper()),
    (datetime.datetime, instant),
    (datetime.date, lambda value: value.isoformat()),
    (datetime.time, lambda value: value.strftime("%H:%M:%S")),
)


def checksum(rows, columns):
    """One row: how many rows, and the SHA-256 of their cells: `a|b`, one row a line."""
    count, digest = 0, hashlib.sha256()
    for row in rows:
        count += 1
        cells = (cell(value, column["type"]) for value, column in zip(row, columns, strict=True))
        digest.update(("|".join("" if text is None else text for text in cells) + "\n").encode())
    return [str(count), digest.hexdigest()]


def frame_rows(frame, columns):
    """The rows of a DataFrame: decimals come as floats, and NULL as NaN or NaT."""
    names = [column["name"] for column in columns]
    for row in frame[names].itertuples(index=False, name=None):
        yield [None if value != value else plain(value) for value in row]


def plain(value):
    return value.item() if hasattr(value, "item") else value
