"""Holds a response to the shape that botocore's model declares for it.

A response that does not fit is a bug of the simulator, and must not reach the product as if AWS
had said it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

Rewrite = Callable[[str, Shape, str], str]

SCALARS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "timestamp": (datetime,),
    "blob": (bytes,),
}


class Misfit(Exception):
    """A simulated response does not fit botocore's output shape."""


class Undocumented(str):
    """A value outside the documented enum, placed on purpose."""


def fitted(value: Any, shape: Shape, path: str, rewrite: Rewrite | None = None) -> Any:
    """A copy of `value` that fits `shape`.

    Members that begin with an underscore are the simulator's own and are left out; callables are
    called (fields that move); None is absent. Anything else that the shape does not know raises.
    `rewrite(string, shape, path)` may replace free strings.
    """
    if callable(value):
        value = value()
    if isinstance(shape, StructureShape):
        return _structure(value, shape, path, rewrite)
    if isinstance(shape, ListShape):
        _require(isinstance(value, list | tuple), value, shape, path)
        return [
            fitted(item, shape.member, f"{path}[{index}]", rewrite)
            for index, item in enumerate(value)
        ]
    if isinstance(shape, MapShape):
        _require(isinstance(value, dict), value, shape, path)
        return {
            fitted(key, shape.key, f"{path} key"): fitted(
                item, shape.value, f"{path}[{key!r}]", rewrite
            )
            for key, item in value.items()
        }
    return _scalar(value, shape, path, rewrite)


def _structure(value: Any, shape: StructureShape, path: str, rewrite: Rewrite | None) -> Any:
    if shape.is_document_type:
        return value
    _require(isinstance(value, dict), value, shape, path)
    members: dict[str, Shape] = shape.members
    present = {
        name: item for name, item in value.items() if item is not None and not name.startswith("_")
    }
    unknown = [name for name in present if name not in members]
    if unknown:
        raise Misfit(f"{path}: {shape.name} has no member {', '.join(unknown)}")
    missing = [name for name in shape.required_members if name not in present]
    if missing:
        raise Misfit(f"{path}: {shape.name} needs {', '.join(missing)}")
    return {
        name: fitted(item, members[name], f"{path}.{name}", rewrite)
        for name, item in present.items()
    }


def _scalar(value: Any, shape: Shape, path: str, rewrite: Rewrite | None) -> Any:
    _require(isinstance(value, SCALARS[shape.type_name]), value, shape, path)
    if isinstance(value, bool):
        _require(shape.type_name == "boolean", value, shape, path)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise Misfit(f"{path}: {value!r} has no time zone")
    if not isinstance(shape, StringShape):
        return value
    if shape.enum and value not in shape.enum and not isinstance(value, Undocumented):
        raise Misfit(f"{path}: {value!r} is not in the enum {shape.name} {sorted(shape.enum)}")
    return rewrite(value, shape, path) if rewrite else value


def _require(fits: bool, value: Any, shape: Shape, path: str) -> None:
    if not fits:
        kind = type(value).__name__
        raise Misfit(f"{path}: {shape.name} is a {shape.type_name}, got {kind} {value!r:.80}")
