from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.snapshot import AccountSnapshot, Difference, OrganizationSnapshot, OuSnapshot, diff
from accounts.states import AccountEventKind as Kind
from accounts.states import AccountState

ROOT = "r-ab12"


def ou(id, name, parent_id=ROOT):
    return OuSnapshot(id=id, name=name, parent_id=parent_id)


def account(id="111111111111", **changes):
    snapshot = AccountSnapshot(
        id=id,
        name="web",
        email="web@example.com",
        state=AccountState.ACTIVE,
        parent_id=ROOT,
        tags={},
        joined_at=None,
    )
    return replace(snapshot, **changes)


def organization(*accounts, units=(), complete=True):
    return OrganizationSnapshot(
        organization_id="o-abc",
        management_account_id="999999999999",
        units=tuple(units),
        accounts=accounts,
        complete=complete,
    )


def kinds(difference):
    return [change.kind for entry in difference.accounts for change in entry.changes]


def only_change(known, seen, **options):
    (entry,) = diff(known, seen, **options).accounts
    (change,) = entry.changes
    return change


WORKLOADS, PROD = ou("ou-1", "Workloads"), ou("ou-2", "Prod", "ou-1")


def test_the_same_reading_changes_nothing():
    seen = organization(account(parent_id="ou-2"), units=[WORKLOADS, PROD])
    assert diff(seen, seen) == Difference()


def test_a_new_account_joins_with_its_place():
    change = only_change(
        organization(), organization(account(parent_id="ou-2"), units=[PROD, WORKLOADS])
    )
    assert change.kind is Kind.JOINED
    assert change.after == {"name": "web", "state": "ACTIVE", "ou_path": "Workloads/Prod"}


def test_a_moved_account_tells_both_places():
    units = [WORKLOADS, PROD]
    change = only_change(
        organization(account(parent_id="ou-1"), units=units),
        organization(account(parent_id="ou-2"), units=units),
    )
    assert (change.kind, change.before, change.after) == (Kind.MOVED, "Workloads", "Workloads/Prod")


def test_an_account_moves_with_the_ou_above_it():
    change = only_change(
        organization(account(parent_id="ou-2"), units=[WORKLOADS, PROD]),
        organization(account(parent_id="ou-2"), units=[WORKLOADS, ou("ou-2", "Prod")]),
    )
    assert (change.kind, change.before, change.after) == (Kind.MOVED, "Workloads/Prod", "Prod")


def test_a_new_ou_of_the_same_name_is_another_ou():
    change = only_change(
        organization(account(parent_id="ou-1"), units=[WORKLOADS]),
        organization(account(parent_id="ou-9"), units=[ou("ou-9", "Workloads")]),
    )
    assert change.kind is Kind.MOVED


def test_a_renamed_account_tells_both_names():
    change = only_change(organization(account()), organization(account(name="shop")))
    assert (change.kind, change.before, change.after) == (Kind.RENAMED, "web", "shop")


def test_a_changed_mail_address_is_not_repeated_in_the_change():
    change = only_change(organization(account()), organization(account(email="a@example.com")))
    assert (change.kind, change.before, change.after) == (Kind.EMAIL_CHANGED, None, None)


def test_changed_tags_tell_both():
    change = only_change(organization(account()), organization(account(tags={"team": "web"})))
    assert (change.kind, change.before, change.after) == (Kind.TAGS_CHANGED, {}, {"team": "web"})


def test_states_become_what_happened():
    happened = {
        (AccountState.ACTIVE, AccountState.SUSPENDED): Kind.SUSPENDED,
        (AccountState.ACTIVE, AccountState.PENDING_CLOSURE): Kind.CLOSING,
        (AccountState.PENDING_CLOSURE, AccountState.CLOSED): Kind.CLOSED,
        (AccountState.SUSPENDED, AccountState.ACTIVE): Kind.REACTIVATED,
        (AccountState.PENDING_ACTIVATION, AccountState.ACTIVE): Kind.ACTIVATED,
        (AccountState.ACTIVE, AccountState.PENDING_ACTIVATION): Kind.PENDING,
        (AccountState.LEFT, AccountState.ACTIVE): Kind.REJOINED,
        (AccountState.LEFT, AccountState.SUSPENDED): Kind.REJOINED,
    }
    for (before, after), kind in happened.items():
        known, seen = organization(account(state=before)), organization(account(state=after))
        assert only_change(known, seen).kind is kind


def test_an_account_missing_from_a_complete_reading_left():
    (entry,) = diff(organization(account()), organization()).accounts
    assert entry.account.state is AccountState.LEFT
    assert [change.kind for change in entry.changes] == [Kind.LEFT]


