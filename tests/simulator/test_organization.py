from simulator.organization import ACCOUNTS, organization_on_day


def named(day, seed=1, accounts=24):
    organization = organization_on_day(seed, accounts, day)
    return {account.name: account for account in organization.accounts.values()}


def test_account_ids_are_unique_and_the_first_is_the_management_account():
    organization = organization_on_day(seed=1, accounts=2000, day=1)
    assert len(organization.accounts) == 2000
    first, *others = organization.accounts.values()
    assert first.is_management
    assert not any(account.is_management for account in others)


def test_names_and_mail_addresses_are_unique_at_any_size():
    accounts = named(day=2, accounts=2000).values()
    assert len({account.name for account in accounts}) == 2001
    assert len({account.email for account in accounts}) == 2001


def test_a_small_organization_is_the_beginning_of_a_large_one():
    small, large = (list(named(day=1, accounts=n).values()) for n in (5, 24))
    assert small == large[:5]


def test_every_unit_of_the_default_world_has_an_account():
    assert {unit for _, unit, *_ in ACCOUNTS} == {
        "",
        "Security",
        "Infrastructure",
        "Workloads/Prod",
        "Workloads/NonProd",
        "Sandbox",
        "Suspended",
    }


def test_neglected_accounts_do_not_say_who_owns_them():
    tags = [set(account.tags) for account in named(day=1).values()]
    assert {"Application"} in tags
    assert {"Owner", "Team", "Environment", "Application"} in tags


def test_a_closed_account_is_closed_by_state_and_suspended_by_status():
    retired = named(day=3)["retired-billing"]
    assert (retired.state, retired.status) == ("CLOSED", "SUSPENDED")
    assert named(day=2)["retired-billing"].state == "SUSPENDED"


def test_the_account_that_joins_is_new_whatever_the_size():
    for size in (1, 24, 100):
        joined = named(day=2, accounts=size)["loyalty-prod"]
        assert joined.number == size
        assert joined.joined_days_ago == 1
