"""One scheduling request of instance-scheduler-on-aws, by its own handler: argv = the moment (ISO), the registry's table.

Its tables are made where they are not there. It asks STS at a fixed address, so that one client is made here; `batched`
came with Python 3.12, which it is written for.
"""

import itertools
import os
import sys


def batched(items, size):
    rest = iter(items)
    while batch := tuple(itertools.islice(rest, size)):
        yield batch


if not hasattr(itertools, "batched"):
    itertools.batched = batched

moment, registry = sys.argv[1:]
os.environ.update(
    {
        "USER_AGENT_EXTRA": "bench",
        "CONFIG_TABLE": "config",
        "MAINT_WINDOW_TABLE": "windows",
        "REGISTRY_TABLE": registry,
        "SCHEDULER_ROLE_NAME": "scheduler",
        "DEFAULT_TIMEZONE": "UTC",
        "SCHEDULE_TAG_KEY": "Schedule",
        "ENABLE_EC2_SSM_MAINTENANCE_WINDOWS": "False",
        "ENABLE_RDS_SNAPSHOTS": "False",
        "SCHEDULING_INTERVAL_MINUTES": "5",
        "LOCAL_EVENT_BUS_NAME": "default",
        "GLOBAL_EVENT_BUS_NAME": "default",
        "ENABLE_OPS_MONITORING": "False",
        "HUB_STACK_NAME": "bench",
        "HUB_STACK_ARN": "arn:aws:cloudformation:us-east-1:123456789012:stack/bench/1",
        "RESIZE_REQUEST_SQS_URL": "",
        "ASG_SCHEDULED_RULES_PREFIX": "bench-",
        "ASG_METADATA_TAG_KEY": "scheduled",
        "ENABLE_INFORMATIONAL_TAGGING": "True",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        "LOG_LEVEL": "CRITICAL",
        "POWERTOOLS_SERVICE_NAME": "bench",
    }
)

import boto3  # noqa: E402
from instance_scheduler.util import session_manager  # noqa: E402

session_manager._sts = lambda: boto3.Session().client("sts")

from instance_scheduler.handler.scheduling_request import handle_scheduling_request  # noqa: E402


class Context:
    """What Lambda hands over."""

    function_name = "bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    aws_request_id = "bench"
    log_group_name = "bench"

    def get_remaining_time_in_millis(self):
        return 300_000


def period(name, end):
    return {"name": name, "begintime": "09:00", "endtime": end}


handle_scheduling_request(
    {
        "action": "scheduler:run",
        "dispatch_time": moment,
        "account": "123456789012",
        "region": "us-east-1",
        "service": "ec2",
        "current_dt": moment,
        "schedules": [
            {"name": "office", "timezone": "UTC", "periods": "office"},
            {"name": "early", "timezone": "UTC", "periods": "early"},
        ],
        "periods": [period("office", "18:00"), period("early", "17:00")],
    },
    Context(),
)
