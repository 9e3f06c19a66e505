"""smithy-rpc-v2-cbor, by botocore's own encoder and decoder turned round.

https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
"""

from typing import Any

from botocore.model import Shape, StructureShape
from botocore.parsers import RpcV2CBORParser
from botocore.serialize import RpcV2CBORSerializer

HEADERS = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}

# Any: the methods below are not public, nor in the stubs.
_encoder: Any = RpcV2CBORSerializer()
_decoder: Any = RpcV2CBORParser()


def decoded(body: bytes, shape: StructureShape | None) -> dict[str, Any]:
    """The members of an input shape."""
    if shape is None or not body:
        return {}
    parsed: dict[str, Any] = _decoder._parse_shape(shape, _item(body))
    return parsed


def encoded(value: dict[str, Any], shape: Shape | None) -> bytes:
    if shape is None:
        return b""
    into = bytearray()
    _encoder._serialize_data_item(into, value, shape)
    return bytes(into)


def encoded_error(code: str, message: str) -> bytes:
    """A map of two strings: `__type` and `message`."""
    into = bytearray([0xA2])
    for text in ("__type", code, "message", message):
        _encoder._serialize_type_string(into, text, None, None)
    return bytes(into)


def _item(body: bytes) -> Any:
    return _decoder.parse_data_item(_decoder.get_peekable_stream_from_bytes(body))
