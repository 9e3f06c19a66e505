"""The AWS wire protocols, by moto's router, parsers and serialisers and botocore's models.

This is the one module that knows moto. What moto 5.2 lacks, smithy-rpc-v2-cbor, is in cbor.py.
"""

import functools
import io
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from botocore.loaders import Loader
from botocore.utils import parse_timestamp
from moto.core.errors import ErrorShape
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import ServiceOperationRouter
from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.datastructures import Headers, MultiDict
from werkzeug.exceptions import NotFound

from simulator import cbor
from simulator.errors import AwsError
from simulator.shapes import Rewrite, fitted

CBOR = "smithy-rpc-v2-cbor"
JSON = "json"


@dataclass(frozen=True, kw_only=True)
class HttpRequest:
    """`path` is as it arrived, without the query; header names are lower case."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @functools.cached_property
    def for_moto(self) -> Request:
        return _moto_request(self)


@dataclass(frozen=True, kw_only=True)
class HttpReply:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a request asks for, in which protocol."""

    service: str
    protocol: str
    operation: OperationModel
    path_parameters: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.operation.name)


class NoSuchOperation(Exception):
    """The request names no operation of the service's model."""


_loader = Loader()
"""One for all services: each loader lists everything that botocore knows anew."""


@functools.cache
def service_model(service: str) -> ServiceModel:
    return ServiceModel(_loader.load_service_model(service, "service-2"), service)


_building = threading.Lock()
"""Moto builds routers and models at their first use, and not for several threads at once."""


@functools.cache
def _router(service: str) -> ServiceOperationRouter:
    return ServiceOperationRouter(service_model(service))


def protocol_of(service: str, request: HttpRequest) -> str:
    """The protocol that the request is written in."""
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return CBOR
    return determine_request_protocol(service_model(service), request.headers.get("content-type"))


def target_of(service: str, request: HttpRequest) -> Target:
    """The operation that the request asks for; raises NoSuchOperation."""
    protocol = protocol_of(service, request)
    if protocol in (CBOR, JSON):
        operation = _named_operation(service, protocol, request)
        return Target(service=service, protocol=protocol, operation=operation, path_parameters={})
    try:
        with _building:
            operation, path_parameters = _router(service).match(request.for_moto)
    except NotFound as error:
        raise NoSuchOperation(f"{service}:{request.method} {request.path}") from error
    return Target(
        service=service, protocol=protocol, operation=operation, path_parameters=path_parameters
    )


def _named_operation(service: str, protocol: str, request: HttpRequest) -> OperationModel:
    """The operation of a path /service/S/operation/O, or of a header `X-Amz-Target: <prefix>.O`."""
    if protocol == CBOR:
        name = request.path.rpartition("/operation/")[2]
        asked = request.path
    else:
        asked = request.headers.get("x-amz-target", "")
        prefix, _, name = asked.rpartition(".")
        name = name if prefix == service_model(service).metadata.get("targetPrefix") else ""
    model = service_model(service)
    if name not in model.operation_names:
        raise NoSuchOperation(f"{service}:{asked}")
    with _building:
        operation: OperationModel = model.operation_model(name)
    return operation


def parameters_of(target: Target, request: HttpRequest) -> dict[str, Any]:
    """The input of the operation, by the members of its input shape."""
    if target.protocol == CBOR:
        return cbor.decoded(request.body, target.operation.input_shape)
    is_json = target.protocol == JSON  # whose parser reads the body alone
    parser = PROTOCOL_PARSERS[target.protocol](target.operation, timestamp_parser=_instant)
    parameters: dict[str, Any] = parser.parse(
        {
            "body": request.body,
            "headers": Headers() if is_json else request.for_moto.headers,
            "method": request.method,
            "url_params": target.path_parameters,
            "url_path": request.path,
            "values": MultiDict() if is_json else request.for_moto.values,
        }
    )
    return {name: value for name, value in parameters.items() if value is not None}


