"""Rights follow from grants alone, for one desk never reach the other, and no administrator reads contents."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.learning import EDITORS
from bot.records import DeskName
from bot.register_changes import APPROVERS, PROPOSERS
from bot.switch import SWITCHERS
from web.accounts.roles import (
    BadGrant,
    Grant,
    Right,
    Role,
    allowed,
    allowed_somewhere,
    conflict,
    grant_named,
    role_table,
)

desks = st.sampled_from([None, *DeskName])
grants = st.frozensets(st.builds(Grant, st.sampled_from(Role), desks))
rights = st.sampled_from(Right)


def test_the_table_names_every_role_and_right_with_a_reason() -> None:
    table = role_table()
    assert set(table.rows) == set(Role)
    assert set(table.what) == set(Right)
    assert all(row.name and row.why and row.rights for row in table.rows.values())
    assert {each for row in table.rows.values() for each in row.rights} == set(Right)


def test_an_administrator_reads_no_contents_and_approves_nothing() -> None:
    held = role_table().rows[Role.ADMINISTRATOR].rights
    assert not held & role_table().reading
    assert not held & {Right.USE_DESK, Right.APPROVE}


@pytest.mark.parametrize(
    ("right", "roles"),
    [
        (Right.PROPOSE, PROPOSERS),
        (Right.APPROVE, APPROVERS),
        (Right.THROW_SWITCH, SWITCHERS),
        (Right.EDIT_NOTES, EDITORS),
    ],
)
def test_the_published_table_says_what_register_switch_and_notes_demand(right: Right, roles: Sequence[str]) -> None:
    assert {role.value for role, row in role_table().rows.items() if right in row.rights} == set(roles)


@given(rights, desks)
def test_without_grants_nothing_is_allowed(right: Right, desk: DeskName | None) -> None:
    assert not allowed((), right, desk)


@given(grants, grants, rights, desks)
def test_more_grants_never_allow_less_and_each_right_has_its_grant(
    some: frozenset[Grant], more: frozenset[Grant], right: Right, desk: DeskName | None
) -> None:
    if allowed(some, right, desk):
        assert allowed(some | more, right, desk)
        assert any(allowed({each}, right, desk) for each in some)
        assert allowed_somewhere(some, right)


@given(st.sampled_from(Role), st.sampled_from(DeskName), rights)
def test_a_grant_for_one_desk_reaches_neither_the_other_nor_the_whole(role: Role, desk: DeskName, right: Right) -> None:
    held = {Grant(role, desk)}
    for elsewhere in {None, *DeskName} - {desk}:
        assert not allowed(held, right, elsewhere)


@given(st.sampled_from(Role), rights, st.sampled_from(DeskName))
def test_a_grant_for_the_whole_reaches_every_desk(role: Role, right: Right, desk: DeskName) -> None:
    assert allowed({Grant(role)}, right, desk) == allowed({Grant(role)}, right)


@given(grants)
def test_without_a_conflict_no_administrator_reads_contents(held: frozenset[Grant]) -> None:
    administrator = any(each.role is Role.ADMINISTRATOR for each in held)
    reads = any(allowed_somewhere(held, right) for right in role_table().reading)
    assert conflict(held) == (administrator and reads)


@given(st.builds(Grant, st.sampled_from(Role), desks))
def test_a_grant_is_read_as_it_is_written(grant: Grant) -> None:
    if grant.role is Role.ADMINISTRATOR and grant.desk is not None:
        with pytest.raises(BadGrant):
            grant_named(str(grant))
    else:
        assert grant_named(str(grant)) == grant


@pytest.mark.parametrize("text", ["", "@", "staff@", "@staff", "staff@moon", "boss", "staff@staff@staff", "職員"])
def test_what_is_no_grant_is_refused(text: str) -> None:
    with pytest.raises(BadGrant, match="write ROLE"):
        grant_named(text)
