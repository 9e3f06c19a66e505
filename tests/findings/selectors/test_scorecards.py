import datetime as dt
from fractions import Fraction

import pytest

from accounts.models import Account
from findings.catalogue.best_practices import best_practices
from findings.catalogue.pillar import Phase, Principle, Row, Severity
from findings.selectors.scorecards import Scoring, questions, statements_of, weights_in
from findings.selectors.standing import Counts
from tests.factories.accounts import AccountFactory, OrganizationFactory, OuFactory
from tests.factories.findings import AttestationFactory
from tests.findings.services.lab import NOW, box_is_new, box_is_sealed, define

DAY = dt.timedelta(days=1)
FIRST, SECOND, UNCOVERED = "OPS04-BP01", "OPS08-BP02", "OPS01-BP01"


@pytest.fixture
def scoring():
    """Two checks: one of audit, critical, for two practices; one of change, low, for the second."""
    sealed = define(
        box_is_sealed,
        resource=None,
        scope="account",
        severity=Severity.CRITICAL,
        best_practices=(FIRST, SECOND),
        principles=(Principle.OPERATIONS_AS_CODE,),
    )
    new = define(
        box_is_new,
        resource=None,
        scope="account",
        row=Row.CHANGE,
        severity=Severity.LOW,
        best_practices=(SECOND,),
        principles=(Principle.ANTICIPATE_FAILURE, Principle.OPERATIONS_AS_CODE),
    )
    return Scoring({found.id: found for found in (sealed, new)})


COUNTS = {
    "box_is_sealed": Counts(passed=3, failed=1, not_applicable=2),
    "box_is_new": Counts(passed=1),
    "no_longer_known": Counts(failed=9),
}


def values(lines):
    return {
        str(key): line.score.value for key, line in lines.items() if line.score.value is not None
    }


def test_a_check_counts_in_its_row_phase_questions_and_principles(scoring):
    card = scoring.card(COUNTS, {})
    assert card.rows[Row.AUDIT].score.value == card.rows[Row.AUDIT].counts.share == 75
    assert values(card.rows) == {"O2": 75, "O1": 100}
    both = Fraction(100 * (10 * 3 + 4), 4 * 11)
    assert values(card.phases) == {"operate": both}
    assert values(card.questions) == {"OPS04": 75, "OPS08": both}
    assert values(card.principles) == {"D1": both, "D4": 100}
    assert card.total.score.value == both
    assert card.total.counts == Counts(passed=4, failed=1, not_applicable=2)


def test_no_cut_is_left_out(scoring):
    card = scoring.card({}, {})
    assert list(card.rows) == list(Row)
    assert list(card.phases) == list(Phase)
    assert list(card.principles) == list(Principle)
    assert list(card.questions) == list(questions())
    assert len(card.questions) == 11
    assert values(card.rows) == values(card.questions) == {}


def test_each_line_has_its_level_and_what_it_lacks(scoring):
    card = scoring.card(COUNTS, {})
    assert card.rows[Row.CHANGE].reached.level == "optimized"
    audit = card.rows[Row.AUDIT].reached
    assert (audit.level, [item.check for item in audit.missing]) == (None, ["box_is_sealed"])


def test_what_is_attested_counts_beside_the_checks_of_its_practice(scoring):
    card = scoring.card(COUNTS, {FIRST: Fraction(1, 2)})
    risk = {"high": 5, "medium": 2, "low": 1}[best_practices()[FIRST].risk]
    beside = 100 * (Fraction(30, 4) + Fraction(risk, 2)) / (10 + Fraction(risk, 2))
    assert values(card.rows) == {"O2": beside, "O1": 100}
    assert card.questions["OPS04"].score.value == beside
    assert (card.rows[Row.AUDIT].attested, card.rows[Row.CHANGE].attested) == (1, 0)


def test_a_practice_without_a_check_is_asked_for_in_its_question_and_in_all(scoring):
    before = scoring.card(COUNTS, {})
    after = scoring.card(COUNTS, {UNCOVERED: Fraction(1)})
    assert before.questions["OPS01"].score.coverage == 0
    assert before.questions["OPS01"].score.value is None
    assert after.questions["OPS01"].score.value == 100
    assert after.questions["OPS01"].score.coverage > 0
    assert after.total.score.coverage > before.total.score.coverage
    assert after.total.score.value > before.total.score.value
    assert after.rows == before.rows


@pytest.mark.django_db
class TestWeights:
    @pytest.fixture
    def organization(self):
        return OrganizationFactory()

    @pytest.fixture
    def ou(self, organization):
        return OuFactory(organization=organization)

    def weights(self, organization, now=NOW):
        accounts = Account.objects.filter(organization=organization).select_related("ou")
        return weights_in(accounts, statements_of([organization.pk], now), now)

    def test_they_are_the_mean_over_the_accounts_that_are_reached(self, organization, ou):
        AccountFactory.create_batch(3, organization=organization)
        AccountFactory(organization=organization, ou=ou)
        AttestationFactory(organization=organization, ou=ou)
        AttestationFactory()
        assert self.weights(organization) == {UNCOVERED: Fraction(1, 4)}

    def test_of_several_the_one_that_counts_most_does(self, organization):
        AccountFactory(organization=organization)
        AttestationFactory(organization=organization, starts_at=NOW - 90 * DAY)
        AttestationFactory(organization=organization, starts_at=NOW - 180 * DAY)
        assert self.weights(organization) == {UNCOVERED: Fraction(1, 2)}

    def test_what_is_over_withdrawn_or_planned_counts_for_nothing(self, organization):
        AccountFactory(organization=organization)
        AttestationFactory(organization=organization, starts_at=NOW - DAY, ends_at=NOW)
        AttestationFactory(organization=organization, withdrawn_at=NOW)
        AttestationFactory(organization=organization, starts_at=NOW + DAY)
        assert self.weights(organization) == {}

    def test_without_accounts_there_is_none(self, organization):
        AttestationFactory(organization=organization)
        assert self.weights(organization) == {}