def _instant(value: Any) -> datetime:
    """Instants are aware here; moto's own parser makes them naive."""
    return parse_timestamp(value).astimezone(UTC)


def result_reply(
    target: Target, result: dict[str, Any], request_id: str, rewrite: Rewrite | None = None
) -> HttpReply:
    """The result on the wire; raises shapes.Misfit where it does not fit the output shape."""
    shape = target.operation.output_shape
    if shape is not None:
        result = fitted(result, shape, f"{target.service}:{target.name}", rewrite)
    if target.protocol == CBOR:
        return _reply(200, cbor.HEADERS, cbor.encoded(result, shape), request_id)
    serializer = _serializer(target.service, target.protocol, target.operation, request_id)
    made = serializer.serialize(result)
    headers = made["headers"] | _json_content_type(target.service, target.protocol)
    return _reply(made["status_code"], headers, made["body"], request_id)


def error_reply(
    service: str,
    protocol: str,
    error: AwsError,
    request_id: str,
    operation: OperationModel | None = None,
) -> HttpReply:
    """The error on the wire, by the service's error shape where its model has one."""
    shape = _error_shape(service, error.code)
    status = error.status or shape.metadata.get("error", {}).get("httpStatusCode") or 400
    # ascii(): a header has no room for line breaks and foreign letters.
    misfit = {"X-Simulator-Misfit": ascii(error.misfit)} if error.misfit else {}
    if protocol == CBOR:
        body = cbor.encoded_error(shape.name, error.message)
        headers = cbor.HEADERS | _query_compatible(service, shape.error_code) | misfit
        return _reply(status, headers, body, request_id)
    model = service_model(service)
    operation = operation or model.operation_model(model.operation_names[0])
    serializer = _serializer(service, protocol, operation, request_id)
    # Not serialize(error): it looks the shape up anew each time, and warns of every common error.
    fields: dict[str, Any] = {}
    serializer._serialize_error_metadata(fields, error, shape)
    made = serializer._serialized_error_to_response(
        serializer._create_default_response(), error, shape, fields
    )
    headers = made["headers"] | _json_content_type(service, protocol) | misfit
    return _reply(status, headers, made["body"], request_id)


def _json_content_type(service: str, protocol: str) -> dict[str, str]:
    """moto writes another type for services that prefer CBOR but were asked in JSON."""
    if protocol != "json":
        return {}
    version = service_model(service).metadata.get("jsonVersion", "1.0")
    return {"Content-Type": f"application/x-amz-json-{version}"}


def _query_compatible(service: str, code: str) -> dict[str, str]:
    if not service_model(service).is_query_compatible:
        return {}
    return {"x-amzn-query-error": f"{code};Sender"}


def _serializer(service: str, protocol: str, operation: OperationModel, request_id: str) -> Any:
    serializer_class = get_serializer_class(service, protocol)
    return serializer_class(operation, context=SerializationContext(request_id))


@functools.cache
def _error_shape(service: str, code: str) -> ErrorShape:
    shape: Any
    for shape in service_model(service).error_shapes:
        known = ErrorShape(shape.name, shape._shape_model, shape._shape_resolver)
        if code in (known.name, known.error_code, *known.error_code_aliases):
            return known
    unmodelled = {
        "exception": True,
        "type": "structure",
        "members": {},
        "error": {"code": code},
    }
    return ErrorShape(code, unmodelled)


def _reply(
    status: int, headers: dict[str, str], body: str | bytes | None, request_id: str
) -> HttpReply:
    raw = body.encode() if isinstance(body, str) else body or b""
    return HttpReply(status=status, headers={**headers, "x-amzn-RequestId": request_id}, body=raw)


def _moto_request(request: HttpRequest) -> Request:
    raw_uri = f"{request.path}?{request.query}" if request.query else request.path
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(request.path, "latin-1"),
        "QUERY_STRING": request.query,
        "RAW_URI": raw_uri,
        "SERVER_NAME": "simulator",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
    }
    for name, value in request.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return Request(environ)
