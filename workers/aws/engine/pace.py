"""How fast an account is asked: a token bucket per region and service, that learns.

The rates are half of what AWS publishes, so that the account's own tools keep the other half. Each
account has buckets of its own: one that is throttled slows down no other.
"""

import threading
import time
from collections.abc import Callable
from types import MappingProxyType

PUBLISHED_PER_SECOND = MappingProxyType(
    {
        # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html
        "cloudtrail:LookupEvents": 2,
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
        "cloudwatch:DescribeAlarms": 9,
        "cloudwatch:DescribeAlarmHistory": 20,
        "cloudwatch:GetDashboard": 10,
        "cloudwatch:ListMetrics": 25,
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
        "logs:DescribeLogGroups": 10,
        "logs:DescribeMetricFilters": 5,
        # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
        "events": 50,
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
        "apigateway": 10,
        "apigatewayv2": 10,
        # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
        "lambda": 15,
        # https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
        "stepfunctions": 20,
        # field reports, https://github.com/aws/aws-sam-cli/issues/2671
        "cloudformation:DescribeStacks": 5,
    }
)
UNPUBLISHED_PER_SECOND = 20
SHARE = 0.5
BURST_SECONDS = 4
SLOWEST_PER_SECOND = 0.5
SLOWER, FASTER = 0.7, 0.05
SLOWED_FOR_SECONDS = 1.0


class Pace:
    """One bucket. Tokens may be owed: each call is told how long to wait for its own."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.limit = self.per_second = per_second
        self.is_exhausted = False
        self._clock = clock
        self._burst = self._tokens = per_second * BURST_SECONDS
        self._at = clock()
        self._slowed_at = self._at - SLOWED_FOR_SECONDS
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next token; the seconds until it is there."""
        with self._lock:
            self._refill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self.per_second)

    def throttled(self) -> None:
        """AWS said that this was too fast. Calls that were under way together count once."""
        with self._lock:
            self._refill()
            if self._at < self._slowed_at + SLOWED_FOR_SECONDS:
                return
            self._slowed_at = self._at
            self.per_second = max(SLOWEST_PER_SECOND, self.per_second * SLOWER)
            self._tokens = min(self._tokens, 0.0)

    def answered(self) -> None:
        self.is_exhausted = False
        if self.per_second < self.limit:
            with self._lock:
                self._refill()
                faster = self.per_second + self.limit * FASTER
                self.per_second = min(self.limit, faster)

    def _refill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now


class Paces:
    """The buckets of one account."""

    def __init__(self) -> None:
        self._paces: dict[tuple[str, str], Pace] = {}
        self._lock = threading.Lock()

    def of(self, region: str, operation: str) -> Pace:
        """The bucket of an operation (``cloudtrail:LookupEvents``): its own, or its service's."""
        service = operation.partition(":")[0]
        name = operation if operation in PUBLISHED_PER_SECOND else service
        found = self._paces.get((region, name))
        if found is None:
            published = PUBLISHED_PER_SECOND.get(name, UNPUBLISHED_PER_SECOND)
            with self._lock:
                found = self._paces.setdefault((region, name), Pace(published * SHARE))
        return found


class Unhurried(Paces):
    """For simulated accounts, which nobody needs to spare."""

    def of(self, region: str, operation: str) -> Pace:
        return Pace(per_second=1_000_000)
