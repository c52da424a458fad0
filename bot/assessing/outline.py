"""The assessment as an outline: the service's own lines, and where the documents are to be quoted.

Pure. Own lines come from the wording (prompts/reply) and hold no word of the plan, so nothing that a plan says can
become part of them. No line says that a plan may go ahead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.assessing.colours import Colours
from bot.assessing.cues import load_cues
from bot.assessing.names import ASK, DECIDES, DOMAIN, POINT, STAKE, USER, WHAT, WHY
from bot.assessing.points import Noted, Point, Why
from bot.assessing.values import FULL, PARTIAL, Assessment, Decides, Domain, Function, Reading, Stake
from bot.ports import Wording
from bot.records import Language


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences of one note: those that hold ``part``, or all. The assessment falls without those of its ``heart``."""

    note: str
    part: str = ""
    heart: bool = False


Item = str | Quote


@dataclass(frozen=True, slots=True)
class Assessed:
    """What goes into the outline: what was read, the points, the notes of similar cases, the operator's colours."""

    assessment: Assessment
    points: Sequence[Noted]
    cases: Sequence[Quote]
    colours: Colours | None
    offer: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The wording in one language."""

    wording: Wording
    language: Language

    def say(self, name: str, values: Mapping[str, str] | None = None) -> str:
        return self.wording.text(name, self.language, values)

    def listed(self, names: Sequence[str]) -> str:
        return ("、" if self.language in {Language.JA, Language.JA_EASY} else ", ").join(map(self.say, names))


def outline(given: Assessed, wording: Wording, language: Language) -> tuple[Item, ...]:
    """The whole assessment, section by section."""
    tongue, read = _Tongue(wording, language), given.assessment
    life = Stake.LIFE in read.stakes  # life first, here too
    return (
        *(tongue.say("assess_title"), tongue.say("assess_frame"), _what_was_read(tongue, read)),
        *_asks(tongue, read),
        *(_risk(tongue, read) if life else ()),
        *_domains(tongue, read),
        *_stages(tongue, read),
        *(() if life else _risk(tongue, read)),
        *_confirmation(tongue, read),
        *_points(tongue, given),
        *_person(tongue, read),
        *_rules(tongue),
        *_cases(tongue, given.cases),
        *_colours(tongue, given),
        *_next(tongue, given.offer),
        tongue.say("assess_end"),
    )


def _what_was_read(tongue: _Tongue, read: Assessment) -> str:
    functions = tongue.listed([WHAT[each] for each in read.functions]) or tongue.say("assess_what_none")
    values = {"user": tongue.say(USER[read.user]), "functions": functions, "decides": tongue.say(DECIDES[read.decides])}
    return tongue.say("assess_read", values)


def _asks(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    if not read.asks:
        return ()
    return (tongue.say("assess_asks_head"), *(f"・{tongue.say(ASK[each])}" for each in read.asks))


def _risk(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    head = tongue.say("assess_risk_head")
    if not read.high:
        return head, tongue.say("assess_not_high")
    stakes = tongue.listed([STAKE[each] for each in read.stakes])
    life: tuple[Item, ...] = (Quote("opinion-ema-evacuation", "高リスク"),) if Stake.LIFE in read.stakes else ()
    return (
        *(head, tongue.say("assess_high", {"stakes": stakes})),
        *(Quote("draft-point-safety", "確認・判断"), Quote("draft-point-safety", "使用しない")),
        tongue.say("assess_high_view"),
        *(*life, Quote("opinion-ema-evacuation", "リスクベース"), Quote("opinion-ema-evacuation", "委員個人の意見")),
    )


def _confirmation(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    if not (read.confirms or read.claimed):
        return ()
    lines = [tongue.say("assess_confirm_head"), tongue.say("assess_confirm")]
    for claimed in read.claimed:
        name = "assess_claimed_same" if claimed in read.stages else "assess_claimed_other"
        stages = "・".join(map(str, read.stages))
        if stages:
            lines.append(tongue.say(name, {"claimed": str(claimed), "read": stages}))
    if read.colour_asked:
        lines.append(tongue.say("assess_colour_premise"))
    return tuple(lines)


def _domains(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    several = (tongue.say("assess_several"),) if len(read.readings) > 1 else ()
    lines: list[Item] = [tongue.say("assess_domain_head"), *several]
    for domain in read.domains:
        name, why, note, part = DOMAIN[domain]
        lines.append(tongue.say("assess_domain", {"domain": tongue.say(name), "why": tongue.say(why)}))
        lines.append(Quote(note, part, heart=True))
    return tuple(lines)


def _stages(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    lines: list[Item] = [tongue.say("assess_stage_head")]
    for reading in read.readings:
        domain = tongue.say(DOMAIN[reading.domain][0])
        if reading.stage is None:
            lines.append(tongue.say("assess_stage_none", {"domain": domain}))
            continue
        names = load_cues().names[reading.domain.value]
        values = {
            "domain": domain,
            "stage": str(reading.stage),
            "name": names["ja"][reading.stage - 1],
            "local": names.get(tongue.language.value, names["ja"])[reading.stage - 1],
            "why": _why(tongue, reading, read.decides),
        }
        lines.append(tongue.say("assess_stage", values))
        lines.append(Quote(load_cues().notes[reading.domain.value][reading.stage - 1], heart=True))
        if reading.domain is Domain.INTERNAL and reading.stage == PARTIAL and reading.function is Function.JUDGE:
            lines.append(tongue.say("assess_internal_judge"))
    return tuple(lines)


def _why(tongue: _Tongue, reading: Reading, decides: Decides) -> str:
    if reading.near:
        return tongue.say("assess_why_near")
    if reading.function not in {Function.JUDGE, Function.EXECUTE, None}:
        return tongue.say("assess_why_function", {"function": tongue.say(WHAT[reading.function])})
    if decides is Decides.UNCLEAR:
        return tongue.say("assess_why_if_alone" if reading.stage == FULL else "assess_why_if_human")
    return tongue.say("assess_why_alone" if decides is Decides.ALONE else "assess_why_human")


def _points(tongue: _Tongue, given: Assessed) -> tuple[Item, ...]:
    lines: list[Item] = [tongue.say("assess_points_head"), Quote("draft-unreadable-points-per-stage", "読み取れません")]
    lines += [tongue.say("assess_points_lead"), Quote("points-to-note-final", "常に留意")]
    for noted in given.points:
        name, note = POINT[noted.point]
        lines.append(tongue.say("assess_point", {"point": tongue.say(name), "why": tongue.say(WHY[noted.why])}))
        # What a high risk has already said of 安全性 is not said again.
        said = noted.point is Point.SAFETY and given.assessment.high
        lines.append(Quote(note, "定期的に" if said else "求めています"))
        if noted.why is Why.WORKS:
            lines.append(Quote(note, "知的財産"))
    rest = [POINT[point][0] for point in Point if point not in {noted.point for noted in given.points}]
    if rest:
        lines.append(tongue.say("assess_point_rest", {"points": tongue.listed(rest)}))
    return tuple(lines)


def _person(tongue: _Tongue, read: Assessment) -> tuple[Item, ...]:
    lines: list[Item] = [tongue.say("assess_person_head")]
    if read.decides is Decides.ALONE:
        lines.append(tongue.say("assess_person_alone"))
    lines.append(Quote("draft-principle-3-human", "最終的な判断や責任は人間が担うのが原則"))
    if {PARTIAL, FULL} & set(read.stages):
        lines.append(Quote("draft-stages-human-needed", "業務領域とも段階4"))
    if FULL in read.stages:
        lines.append(Quote("draft-stages-human-needed", "人間の手を介さない"))
    return tuple(lines)


def _rules(tongue: _Tongue) -> tuple[Item, ...]:
    return (
        tongue.say("assess_rules_head"),
        *(Quote("textgen-guideline-four-rules"), Quote("textgen-guideline-v2")),
        tongue.say("assess_rules_unknown"),
    )


def _cases(tongue: _Tongue, cases: Sequence[Quote]) -> tuple[Item, ...]:
    none: tuple[Item, ...] = () if cases else (tongue.say("assess_cases_none"),)
    return (tongue.say("assess_cases_head"), *cases, *none)


def _colours(tongue: _Tongue, given: Assessed) -> tuple[Item, ...]:
    lines: list[Item] = [tongue.say("assess_colour_head"), Quote("draft-unreadable-colours", "段階5を含めて")]
    lines += [Quote("draft-unreadable-colours", "意味だけ"), Quote("draft-colours", "という意味です")]
    colours = given.colours
    for reading in given.assessment.readings if colours else ():
        colour = colours.of.get((reading.domain, reading.stage or 0)) if colours else None
        if colours and colour:
            values = {
                "domain": tongue.say(DOMAIN[reading.domain][0]),
                "stage": str(reading.stage),
                "colour": colour,
                "operator": colours.operator,
                "decided": colours.decided.isoformat(),
                "version": colours.version,
            }
            lines.append(tongue.say("assess_colour_own", values))
    return tuple(lines)


def _next(tongue: _Tongue, offer: Sequence[str]) -> tuple[Item, ...]:
    lines: list[Item] = [tongue.say("assess_next_head"), tongue.say("assess_next_desk")]
    lines += [Quote("draft-gov-consultation", "相談を受ける"), Quote("draft-role-bureau-lead", "担います")]
    lines += [Quote("draft-roles", "後押し"), Quote("draft-gov-oversight", "部門が"), *offer]
    return (*lines, Quote("ai-introduction-guideline-status"))
