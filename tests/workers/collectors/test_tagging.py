"""Tags of resources."""

from tests.workers.collectors.stubbed import StubbedSession
from workers.collectors.tagging import tagged_resources


def test_resources_without_tags_are_left_out():
    session = StubbedSession()
    mappings = [
        {"ResourceARN": "arn:aws:x:a", "Tags": [{"Key": "Team", "Value": "web"}]},
        {"ResourceARN": "arn:aws:x:b", "Tags": []},
        {"ResourceARN": "arn:aws:x:c"},
    ]
    response = {"ResourceTagMappingList": mappings, "PaginationToken": ""}
    session.answer("resourcegroupstaggingapi", "get_resources", response, ResourcesPerPage=100)
    (found,) = tagged_resources(session)
    assert (found.key, found.tags) == ("arn:aws:x:a", {"Team": "web"})