def test_an_account_missing_from_an_incomplete_reading_stays():
    assert diff(organization(account()), organization(complete=False)) == Difference()


def test_an_account_that_left_leaves_once():
    assert diff(organization(account(state=AccountState.LEFT)), organization()) == Difference()


def test_an_imported_account_is_not_missed_by_a_complete_reading():
    known = organization(account())
    assert diff(known, organization(), imported=frozenset({"111111111111"})) == Difference()


def test_what_was_not_read_stays_as_it_was_known():
    known = organization(account(parent_id="ou-1", tags={"a": "b"}), units=[WORKLOADS])
    seen = organization(account(parent_id=None, tags=None), units=[WORKLOADS])
    assert diff(known, seen) == Difference()


def test_no_tags_is_another_thing_than_tags_not_read():
    known = organization(account(tags={"a": "b"}))
    assert kinds(diff(known, organization(account(tags={})))) == [Kind.TAGS_CHANGED]


def test_an_account_in_an_ou_that_nobody_knows_is_not_moved():
    known = organization(account(parent_id="ou-1"), units=[WORKLOADS])
    seen = organization(account(parent_id="ou-7"), complete=False)
    assert diff(known, seen) == Difference()


def test_an_incomplete_reading_still_changes_what_it_saw():
    known = organization(account(), account("222222222222"))
    seen = organization(account(name="shop"), complete=False)
    assert kinds(diff(known, seen)) == [Kind.RENAMED]


def test_ous_come_from_the_top_down():
    deep = [ou("ou-3", "C", "ou-2"), PROD, WORKLOADS]
    assert [unit.id for unit in diff(organization(), organization(units=deep)).units] == [
        "ou-1",
        "ou-2",
        "ou-3",
    ]


def test_an_ou_is_removed_only_by_a_complete_reading():
    known = organization(units=[WORKLOADS, PROD])
    partly = organization(units=[WORKLOADS], complete=False)
    assert diff(known, partly).removed_units == ()
    assert diff(known, replace(partly, complete=True)).removed_units == ("ou-2",)


def test_half_of_a_turned_tree_is_not_grafted_onto_the_known_one():
    known = organization(account(parent_id="ou-2"), units=[WORKLOADS, PROD])
    half = organization(units=[ou("ou-1", "Workloads", "ou-2")], complete=False)
    assert diff(known, half) == Difference()


def test_an_ou_whose_parents_were_lost_is_not_removed_by_a_complete_reading():
    known = organization(units=[WORKLOADS, PROD])
    torn = organization(units=[WORKLOADS, ou("ou-2", "Prod", "ou-8")])
    assert diff(known, torn).removed_units == ()


ids = st.sampled_from([f"{n}" * 12 for n in range(1, 6)])
trees = st.sets(st.sampled_from(["ou-1", "ou-2", "ou-3"])).map(
    lambda chosen: [ou(id, f"OU {id}") for id in sorted(chosen)]
)
accounts = st.builds(
    account,
    ids,
    name=st.sampled_from(["web", "shop"]),
    state=st.sampled_from([state for state in AccountState if state is not AccountState.LEFT]),
    parent_id=st.sampled_from([None, ROOT, "ou-1", "ou-2", "ou-3"]),
    tags=st.sampled_from([None, {}, {"team": "web"}]),
)
readings = st.builds(
    lambda found, units, complete: organization(*found, units=units, complete=complete),
    st.lists(accounts, unique_by=lambda a: a.id, max_size=5),
    trees,
    st.booleans(),
)


def after(known, seen):
    """What is known once the difference is written."""
    difference = diff(known, seen)
    units = {unit.id: unit for unit in (*known.units, *difference.units)}
    for id in difference.removed_units:
        del units[id]
    found = {entry.id: entry for entry in known.accounts}
    found |= {entry.account.id: entry.account for entry in difference.accounts}
    return replace(known, units=tuple(units.values()), accounts=tuple(found.values()))


@settings(deadline=None)
@given(readings, readings)
def test_a_reading_applied_twice_changes_nothing_the_second_time(first, second):
    known = after(after(organization(), first), second)
    assert diff(known, second) == Difference()


@settings(deadline=None)
@given(readings, readings)
def test_nobody_leaves_by_an_incomplete_reading(first, second):
    known = after(organization(), first)
    assert Kind.LEFT not in kinds(diff(known, replace(second, complete=False)))


@settings(deadline=None)
@given(readings, readings)
def test_nobody_is_ever_forgotten(first, second):
    known = after(organization(), first)
    later = after(known, second)
    assert {a.id for a in known.accounts} <= {a.id for a in later.accounts}
