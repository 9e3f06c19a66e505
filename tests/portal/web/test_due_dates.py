import pytest
from django.urls import reverse

from findings.models import SlaRule
from tests.portal.web.pages import badly_refused, main_text_of, text_of

LIST, SET = reverse("sla-rule-list"), reverse("sla-rule-set")


@pytest.fixture
def form(world):
    return {"organization": world.ours.pk, "severity": "high", "environment": "prod", "days": "5"}


def test_days_are_set_changed_and_taken_away(sign_in, world, form):
    client = sign_in("administrator")
    assert "High all within 30 days as Cairn has it" in main_text_of(client.get(LIST))
    shown = main_text_of(client.post(SET, form, follow=True))
    assert "High all others within 30 days as Cairn has it High prod within 5 days" in shown
    client.post(SET, {**form, "days": "6"})
    client.post(SET, {**form, "environment": "", "days": ""})
    rule, general = SlaRule.objects.order_by("-environment")
    assert (rule.days, general.days) == (6, None)
    assert "High all others at no date" in main_text_of(client.get(LIST))
    client.post(reverse("sla-rule-delete", args=[rule.uid]))
    assert SlaRule.objects.get() == general


WRONG = [
    ({"days": "0"}, "greater than or equal to 1"),
    ({"days": "x"}, "whole number"),
    ({"days": "9" * 30}, "less than or equal"),
    ({"severity": "grave"}, "not one of the available choices"),
    ({"environment": "a\0b"}, "Null characters"),
    ({"environment": "a" * 65}, "at most 64"),
    ({"organization": "999999"}, "Select a valid choice"),
]


def test_what_is_wrong_is_said_and_nothing_saved(sign_in, form):
    client = sign_in("administrator")

    def set_rule(fields):
        return client.post(SET, form | fields)

    assert badly_refused(set_rule, WRONG, SlaRule) == {}


def test_who_may_set_them(sign_in, form):
    for who in ("viewer", "contributor", "administrator of Prod", "nobody"):
        assert "Set days" not in text_of(sign_in(who).get(LIST))
        assert sign_in(who).post(SET, form).status_code == 403, who
    assert sign_in("stranger").post(SET, form).status_code == 422
    assert not SlaRule.objects.exists()
    assert "Nothing that you may see" in text_of(sign_in("nobody").get(LIST))
