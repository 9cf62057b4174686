"""What API Gateway itself answers when a Lambda does not: 500 for an error, 503 for a throttle, without its details."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc

ProxyResponse = tuple[dict[str, Any] | None, str | None]


def install() -> None:
    """ministack would answer 502 with the thrown error, or 429."""
    answer_of = lambda_svc.lambda_execute_result_to_api_proxy_response
    lambda_svc.lambda_execute_result_to_api_proxy_response = _plain_faults(answer_of)


def _plain_faults(answer_of: Callable[[dict[str, Any]], ProxyResponse]) -> Callable[[dict[str, Any]], ProxyResponse]:
    def answer(result: dict[str, Any]) -> ProxyResponse:
        if result.get("throttle"):
            return _fault(503, "Service Unavailable"), None
        if result.get("error"):
            return _fault(500, "Internal Server Error"), None
        return answer_of(result)

    return answer


def _fault(status: int, message: str) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps({"message": message})}
