"""What can be read of a plan: the business domain, the stage, who decides, what is at stake, what has to be asked.

The domains and stages are the slides' (第3回資料（案） ３-② and ３-③). Where the words allow more than one
reading, all of them are given; nothing is guessed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.assessing.cues import Cues, load_cues
from bot.assessing.plan import Plan
from bot.assessing.values import (
    FULL,
    PARTIAL,
    Ask,
    Assessment,
    Decides,
    Domain,
    Function,
    Likely,
    Reading,
    Stake,
    User,
)

_CLEAR = 0.75  # share of votes with which the nearest plans outweigh words that are not firm
_FIRM = 2  # more words for one domain than for the other
_QUIET = frozenset({"clerical", "search", "write", "propose", "analyse"})
_DIGITS = dict(zip("一二三四五", range(1, 6), strict=True))


_SERVING = frozenset({Function.INFORM, Function.PROCEDURE, Function.PERSONAL})
_ACTING = frozenset({Function.JUDGE, Function.EXECUTE})
_OFFICE = frozenset({Function.WRITE, Function.PROPOSE, Function.EXPERT, Function.SEARCH})


def assess(plan: Plan, likely: Likely | None = None) -> Assessment:
    """Read a plan. Never fails: what is unclear comes out as several readings and as questions.

    ``likely`` is how plans that lie near to it are meant: it is heard where the words say too little or otherwise.
    """
    cues = load_cues()
    functions, decides = _functions(plan, cues), _decides(plan, cues)
    judging = _ACTING & set(functions)
    decides = decides if judging else Decides.NOBODY
    user, domains, unsure = _whose(plan, cues, functions, likely)
    hints = likely.stages if likely else {}
    readings = tuple(
        reading for domain in domains for reading in _readings(domain, functions, decides, hints.get(domain), cues)
    )
    asks = [unsure] if unsure else []
    if all(reading.near or reading.stage is None for reading in readings):
        asks.append(Ask.WHAT)
    if decides is Decides.UNCLEAR:
        asks.append(Ask.DECIDES)
    return Assessment(
        user=user,
        functions=functions,
        decides=decides,
        readings=readings,
        stakes=_stakes(plan, cues, functions, domains),
        asks=tuple(asks),
        confirms=cues.hit("confirms.asks", plan.text) or cues.hit("confirms.colour_claimed", plan.text),
        colour_asked=cues.hit("confirms.colour_asked", plan.text),
        claimed=tuple(_DIGITS.get(each) or int(each) for each in cues.numbers("confirms.stage_claimed", plan.text)),
    )


def _functions(plan: Plan, cues: Cues) -> tuple[Function, ...]:
    """What AI does. What people are said to decide or check is nothing that AI does."""
    told = cues.without("plan.request", plan.text)
    by_ai = told if cues.hit("decides.alone", told) else cues.without("decides.human", told)
    found = {each for each in Function if cues.hit(f"function.{each.value}", by_ai if each is Function.JUDGE else told)}
    if cues.hit("function.fitted", told) and Function.PROCEDURE not in found:
        found.add(Function.PERSONAL)
    return tuple(each for each in Function if each in found)


def _decides(plan: Plan, cues: Cues) -> Decides:
    """Who decides, by the form or by the words; both or neither is unclear."""
    if plan.decides:
        if cues.hit("decides.form_human", plan.decides):
            return Decides.HUMAN
        if cues.hit("decides.form_alone", plan.decides):
            return Decides.ALONE
    alone = cues.hit("decides.alone", plan.text)
    human = cues.hit("decides.human", cues.without("decides.alone", plan.text))
    if alone == human:
        return Decides.UNCLEAR
    return Decides.ALONE if alone else Decides.HUMAN


def _whose(
    plan: Plan, cues: Cues, functions: tuple[Function, ...], likely: Likely | None
) -> tuple[User, tuple[Domain, ...], Ask | None]:
    """Who uses it, the domains it may belong to (likeliest first), and what to ask where that is unclear."""
    if cues.hit("user.form_citizen", plan.user):
        return User.CITIZEN, (Domain.CITIZEN,), None
    told = _told(plan, cues, functions)
    if likely is None or (likely.domain in told.domains and told.ask is None):
        return told.user, told.domains, told.ask
    at_staff = cues.hit("user.form_staff", plan.user)
    if at_staff and likely.domain is Domain.CITIZEN:
        return told.user, told.domains, told.ask
    user = User.CITIZEN if likely.domain is Domain.CITIZEN else User.STAFF
    if likely.share >= _CLEAR and not told.firm:
        return user, (likely.domain,), told.ask
    domains = tuple(dict.fromkeys((likely.domain, *told.domains) if not told.firm else (*told.domains, likely.domain)))
    if told.ask:
        return told.user, domains, told.ask
    differs = Domain.CITIZEN in domains
    return User.UNCLEAR if differs else told.user, domains, Ask.WHO if differs else Ask.PURPOSE


@dataclass(frozen=True, slots=True)
class _Told:
    """What the words alone say of whose it is; ``firm`` where they say it in so many words."""

    user: User
    domains: tuple[Domain, ...]
    ask: Ask | None = None
    firm: bool = False


def _told(plan: Plan, cues: Cues, functions: tuple[Function, ...]) -> _Told:
    at_staff = cues.hit("user.form_staff", plan.user)
    staff = at_staff or cues.hit("user.staff", plan.text)
    inside = cues.weight("user.internal", plan.text) + cues.weight("user.inside", plan.text)
    outside = cues.weight("user.served", plan.text)
    kinds = set(functions)
    serving = bool(_SERVING & kinds) and not (staff or (kinds - _SERVING) or inside > outside)
    citizen = cues.hit("user.citizen", plan.text) and not (staff and inside > outside)
    if not at_staff and (citizen or (serving and outside)):
        # Applications that AI judges for citizens are judged by an office: both readings are told.
        also = (Domain.RELATED,) if Function.JUDGE in functions and outside else ()
        return _Told(User.CITIZEN, (Domain.CITIZEN, *also), firm=citizen)
    if not (staff or inside or outside):
        return _Told(User.UNCLEAR, tuple(Domain), Ask.WHO)
    if inside != outside:
        domain = Domain.INTERNAL if inside > outside else Domain.RELATED
        return _Told(User.STAFF, (domain,), firm=abs(inside - outside) >= _FIRM)
    if _OFFICE & kinds and not (kinds - _OFFICE - _SERVING):  # no other domain has a stage for these
        return _Told(User.STAFF, (Domain.INTERNAL,))
    return _Told(User.STAFF, (Domain.RELATED, Domain.INTERNAL), Ask.PURPOSE)


def _readings(
    domain: Domain, functions: tuple[Function, ...], decides: Decides, nearest: int | None, cues: Cues
) -> tuple[Reading, ...]:
    """The stages of a domain that what AI does speaks for."""
    acting = next((each for each in (Function.JUDGE, Function.EXECUTE) if each in functions), None)
    if acting and decides is Decides.ALONE:
        return (Reading(domain, FULL, acting),)
    if acting is Function.JUDGE or (acting and decides is Decides.UNCLEAR):
        partial = Reading(domain, PARTIAL, acting)
        return (partial,) if decides is Decides.HUMAN else (partial, Reading(domain, FULL, acting))
    stage_of = cues.stage_of[domain.value]
    told = [(stage_of[function.value], function) for function in functions if function.value in stage_of]
    near = () if nearest is None else (Reading(domain, nearest, None, near=True),)
    if not told:
        return near or (Reading(domain, None, None),)
    stage, function = max(told, key=lambda pair: pair[0])
    read = Reading(domain, stage, function)
    # To answer, show or tell is a word of many plans: it says less than nearness does.
    if nearest in {None, stage}:
        return (read,)
    return (*near, read) if function is Function.INFORM else (read, *near)


def _stakes(plan: Plan, cues: Cues, functions: tuple[Function, ...], domains: tuple[Domain, ...]) -> tuple[Stake, ...]:
    """What harm could come of it. Minutes of a drill inside the office touch nobody's life."""
    stakes = []
    quiet = domains == (Domain.INTERNAL,) and _QUIET.issuperset(function.value for function in functions)
    if cues.hit("stake.life", plan.text) and not quiet:
        stakes.append(Stake.LIFE)
    deciding = _ACTING & set(functions)
    if deciding and cues.hit("stake.rights", plan.text):
        stakes.append(Stake.RIGHTS)
    return tuple(stakes)
