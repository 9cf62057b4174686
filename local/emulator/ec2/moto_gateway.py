"""Requests into moto's EC2, in this process and one at a time: moto is not made for threads."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from ministack.core.responses import get_region
from moto.core.request import Request
from moto.ec2.models import ec2_backends
from moto.ec2.responses import EC2Response

from emulator.settings import ACCOUNT_ID

Response = tuple[int, dict[str, str], bytes]

lock = threading.RLock()


def backend(region: str) -> Any:
    """moto's EC2 of one Region, for our account."""
    return ec2_backends[ACCOUNT_ID][region]


def regions_in_use() -> list[str]:
    """The Regions anything was asked of."""
    return [str(region) for region in dict.keys(ec2_backends[ACCOUNT_ID])]


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    """Answer one EC2 request."""
    return await asyncio.to_thread(_answer, get_region(), headers, body, query)


def _answer(region: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    url = f"https://ec2.{region}.amazonaws.com/"
    sent = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
    if not body and query:  # Step Functions and GET requests carry the parameters in the query
        body = _encoded(query)
        sent["content-type"] = "application/x-www-form-urlencoded"
    try:
        with lock:
            request = Request.from_primitives("POST", url, sent, body)
            status, answer_headers, answer = EC2Response.dispatch(request, url, sent)
    except NotImplementedError as gap:
        return 400, {"Content-Type": "text/xml;charset=UTF-8"}, _error("UnsupportedOperation", str(gap))
    data = answer.encode() if isinstance(answer, str) else answer
    return int(status), {"Content-Type": "text/xml;charset=UTF-8", **_plain(answer_headers)}, data


def _error(code: str, message: str) -> bytes:
    response = ElementTree.Element("Response")
    error = ElementTree.SubElement(ElementTree.SubElement(response, "Errors"), "Error")
    ElementTree.SubElement(error, "Code").text = code
    ElementTree.SubElement(error, "Message").text = message
    ElementTree.SubElement(response, "RequestID").text = "emulator"
    return ElementTree.tostring(response, encoding="utf-8", xml_declaration=True)


def _encoded(query: dict[str, Any]) -> bytes:
    return urlencode({name: value[0] if isinstance(value, list) else value for name, value in query.items()}).encode()


def _plain(headers: Any) -> dict[str, str]:
    wanted = ("x-amzn-requestid",)
    return {str(name): str(value) for name, value in dict(headers).items() if str(name).lower() in wanted}
