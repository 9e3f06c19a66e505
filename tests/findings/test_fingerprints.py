from hypothesis import given
from hypothesis import strategies as st

from findings.fingerprints import fingerprint

PARTS = st.tuples(*[st.text(max_size=8)] * 5)


def of(parts):
    names = ("check", "account", "region", "resource", "sub_key")
    return fingerprint(**dict(zip(names, parts, strict=True)))


def test_a_fingerprint_is_stable_for_ever():
    assert fingerprint(check="c", account="1", region="r", resource="x") == (
        "v1:0315adf3b082a0f0b13464899afca64cc5309eb3030c33be3108e6065e7ede5c"
    )


@given(PARTS, PARTS)
def test_two_fingerprints_are_equal_exactly_when_all_their_parts_are(one, other):
    assert (of(one) == of(other)) == (one == other)


@given(PARTS)
def test_a_fingerprint_has_the_length_of_its_column(parts):
    assert len(of(parts)) == 67
