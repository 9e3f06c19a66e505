"""A session whose answers are scripted: botocore validates their shapes, and that all are asked."""

from datetime import UTC, datetime

import boto3
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from findings.facts.base import Gap, GapReason
from workers.aws.pages import pages_of

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


class StubbedSession:
    """Answers each call with what was scripted for it, in order."""

    account, region, partition, now = "111111111111", "eu-west-1", "aws", NOW

    def __init__(self):
        self._clients = {}
        self._stubbers = {}

    def client(self, service):
        if service not in self._clients:
            client = boto3.client(
                service, self.region, aws_access_key_id="a", aws_secret_access_key="b"
            )
            self._clients[service] = client
            self._stubbers[service] = Stubber(client)
            self._stubbers[service].activate()
        return self._clients[service]

    def answer(self, service, method, response, **expected):
        self.client(service)
        self._stubbers[service].add_response(method, response, expected or None)

    def answer_stacks(self, *stacks):
        """Stacks are listed in short first: without any, they are not asked for in full."""
        required = ("StackName", "CreationTime", "StackStatus")
        short = [{name: stack[name] for name in required} for stack in stacks]
        self.answer("cloudformation", "list_stacks", {"StackSummaries": short})
        self.answer("cloudformation", "describe_stacks", {"Stacks": list(stacks)})

    def answer_standing(self):
        """A stack stands."""
        stack = {"StackName": "shop", "CreationTime": NOW, "StackStatus": "CREATE_COMPLETE"}
        self.answer("cloudformation", "list_stacks", {"StackSummaries": [stack]})

    def refuse(self, service, method, code, message=""):
        self.client(service)
        self._stubbers[service].add_client_error(method, code, message)

    def items(self, service, method, key, **parameters):
        pages = pages_of(self.client(service), method, **parameters)
        return iter([item for page in pages for item in page.get(key, ())])

    def once(self, service, method, **parameters):
        return getattr(self.client(service), method)(**parameters)

    def detail(self, method, **parameters):
        try:
            return method(**parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code != "AccessDeniedException":
                raise
            return Gap(kind="x", reason=GapReason.ACCESS_DENIED, code=code)

    def assert_all_asked(self):
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()
