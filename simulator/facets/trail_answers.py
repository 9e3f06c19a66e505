"""What the checks say of a trail at its home by its own record, whichever variant put it."""

from datetime import datetime

from simulator.facets.base import default_answers
from simulator.facets.trail_records import DAY, INSIGHTS, MOMENT, NOTIFIED, STREAM
from simulator.operations.cloudtrail import TRAILS
from simulator.places import Place, Record


@default_answers(TRAILS)
def answers_of_stream(place: Place, trail: Record) -> None:
    arn, status = trail["TrailARN"], trail["_status"]
    if "CloudWatchLogsLogGroupArn" not in trail or status.get("LatestCloudWatchLogsDeliveryError"):
        place.expect(STREAM, "fail", resource=arn)
        return
    streamed = status["LatestCloudWatchLogsDeliveryTime"]
    if callable(streamed):
        place.expect(STREAM, "pass", resource=arn)
        return
    last: datetime = max(streamed or status["StartLoggingTime"], status["StartLoggingTime"])
    if last + DAY < place.ago():
        place.expect(STREAM, "fail", resource=arn)
    else:
        place.expect(STREAM, "pass", resource=arn, until=last + DAY + MOMENT, then="fail")


@default_answers(TRAILS)
def answers_of_topic(place: Place, trail: Record) -> None:
    status = "pass" if trail.get("SnsTopicARN") else "fail"
    place.expect(NOTIFIED, status, resource=trail["TrailARN"])


@default_answers(TRAILS)
def answers_of_insights(place: Place, trail: Record) -> None:
    """Both rates, of management events."""
    looked_for = {
        found["InsightType"]
        for found in trail["_insights"] or ()
        if found.get("EventCategories") in (None, ["Management"])
    }
    status = "pass" if len(looked_for) == 2 else "fail"
    place.expect(INSIGHTS, status, resource=trail["TrailARN"])
