from ipaddress import ip_address

import pytest

from findings.outgoing_addresses import AllowList, is_public, written_address

NOT_PUBLIC = [
    "127.0.0.1",
    "127.8.8.8",
    "0.1.2.3",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::8.8.8.8",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "3fff::1",
]


PUBLIC = ["8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700:4700::1111"]


def test_what_is_not_public():
    public = [text for text in NOT_PUBLIC if is_public(ip_address(text))]
    assert not public, str(public)


def test_what_is_public():
    assert [text for text in PUBLIC if not is_public(ip_address(text))] == []


def test_a_host_is_allowed_with_its_private_addresses():
    allow = AllowList.parse(["Jira.example.com", ".corp.example"])
    assert allow.allows("jira.EXAMPLE.com.", ip_address("10.0.0.1"))
    assert allow.allows("deep.git.corp.example", ip_address("fd00::1"))
    assert not allow.allows("corp.example", ip_address("10.0.0.1"))
    assert not allow.allows("evil-jira.example.com", ip_address("10.0.0.1"))
    assert not allow.allows("xcorp.example", ip_address("10.0.0.1"))


@pytest.mark.parametrize(
    "text", ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "224.0.0.1", "::"]
)
def test_a_name_that_is_allowed_never_leads_to_metadata(text):
    allow = AllowList.parse(["jira.example.com"])
    assert not allow.allows("jira.example.com", ip_address(text))


def test_a_network_is_allowed_in_each_form_of_its_addresses():
    allow = AllowList.parse(["10.0.0.0/8", "fd12::/16", "127.0.0.1"])
    for text in ("10.9.9.9", "::ffff:10.9.9.9", "64:ff9b::10.9.9.9", "fd12::1", "127.0.0.1"):
        assert allow.allows("any.example", ip_address(text))
    assert not allow.allows("any.example", ip_address("11.0.0.1"))


@pytest.mark.parametrize("text", ["http://a.example", "10.0.0.1/8", "a b", "*.a.example", "1.2.3"])
def test_what_is_neither_host_nor_network_is_refused_in_words(text):
    with pytest.raises(ValueError, match="neither a host, an address nor a CIDR"):
        AllowList.parse([text])


WRITTEN = [
    ("10.0.0.1", "10.0.0.1"),
    ("10.0.0.1.", "10.0.0.1"),
    ("[::1]", "::1"),
    ("fe80::1%eth0", "fe80::1"),
    ("127.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("0x7f000001", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
    ("\uff11\uff12\uff17.0.0.1", "127.0.0.1"),
    ("127\u30020\u30020\uff611", "127.0.0.1"),
    ("LocalHost", "127.0.0.1"),
    ("a.localhost.", "127.0.0.1"),
    ("example.com", None),
    ("1.example.com", None),
    ("", None),
]


def test_a_host_may_be_an_address_in_itself():
    found = [(host, address, written_address(host)) for host, address in WRITTEN]
    wrong = [each for each in found if each[1] != (str(each[2]) if each[2] else None)]
    assert not wrong, str(wrong)
