from itertools import pairwise

from accounts.roles import Permission, Role, roles_that_permit


def test_each_role_permits_what_the_ones_before_it_permit_and_more():
    permitted = [{p for p in Permission if role.permits(p)} for role in Role]
    assert all(less < more for less, more in pairwise(permitted))
    assert permitted[-1] == set(Permission)


def test_a_viewer_only_views():
    assert [p for p in Permission if Role.VIEWER.permits(p)] == [Permission.VIEW]


def test_approving_needs_at_least_an_approver():
    assert roles_that_permit(Permission.APPROVE) == (Role.APPROVER, Role.ADMINISTRATOR)
