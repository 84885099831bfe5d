"""Values as JSON has them, and as Python has them."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any, cast

from .errors import FeaturegraphError

_EXACT = 2**53 - 1


def typed_value(type: str, json: object) -> object:
    """
    Reads the JSON form of a value of a type, as INT64, STRING[], VECTOR(24, COSINE) or MAP(STRING, FLOAT64). Whole
    numbers are exact, however large; times are aware, in UTC; maps are dicts.
    """
    if json is None:
        return None
    if type.startswith("MAP("):
        key, _, element = type[4:-1].partition(", ")
        entries = cast("dict[str, object]", json).items()
        return {_typed_key(key, name): typed_value(element, one) for name, one in entries}
    if isinstance(json, list):
        element = type[:-2] if type.endswith("[]") else "FLOAT32"
        return [typed_value(element, one) for one in cast("list[object]", json)]
    if type in ("INT64", "INT32"):
        return int(cast("int | str", json))
    if type.startswith("FLOAT"):
        # What JSON has no number for is a text: "NaN", "Infinity", "-Infinity", "-0".
        return float(cast("float | str", json))
    if type == "BYTES":
        return base64.b64decode(cast("str", json))
    if type == "DATE":
        return date.fromisoformat(cast("str", json))
    if type == "TIMESTAMP":
        return instant(cast("str", json))
    return json


def _typed_key(type: str, text: str) -> object:
    """A key is a text in JSON, whatever its type."""
    return text == "true" if type == "BOOL" else typed_value(type, text)


def instant(text: str) -> datetime:
    """Reads 2024-01-31T12:00:00.25Z, with any number of decimals up to six."""
    body, _, decimals = text.removesuffix("Z").partition(".")
    return datetime.fromisoformat(body).replace(microsecond=int(decimals.ljust(6, "0") or 0), tzinfo=timezone.utc)


def json_value(value: object) -> object:
    """Writes a value in its JSON form. A time without a zone is UTC."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT else str(value)
    if isinstance(value, float):
        return _json_float(float(value))
    if isinstance(value, datetime):
        return _json_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, (list, tuple)):
        return [json_value(one) for one in cast("list[object]", value)]
    if isinstance(value, Mapping):
        return {_key_text(name): json_value(one) for name, one in cast("Mapping[object, object]", value).items()}
    plain = cast("Any", value)
    # Numbers and arrays of numpy, series of polars.
    for method in ("item", "tolist", "to_list"):
        if hasattr(plain, method) and (method != "item" or getattr(plain, "ndim", None) == 0):
            return json_value(getattr(plain, method)())
    message = f"{plain!r:.50} is of type {type(plain).__name__}, which can't be sent."
    raise FeaturegraphError("INVALID_INPUT", f"{message} Give a number, text, time, bytes, or a list or dict of these.")


def _key_text(key: object) -> str:
    written = json_value(key)
    return str(written).lower() if isinstance(written, bool) else str(written)


def _json_float(value: float) -> object:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return "-0" if value == 0 and math.copysign(1, value) < 0 else value


def _json_instant(value: datetime) -> str:
    if getattr(value, "nanosecond", 0):
        raise ValueError(f"{value} has nanoseconds, and instants are exact to the microsecond: round it first")
    aware = value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)
    return aware.replace(tzinfo=None).isoformat() + "Z"
