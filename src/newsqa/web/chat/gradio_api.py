"""The endpoints of the official Gradio client: `search`, `ask`, `article`, `sources`, no more.

They take the fields of the request forms and return the JSON of HTTP. Gradio reads what an
endpoint takes from its signature, so the signature is made from the form.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from newsqa.engine import NewsQA
from newsqa.web.api.errors import status_and_detail, validation_detail
from newsqa.web.mcp.tools import Tool, tools_of
from newsqa.web.work_queue import DEADLINE_S, WorkQueue

# By name, which is also that of the method of the engine: its parameters give the order.
_TOOLS = {
    "search": "search",
    "ask": "ask",
    "article": "get_article",
    "sources": "list_sources",
}
_HTTP_ONLY = {"reader"}


class EndpointError(Exception):
    """There is no result; the message may be shown to the caller."""


def endpoints(qa: NewsQA, queue: WorkQueue) -> dict[str, Callable[..., dict[str, Any]]]:
    """Return the endpoints by name."""
    tools = tools_of(qa, deadline_s=DEADLINE_S)
    return {name: _endpoint(name, tools[tool], queue) for name, tool in _TOOLS.items()}


def _endpoint(name: str, tool: Tool, queue: WorkQueue) -> Callable[..., dict[str, Any]]:
    parameters = _parameters(name, tool.form)

    def endpoint(*values: Any) -> dict[str, Any]:
        named = zip(parameters, values, strict=False)
        arguments = {parameter.name: value for parameter, value in named if value is not None}
        try:
            return dict(queue.submit(tool.work(tool.form.model_validate(arguments))).result())
        except ValidationError as error:
            raise EndpointError(validation_detail(error)) from None
        except Exception as error:
            _, detail = status_and_detail(error, f"the endpoint {name}")
            raise EndpointError(detail) from None

    endpoint.__doc__ = tool.description
    endpoint.__annotations__ = {p.name: p.annotation for p in parameters}
    endpoint.__annotations__["return"] = dict[str, Any]
    signature = inspect.Signature(parameters, return_annotation=dict[str, Any])
    endpoint.__dict__["__signature__"] = signature
    return endpoint


def _parameters(name: str, form: type[BaseModel]) -> list[inspect.Parameter]:
    parameters = []
    for field_name in inspect.signature(getattr(NewsQA, name)).parameters:
        if field_name not in form.model_fields or field_name in _HTTP_ONLY:
            continue
        field = form.model_fields[field_name]
        annotation, default = _json_type(field.annotation), field.default
        if field.is_required():
            default = inspect.Parameter.empty
        elif isinstance(default, list):
            annotation, default = Union[annotation, None], None  # noqa: UP007
        parameters.append(
            inspect.Parameter(
                field_name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=default,
                annotation=annotation,
            )
        )
    return parameters


def _json_type(annotation: Any) -> Any:
    """Return the type of a field's JSON: a day is a string, a form a dict."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _json_type(args[0])
    if origin in {Union, UnionType}:
        return Union[tuple(map(_json_type, args))]  # noqa: UP007
    if origin is list:
        return GenericAlias(list, (_json_type(args[0]),))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return dict[str, Any]
    return str if annotation is date else annotation
