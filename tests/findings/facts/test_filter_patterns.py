"""What filter patterns of CloudWatch Logs select."""

import pytest

from findings.facts.filter_patterns import NotUnderstood, selects

STOP = {
    "eventSource": "cloudtrail.amazonaws.com",
    "eventName": "StopLogging",
    "userIdentity": {"type": "IAMUser"},
}
CIS = (
    "{($.eventName = CreateTrail) || ($.eventName = UpdateTrail) || ($.eventName = DeleteTrail)"
    " || ($.eventName = StartLogging) || ($.eventName = StopLogging)}"
)


TAKEN = [
    "",
    CIS,
    "{ $.eventName = StopLogging }",
    '{$.eventName="StopLogging"}',
    "{ $.eventName = Stop* }",
    '{ $.eventName = "*Logging" }',
    "{ $.eventName = %^Stop% }",
    "{ $.eventName != DeleteTrail }",
    "{ $.eventSource = cloudtrail* && ($.eventName = A || $.eventName=StopLogging) }",
    "{ $.eventName = A || $.eventName = StopLogging && $.eventSource = cloudtrail* }",
    "{ $.eventName = StopLogging || $.eventName = A && $.eventSource = B }",
    "{ $.eventName = StopLogging && $.errorCode NOT EXISTS }",
    "{ $.eventName = StopLogging && $.errorCode IS NULL }",
    "{ $.userIdentity.type.more NOT EXISTS }",
    "{ $.eventName = StopLogging && $.sourceIPAddress != 10.0.0.* }",
    "{ $.userIdentity.type = IAMUser }",
    "StopLogging",
    "Stop cloudtrail",
    '"StopLogging"',
    "?DeleteTrail ?StopLogging",
    "Logging -Start",
    "%Stop.ogging%",
    "IAMUser",
]


def test_takes():
    left = [pattern for pattern in TAKEN if not selects(pattern, STOP)]
    assert not left, "\n".join(left)


NOT_TAKEN = [
    "{ $.eventName = DeleteTrail }",
    "{ $.eventName = stoplogging }",
    "{ $.eventName = Stop }",
    "{ $.eventName = %^Logging% }",
    "{ $.eventName != StopLogging }",
    "{ $.eventName = StopLogging && $.eventSource = config.amazonaws.com }",
    "{ $.userIdentity.type = Root && $.userIdentity.invokedBy NOT EXISTS }",
    "{ ($.eventName = A || $.eventName = StopLogging) && $.eventSource = B }",
    "{ $.eventName IS NULL }",
    "{ $.errorCode = * && $.eventName = A }",
    "{ $.errorCode = AccessDenied* }",
    "{ $.errorCode IS TRUE }",
    "{ $.errorCode IS FALSE }",
    "{ $.eventName NOT EXISTS }",
    "{ $.eventName IS TRUE }",
    "{ $.eventName > 3 }",
    "{ $.eventName <= 3 }",
    "{ $.eventName = StopLogging && $.requestParameters.count > 3 }",
    "{ $.eventName = StopLogging && $.resources[0].type = x }",
    "{ $.userIdentity.type.more = IAMUser }",
    "{ $.userIdentity = x }",
    "{ $.* = StopLogging }",
    "{ $.userIdentity NOT EXISTS }",
    "[ip, user, StopLogging]",
    "ERROR",
    "StopLogging ERROR",
    "?DeleteTrail ?UpdateTrail",
    "Logging -Stop",
    "%^Logging%",
]


def test_does_not_take():
    taken = [pattern for pattern in NOT_TAKEN if selects(pattern, STOP)]
    assert not taken, "\n".join(taken)


@pytest.mark.parametrize(
    "pattern",
    [
        "{ $.eventName = }",
        "{ eventName = StopLogging }",
        "{ ($.eventName = StopLogging }",
        "{ $.eventName = StopLogging ) }",
        "{ $.eventName WAS NULL }",
        "{ $.eventName = %(% }",
        '{ $.eventName = " }',
        "%(%",
        "{}",
    ],
)
def test_what_is_not_understood_is_not_guessed(pattern):
    with pytest.raises(NotUnderstood):
        selects(pattern, STOP)


def test_a_wildcard_inside_quotes_and_an_escaped_quote():
    assert selects('{ $.errorCode = "*Unauthorized*" }', {"errorCode": "Client.UnauthorizedX"})
    assert selects(r'{ $.name = "a\"b" }', {"name": 'a"b'})
