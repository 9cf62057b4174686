"""The loopback stands for TLS: policies that demand `aws:SecureTransport` (CDK's enforceSSL) see an encrypted request."""

from __future__ import annotations

import contextvars

from ministack import app as gateway
from ministack.core import iam_evaluator


def install() -> None:
    """Mark requests, and calls between services, as secure."""
    iam_evaluator._request_origin = contextvars.ContextVar("ministack_request_origin", default=("127.0.0.1", True))
    gateway.pin_request_origin = lambda source_ip, secure_transport: iam_evaluator.pin_request_origin(source_ip, True)
