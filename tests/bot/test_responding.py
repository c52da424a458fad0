"""The responder's work: claims, replies, merging, sending on; each change recorded, each refusal without a trace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from bot import persons_case, responding
from bot.answered import Asked
from bot.cases import Case, CaseId, CaseKind, CaseRefused, CaseState, ChangeKind
from bot.deciding import Actor
from bot.exchange import answer
from bot.learning import NoteText, Taught
from bot.notices import entry_of
from bot.ports import LogUnavailable
from bot.proposing import propose
from bot.records import ConversationId, DeskName, Language, Risk, Way
from bot.responding import Answer
from tests.cases_kit import (
    AIKO,
    BUNTA,
    TALK,
    asked,
    assisted,
    claimed,
    corrected_about,
    everything_of,
    kinds,
    refolded,
    taken,
)
from tests.fakes_bot import BUDGET_SENTENCE, FakeShelf, Room, room, unavailable

OTHER = ConversationId("c-2")
SECRET = "090-1234-5678"


@pytest.fixture
def desk() -> Room:
    return room()


def row(held: Room, case: CaseId) -> Case:
    found = held.cases.get(case)
    assert found is not None
    return found


def refusal(held: Room, what: Callable[[], Any]) -> str:
    """The code of a refusal that left nothing behind."""
    before, notices = len(held.log.kept), len(held.outbox.waiting())
    with pytest.raises(CaseRefused) as caught:
        what()
    assert (len(held.log.kept), len(held.outbox.waiting())) == (before, notices)
    return caught.value.code


def last(held: Room) -> tuple[dict[str, Any], dict[str, str]]:
    kept = held.log.kept[-1].entry
    return dict(kept.meta), dict(kept.contents)


def test_the_queue_is_grave_first_then_by_due_date(desk: Room) -> None:
    low = taken(desk).case
    high = taken(desk, "私の申請はどうなりましたか").case
    grave = taken(desk, "もう死にたいです").case
    assert [each.id for each in responding.queue_of(desk.desk)] == [grave.id, high.id, low.id]
    assert high.priority is Risk.HIGH
    assert responding.queue_of(desk.desk, frozenset({CaseState.ANSWERED})) == []


def test_a_case_is_found_by_its_number(desk: Room) -> None:
    got = taken(desk)
    assert responding.find(desk.desk, got.number.lower().replace("-", " ")) == got.case.id
    assert responding.find(desk.desk, "0") is None
    assert responding.find(room(name=DeskName.STAFF).desk, got.number) is None


def test_a_claim_lasts_as_long_as_the_office_says(desk: Room) -> None:
    case = claimed(desk)
    assert case.claim_ends is not None
    assert timedelta(minutes=29) < case.claim_ends - desk.desk.clock.now() < timedelta(minutes=30)
    meta, contents = last(desk)
    assert (meta["by"], meta["role"], contents) == (AIKO.id, "responder", {"name": AIKO.name})
    assert refusal(desk, lambda: claimed(desk, case.id, BUNTA)) == "claimed"
    assert claimed(desk, case.id).claim_ends != case.claim_ends


def test_of_many_who_claim_at_once_one_does(desk: Room) -> None:
    cases = [taken(desk, conversation=ConversationId(f"c-{each}")).case.id for each in range(20)]
    people = [Actor(f"acc-{each}", f"担当{each}", frozenset({"responder"})) for each in range(5)]

    def work(who: Actor) -> list[CaseId]:
        done = []
        for case in cases:
            with suppress(CaseRefused):
                responding.claim(desk.desk, case, who)
                responding.reply(desk.desk, case, who, Answer("お答えします"))
                done.append(case)
        return done

    with ThreadPoolExecutor(5) as pool:
        answered = [case for done in pool.map(work, people) for case in done]
    assert sorted(answered) == sorted(cases)
    assert kinds(desk).count("answered") == 20


def test_giving_back_needs_a_reason_and_the_claim(desk: Room) -> None:
    case = claimed(desk)
    assert refusal(desk, lambda: responding.release(desk.desk, case.id, AIKO, " ")) == "no_text"
    assert refusal(desk, lambda: responding.release(desk.desk, case.id, BUNTA, "昼休み")) == "claimed"
    assert responding.release(desk.desk, case.id, AIKO, "担当が違う").state is CaseState.OPEN
    assert last(desk)[1] == {"reason": "担当が違う", "name": AIKO.name}


def test_a_reply_answers_and_tells_how_it_was_made(desk: Room) -> None:
    case = claimed(desk)
    done = responding.reply(desk.desk, case.id, AIKO, Answer("  お答えします\r\n以上  ", base="定型文"))
    assert (done.state, done.holder) == (CaseState.ANSWERED, None)
    meta, contents = last(desk)
    assert (meta["made"], meta["decision"]) == ("own", None)
    assert contents == {"reply": "お答えします\n以上", "base": "定型文", "name": AIKO.name}
    assert refolded(desk, case.id) == done


@pytest.mark.parametrize(("change", "made"), [("", "approved"), ("（令和7年度当初）", "edited")])
def test_a_draft_is_approved_or_edited(change: str, made: str) -> None:
    held = assisted()
    asked(held)
    (case,) = held.cases.of_conversation(TALK)
    claimed(held, case.id)
    file = responding.open_file(held.desk, case.id, AIKO)
    assert file.draft is not None
    responding.reply(held.desk, case.id, AIKO, Answer(file.draft.text + change, base=file.draft.text))
    meta, contents = last(held)
    assert meta["made"] == made
    assert BUDGET_SENTENCE in contents["base"]


def test_a_draft_sent_as_it_was_is_approved_whatever_the_form_says() -> None:
    held = assisted()
    asked(held)
    (case,) = held.cases.of_conversation(TALK)
    claimed(held, case.id)
    file = responding.open_file(held.desk, case.id, AIKO)
    assert file.draft is not None
    responding.reply(held.desk, case.id, AIKO, Answer(file.draft.text.replace("\n", "\r\n") + "\n"))
    assert last(held)[0]["made"] == "approved"


def test_a_returned_draft_is_not_used() -> None:
    held = assisted()
    asked(held)
    (case,) = held.cases.of_conversation(TALK)
    claimed(held, case.id)
    draft = responding.open_file(held.desk, case.id, AIKO).draft
    assert draft is not None
    assert refusal(held, lambda: responding.return_draft(held.desk, case.id, AIKO, "")) == "no_text"
    responding.return_draft(held.desk, case.id, AIKO, "金額が古い")
    assert responding.open_file(held.desk, case.id, AIKO).draft_returned == "金額が古い"
    for text, base in ((draft.text, draft.text), (draft.text, ""), ("書き直し", draft.text)):
        given = Answer(text, base=base)
        assert refusal(held, lambda given=given: responding.reply(held.desk, case.id, AIKO, given)) == "no_draft"
    assert refusal(held, lambda: responding.return_draft(held.desk, case.id, AIKO, "もう一度")) == "no_draft"
    assert responding.reply(held.desk, case.id, AIKO, Answer("自分で書きました")).state is CaseState.ANSWERED


def test_there_is_no_draft_to_return_where_the_service_made_none(desk: Room) -> None:
    case = claimed(desk)
    assert refusal(desk, lambda: responding.return_draft(desk.desk, case.id, AIKO, "なし")) == "no_draft"


ANSWERING: dict[str, Callable[[Room, CaseId, str, bool], Any]] = {
    "reply": lambda held, case, text, sure: responding.reply(
        held.desk, case, AIKO, Answer(text, confirmed_personal=sure)
    ),
    "beside": lambda held, case, text, sure: responding.reply(
        held.desk, case, AIKO, Answer("ok", text, confirmed_personal=sure)
    ),
    "ask_back": lambda held, case, text, sure: responding.ask_back(
        held.desk, case, AIKO, text, confirmed_personal=sure
    ),
    "forward": lambda held, case, text, sure: responding.forward(
        held.desk, case, AIKO, "水道局", text, with_content=False, confirmed_personal=sure
    ),
    "refer": lambda held, case, text, sure: responding.refer(held.desk, case, AIKO, text, confirmed_personal=sure),
}


@pytest.mark.parametrize("act", ANSWERING)
def test_what_looks_like_personal_data_is_sent_once_it_is_confirmed(desk: Room, act: str) -> None:
    case = claimed(desk)
    text = f"担当の電話は{SECRET}です"
    assert refusal(desk, lambda: ANSWERING[act](desk, case.id, text, False)) == "personal"
    ANSWERING[act](desk, case.id, text, True)
    assert SECRET in everything_of(desk)


@pytest.mark.parametrize("act", ANSWERING)
def test_what_nobody_can_read_is_refused(desk: Room, act: str) -> None:
    case = claimed(desk)
    assert refusal(desk, lambda: ANSWERING[act](desk, case.id, "あ" * 6_001, False)) == "long_text"
    if act not in {"beside", "forward", "refer"}:
        assert refusal(desk, lambda: ANSWERING[act](desk, case.id, "\u200b \n", False)) == "no_text"


def test_labels_of_the_conversation_are_no_personal_data(desk: Room) -> None:
    got = taken(desk, f"電話は{SECRET}です")
    claimed(desk, got.case.id)
    responding.reply(desk.desk, got.case.id, AIKO, Answer("〈電話番号1〉へはおかけできません"))
    assert last(desk)[1]["reply"] == "〈電話番号1〉へはおかけできません"


@pytest.mark.parametrize("act", ["note", "release", "return_draft"])
def test_what_responders_write_for_themselves_is_masked(act: str) -> None:
    held = assisted()
    asked(held)
    (case,) = held.cases.of_conversation(TALK)
    claimed(held, case.id)
    getattr(responding, act)(held.desk, case.id, AIKO, f"{SECRET}に電話した")
    assert SECRET not in everything_of(held)


def test_a_note_is_private_and_needs_no_claim(desk: Room) -> None:
    got = taken(desk)
    responding.note(desk.desk, got.case.id, BUNTA, "前にも同じ相談あり")
    own = persons_case.by_number(desk.desk, got.number)
    assert own is not None
    assert "前にも" not in str(own)
    file = responding.open_file(desk.desk, got.case.id, AIKO)
    assert [each.contents["note"] for each in file.entries if each.kind is ChangeKind.NOTED] == ["前にも同じ相談あり"]


WITH_CLAIM: dict[str, Callable[[Room, CaseId], Any]] = {
    "reply": lambda held, case: responding.reply(held.desk, case, AIKO, Answer("お答えします")),
    "ask_back": lambda held, case: responding.ask_back(held.desk, case, AIKO, "どれですか"),
    "forward": lambda held, case: responding.forward(held.desk, case, AIKO, "水道局", "", with_content=False),
    "refer": lambda held, case: responding.refer(held.desk, case, AIKO, ""),
    "merge": lambda held, case: responding.merge(held.desk, case, AIKO, taken(held, conversation=OTHER).case.id),
}


@pytest.mark.parametrize("act", WITH_CLAIM)
def test_without_the_claim_nothing_is_sent(desk: Room, act: str) -> None:
    case = taken(desk).case.id
    merged = taken(desk, conversation=OTHER).case.id
    work = WITH_CLAIM[act] if act != "merge" else lambda held, own: responding.merge(held.desk, own, AIKO, merged)
    assert refusal(desk, lambda: work(desk, case)) == "wrong_state"
    claimed(desk, case, BUNTA)
    assert refusal(desk, lambda: work(desk, case)) == "claimed"
    clock: Any = desk.desk.clock
    clock.time += timedelta(hours=1)
    assert refusal(desk, lambda: work(desk, case)) == "not_claimed"
    claimed(desk, case)
    work(desk, case)


@pytest.mark.parametrize("act", [*WITH_CLAIM, "claim", "note", "close", "open", "contact"])
def test_an_unknown_case_is_refused(desk: Room, act: str) -> None:
    others: dict[str, Callable[[Room, CaseId], Any]] = {
        "claim": lambda held, case: responding.claim(held.desk, case, AIKO),
        "note": lambda held, case: responding.note(held.desk, case, AIKO, "あ"),
        "close": lambda held, case: responding.close(held.desk, case, AIKO),
        "open": lambda held, case: responding.open_file(held.desk, case, AIKO),
        "contact": lambda held, case: responding.read_contact(held.desk, case, AIKO),
        "merge": lambda held, case: responding.merge(held.desk, case, AIKO, case),
    }
    work = others.get(act) or WITH_CLAIM[act]
    assert refusal(desk, lambda: work(desk, CaseId("cs_none"))) == "unknown"
    elsewhere = taken(room(name=DeskName.STAFF)).case.id
    assert refusal(desk, lambda: work(desk, elsewhere)) == "unknown"


def test_merged_cases_are_answered_together(desk: Room) -> None:
    first, second = taken(desk), taken(desk, conversation=OTHER)
    claimed(desk, first.case.id)
    merged = responding.merge(desk.desk, first.case.id, AIKO, second.case.id)
    assert (merged.state, merged.merged_into, merged.holder) == (CaseState.MERGED, second.case.id, None)
    claimed(desk, second.case.id, BUNTA)
    responding.reply(desk.desk, second.case.id, BUNTA, Answer("まとめてお答えします"))
    for got in (first, second):
        own = persons_case.by_number(desk.desk, got.number)
        assert own is not None
        assert own.case.state is CaseState.ANSWERED
        assert [each.text for each in own.messages] == ["まとめてお答えします"]
        assert refolded(desk, got.case.id) == own.case
    assert {each.entry.subject for each in desk.log.kept if each.entry.kind == "case.answered"} == {TALK, OTHER}


def test_what_cannot_be_merged(desk: Room) -> None:
    own, done, into = taken(desk).case.id, taken(desk).case.id, taken(desk, conversation=OTHER).case.id
    _, correction = corrected_about(desk)
    claimed(desk, done)
    responding.reply(desk.desk, done, AIKO, Answer("お答えします"))
    claimed(desk, own)
    for wrong in (own, done, correction.case.id):
        assert refusal(desk, lambda wrong=wrong: responding.merge(desk.desk, own, AIKO, wrong)) == "not_own"
    responding.merge(desk.desk, own, AIKO, into)
    claimed(desk, into)
    assert refusal(desk, lambda: responding.merge(desk.desk, into, AIKO, own)) == "not_own"
    assert refusal(desk, lambda: responding.merge(desk.desk, into, AIKO, taken_before(desk))) == "not_own"


def taken_before(held: Room) -> CaseId:
    """A live case beside those of a test; opened before what is refused."""
    return next(each.id for each in held.cases.of_conversation(TALK) if each.live)


@pytest.mark.parametrize("end", ["forward", "refer"])
def test_what_was_merged_into_a_case_sent_on_waits_again(desk: Room, end: str) -> None:
    own, into = taken(desk).case.id, taken(desk, conversation=OTHER).case.id
    claimed(desk, own)
    responding.merge(desk.desk, own, AIKO, into)
    claimed(desk, into)
    WITH_CLAIM[end](desk, into)
    assert row(desk, own).state is CaseState.OPEN
    assert refolded(desk, own) == row(desk, own)


def test_content_goes_to_a_bureau_only_where_the_person_allowed_it(desk: Room) -> None:
    silent, open_ = taken(desk).case.id, taken(desk, may_forward=True).case.id
    for case in (silent, open_):
        claimed(desk, case)
    refused = refusal(
        desk, lambda: responding.forward(desk.desk, silent, AIKO, "福祉局", "お伝えします", with_content=True)
    )
    assert refused == "no_consent"
    responding.forward(desk.desk, silent, AIKO, "福祉局", "担当をご案内します", with_content=False)
    assert last(desk)[0]["with_content"] is False
    done = responding.forward(desk.desk, open_, AIKO, " 福祉局\n", "お伝えします", with_content=True)
    meta, contents = last(desk)
    assert (meta["to"], meta["with_content"], done.state) == ("bureau", True, CaseState.FORWARDED)
    assert contents == {"bureau": "福祉局", "reply": "お伝えします", "name": AIKO.name}


def test_a_forwarding_names_a_bureau(desk: Room) -> None:
    case = claimed(desk).id
    assert refusal(desk, lambda: responding.forward(desk.desk, case, AIKO, " ", "", with_content=False)) == "no_text"


@pytest.mark.parametrize(("name", "where"), [(DeskName.PUBLIC, "職員向け相談窓口"), (DeskName.STAFF, "都民向けの窓口")])
def test_nothing_of_a_case_travels_to_the_other_desk(name: DeskName, where: str) -> None:
    held = room(name=name)
    got = taken(held, "会って話したいです", may_forward=True)
    claimed(held, got.case.id)
    responding.refer(held.desk, got.case.id, AIKO, "そちらが担当です")
    meta, contents = last(held)
    assert (meta["to"], meta["with_content"]) == ("desk", False)
    own = persons_case.by_number(held.desk, got.number)
    assert own is not None
    (message,) = own.messages
    assert message.text is not None
    assert where in message.text
    assert message.text.endswith("そちらが担当です")
    assert "会って" not in str(contents)


def test_a_case_is_closed_after_its_answer(desk: Room) -> None:
    case = claimed(desk).id
    assert refusal(desk, lambda: responding.close(desk.desk, case, AIKO)) == "wrong_state"
    responding.reply(desk.desk, case, AIKO, Answer("お答えします"))
    assert responding.close(desk.desk, case, AIKO).state is CaseState.CLOSED


def test_a_correction_request_is_decided_not_answered(desk: Room) -> None:
    _, got = corrected_about(desk)
    claimed(desk, got.case.id)
    refused = refusal(desk, lambda: responding.reply(desk.desk, got.case.id, AIKO, Answer("お答えします")))
    assert refused == "wrong_state"


def test_a_file_holds_all_of_the_conversation_with_how_it_came_about(desk: Room) -> None:
    first = asked(desk)
    got = taken(desk, "この金額の内訳を知りたいです", exchange=first.exchange)
    file = responding.open_file(desk.desk, got.case.id, AIKO)
    assert (file.number, file.question, file.draft) == (got.number, "この金額の内訳を知りたいです", None)
    assert [each.recorded.exchange for each in file.conversation] == [first.exchange]
    assert file.about is not None
    assert file.about.recorded.reply == first.reply
    (evidence,) = [each for each in file.about.evidence if each.used]
    assert (evidence.passage, evidence.title) == ("budget", "令和7年度の都のAI関連予算")
    assert evidence.text is not None
    assert BUDGET_SENTENCE in evidence.text
    assert BUDGET_SENTENCE in [each.text for each in file.about.sentences]
    assert all(each.supported for each in file.about.sentences)
    assert file.about.meta["outcome"] == "answered.documents"
    assert (file.holder, file.mine) == (None, False)
    claimed(desk, got.case.id)
    file = responding.open_file(desk.desk, got.case.id, BUNTA)
    assert (file.holder, file.mine) == (AIKO.name, False)
    assert responding.open_file(desk.desk, got.case.id, AIKO).mine


def test_a_file_is_read_where_the_index_is_away() -> None:
    held = assisted()
    asked(held)
    (case,) = held.cases.of_conversation(TALK)
    held.shelf.fails = unavailable("io").fails
    held.shelf.gives = ()
    file = responding.open_file(held.desk, case.id, AIKO)
    assert file.draft is not None
    assert file.about is not None
    assert [each.text for each in file.about.evidence] == [None]


def test_reading_is_recorded_once_in_a_quarter_of_an_hour_for_each_reader(desk: Room) -> None:
    case = taken(desk).case.id
    clock: Any = desk.desk.clock
    for who in (AIKO, AIKO, BUNTA, AIKO):
        responding.open_file(desk.desk, case, who)
    assert kinds(desk) == ["opened", "read", "read"]
    clock.time += timedelta(minutes=15)
    responding.open_file(desk.desk, case, AIKO)
    assert kinds(desk).count("read") == 3
    assert last(desk)[1] == {"name": AIKO.name}


def test_no_file_is_shown_whose_reading_cannot_be_recorded(desk: Room) -> None:
    case = taken(desk).case.id
    desk.log.refuse("full", "case.read")
    with pytest.raises(LogUnavailable):
        responding.open_file(desk.desk, case, AIKO)


def test_how_a_person_is_reached_is_told_after_the_reading_is_recorded(desk: Room) -> None:
    case = taken(desk, contact="080-9999-8888", contact_consent=True).case.id
    told = responding.read_contact(desk.desk, case, AIKO)
    assert told is not None
    assert told[0] == "080-9999-8888"
    assert kinds(desk)[-1] == "contact_read"
    responding.read_contact(desk.desk, case, AIKO)
    assert kinds(desk).count("contact_read") == 2
    assert "080" not in str(responding.open_file(desk.desk, case, AIKO))
    desk.log.refuse("full", "case.contact_read")
    with pytest.raises(LogUnavailable):
        responding.read_contact(desk.desk, case, AIKO)


def test_no_contact_is_none(desk: Room) -> None:
    assert responding.read_contact(desk.desk, taken(desk).case.id, AIKO) is None


def test_ids_and_roles_are_metadata_and_names_are_not(desk: Room) -> None:
    case = claimed(desk).id
    responding.note(desk.desk, case, AIKO, "あ")
    responding.reply(desk.desk, case, AIKO, Answer("お答えします"))
    metas = [dict(each.entry.meta) for each in desk.log.kept]
    assert AIKO.name not in str(metas)
    assert {each["by"] for each in metas if "by" in each} == {AIKO.id}
    first = desk.log.kept[0].appended.entry
    assert {each.entry.links for each in desk.log.kept[1:]} == {(first,)}


@pytest.mark.parametrize("cause", ["full", "locked", "io"])
@pytest.mark.parametrize("where", ["begin", "case.answered", "cases", "commit"])
def test_a_reply_that_cannot_be_recorded_is_not_sent(desk: Room, where: str, cause: str) -> None:
    got = taken(desk)
    claimed(desk, got.case.id)
    desk.log.refuse(cause, where)
    with pytest.raises(LogUnavailable):
        responding.reply(desk.desk, got.case.id, AIKO, Answer("お答えします"))
    desk.log.refuse(None)
    own = persons_case.by_number(desk.desk, got.number)
    assert own is not None
    assert (own.case.state, own.messages) == (CaseState.CLAIMED, [])


def test_a_reply_in_another_language_has_the_japanese_beside_it() -> None:
    held = room(FakeShelf())
    given = answer(held.desk, Asked("What is the price of rice this year?", TALK))
    got = taken(held, "", exchange=given.exchange, language=Language.EN)
    claimed(held, got.case.id)
    responding.reply(held.desk, got.case.id, AIKO, Answer("We do not know.", text_ja="分かりません。"))
    own = persons_case.by_number(held.desk, got.number)
    assert own is not None
    assert (own.messages[0].text, own.messages[0].text_ja) == ("We do not know.", "分かりません。")


NOTE = NoteText(
    title="窓口の受付時間",
    text="窓口は平日の9時から17時まで開いています。",
    questions=(Taught("窓口は何時から開いていますか"),),
    source="窓口の案内",
    as_of="2026-11",
    review_by="2027-03-31",
)


def test_an_answered_case_is_proposed_as_a_note(desk: Room) -> None:
    case = claimed(desk).id
    assert refusal(desk, lambda: propose(desk.desk, case, AIKO, NOTE, occasion="form-1")) == "wrong_state"
    responding.reply(desk.desk, case, AIKO, Answer("お答えします"))
    for _ in range(2):
        propose(desk.desk, case, AIKO, NOTE, occasion="form-1", reason=f"{SECRET}から同じ質問が多い")
    (notice,) = [each.notice for each in desk.outbox.waiting() if each.notice.way is Way.SYSTEM]
    entry = entry_of(notice)
    assert (entry.kind, entry.subject, entry.meta["case"], entry.meta["by"]) == (
        "note.proposed",
        "knowledge-public",
        case,
        AIKO.id,
    )
    assert SECRET not in notice.body


def test_a_note_with_personal_data_is_confirmed_first(desk: Room) -> None:
    case = claimed(desk).id
    responding.reply(desk.desk, case, AIKO, Answer("お答えします"))
    private = NoteText(f"電話は{SECRET}です", "文です。", NOTE.questions, "案内", "2026", "2027-03-31")
    assert refusal(desk, lambda: propose(desk.desk, case, AIKO, private, occasion="form-1")) == "personal"
    propose(desk.desk, case, AIKO, private, occasion="form-1", confirmed_personal=True)


def test_a_complaint_is_answered_like_a_question(desk: Room) -> None:
    got = taken(desk, "不安です", kind=CaseKind.COMPLAINT, service="AI審査")
    claimed(desk, got.case.id)
    assert responding.reply(desk.desk, got.case.id, AIKO, Answer("お答えします")).state is CaseState.ANSWERED
