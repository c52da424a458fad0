"""A desk with a memory for the doors' tests: it answers by what a question contains, and keeps what it was told.

「分からない」 abstains, 「危険」 is danger, 「記録できない」 is an outage, 「人」 refers, everything else is answered.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.ports import LogUnavailable
from bot.records import (
    AutomationLevel,
    Citation,
    ConversationId,
    DeskName,
    Document,
    DocumentKind,
    EntryId,
    ExcerptKind,
    ExchangeId,
    Language,
    MaskedText,
    Outcome,
    Passage,
    PassageId,
    Receipt,
    RecordedExchange,
    Reply,
    Risk,
    SnapshotId,
    Stamp,
    Validity,
)
from bot.switch import Off
from tests.fakes_people import FakePeople
from web.doors import DeskDoors, DoorSettings, Kept, Stray, WebState
from web.lifeline import Told

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
KEY = bytes(range(32))
SNAPSHOT = SnapshotId("snapshot-1")
EXAMPLES = (
    "東京都AI戦略はいつ策定されましたか？",
    "職員が生成AIを使うときの決まりは？",
    "都のAI関連予算はいくらですか？",
)

BUDGET = Document(
    id="tokyo-budget-fy2025",
    title="令和7年度の都のAI関連予算と事業数",
    publisher="東京都",
    source="東京都AI戦略会議 第3回資料（案）",
    section="２-③ 東京都のAIに関する取組状況",
    page="12",
    url="https://www.example.jp/ai/strategy.pdf",
    kind=DocumentKind.DOCUMENT,
    validity=Validity.SUPERSEDED,
    as_of="2025",
    version="0" * 64,
    excerpt_kind=ExcerptKind.SUMMARY,
    titles={"en": "Tokyo's AI-related budget and projects, FY2025"},
)
OPINION = Document(
    id="opinion-ema",
    title="都民向けの窓口についての意見",
    publisher="東京都AI戦略会議",
    source="東京都AI戦略会議 第3回資料（案）",
    section=None,
    page=None,
    url=None,
    kind=DocumentKind.OPINION,
    validity=Validity.DRAFT,
    as_of="2025-07-25",
    version="1" * 64,
    excerpt_kind=ExcerptKind.ORIGINAL,
    speaker="江間有沙委員",
)
PASSAGES: Mapping[str, Passage] = {
    document.id: Passage(PassageId(document.id), document, text, tuple(text.splitlines()))
    for document, text in (
        (BUDGET, "令和7年度の東京都のAI関連予算は181億円です。\n令和7年度の東京都のAI関連事業は140件です。"),
        (
            OPINION,
            "江間有沙委員は、都民向けの窓口も必要だという意見です。\nこれは委員個人の意見で、都の決定ではありません。",
        ),
    )
}


def citation(number: int, document: Document) -> Citation:
    return Citation(
        number=number,
        passage=PassageId(document.id),
        document=document.id,
        title=document.title,
        publisher=document.publisher,
        section=document.section,
        page=document.page,
        url=document.url,
        validity=document.validity,
        as_of=document.as_of,
        excerpt=PASSAGES[document.id].sentences[0],
        excerpt_kind=document.excerpt_kind,
        kind=document.kind,
        speaker=document.speaker,
    )


ANSWERED = Reply(
    Outcome.ANSWERED_DOCUMENTS,
    Language.JA,
    "策定済み（2025-07-25）の文書により更新されています。第3回資料（案）では、令和7年度の東京都のAI関連予算は181億円です。[1]\n"
    "江間有沙委員は、都民向けの窓口も必要だという意見です。[2]\n・これは委員個人の意見で、都の決定ではありません。[2]\n"
    "<b>これは印ではありません</b> [9]",
    (citation(1, BUDGET), citation(2, OPINION)),
)
REPLIES: Mapping[str, Reply] = {
    "分からない": Reply(Outcome.ABSTAINED_NOT_STATED, Language.JA, "資料には書かれていません。職員にご相談ください。"),
    "危険": Reply(
        Outcome.ESCALATED_DANGER,
        Language.JA,
        "いますぐ110（警察）か119（消防・救急）に電話してください。\nよりそいホットライン 0120-279-338（24時間）\n"
        "まもろうよ こころ https://www.mhlw.go.jp/mamorouyokokoro/",
    ),
    "記録できない": Reply(
        Outcome.FAILED_LOG, Language.JA, "いま記録ができないため、AIの回答を表示できません。職員にご相談ください。"
    ),
    "人": Reply(Outcome.REFERRED_PERSON_WANTED, Language.JA, "職員にご相談ください。"),
    "議事録": Reply(
        Outcome.ANSWERED_ASSESSMENT,
        Language.JA,
        "【AI利用計画の整理】\n■ 業務領域\n「職員内部業務」と読めます。\n"
        "・令和7年度の東京都のAI関連予算は181億円です。[1]",
        (citation(1, BUDGET),),
    ),
    "budget": Reply(
        Outcome.ANSWERED_DOCUMENTS,
        Language.EN,
        "The documents say (in Japanese):\n令和7年度の東京都のAI関連予算は181億円です。[1]",
        (citation(1, BUDGET),),
    ),
}


@dataclass(frozen=True, slots=True)
class FakeAnswered:
    exchange: ExchangeId | None
    conversation: ConversationId
    reply: Reply
    receipt: Receipt | None
    snapshot: SnapshotId | None = SNAPSHOT
    risk: Risk | None = Risk.LOW
    automation: AutomationLevel | None = AutomationLevel.FULL
    stamps: Sequence[Stamp] = (Stamp("gate", "1", "cd" * 32),)
    masked: Sequence[str] = ()
    case: str | None = None
    due: datetime | None = None
    stages_ms: Mapping[str, float] = field(default_factory=lambda: {"triage": 1.0, "evidence": 20.0})


@dataclass(frozen=True, slots=True)
class FakeContacts:
    configured: Sequence[str] = ()
    desk: DeskName = DeskName.PUBLIC

    def lines(self, language: Language) -> Sequence[str]:
        return self.configured


@dataclass(slots=True)
class FakeDesk:
    """Keeps every exchange and every feedback; ``broken`` makes the log unreadable, ``delay`` makes answers slow."""

    exchanges: list[RecordedExchange] = field(default_factory=list)
    given: list[tuple[str, bool, str | None, str | None]] = field(default_factory=list)
    languages: list[Language | None] = field(default_factory=list)
    broken: bool = False
    fails: bool = False
    delay: float = 0.0
    states: Mapping[str, str] = field(default_factory=lambda: {"log": "ok", "index": "ok"})
    warnings: Mapping[str, str] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    most_feedback: int = 3
    strays: list[Stray] = field(default_factory=list)
    switched: Off | None = None
    people: FakePeople = field(init=False)

    def __post_init__(self) -> None:
        self.people = FakePeople(self)

    def ask(self, question: str, conversation: ConversationId | None, language: Language | None) -> FakeAnswered:
        if self.fails:
            raise RuntimeError(f"never shown: {question}")
        time.sleep(self.delay)
        self.languages.append(language)
        reply = next((reply for word, reply in REPLIES.items() if word in question), ANSWERED)
        held = conversation or ConversationId("conversation-of-the-desk")
        if reply.outcome is Outcome.FAILED_LOG:
            return FakeAnswered(None, held, reply, None)
        number = len(self.exchanges) + 1
        entry = EntryId(f"entry-{number}")
        exchange = ExchangeId(f"exchange-{number}")
        receipt = Receipt(f"K7QM-{number:04}-XW3P-9RTD", "public", entry, "ab" * 32, NOW, 60, "c2ln")
        self.exchanges.append(
            RecordedExchange(
                exchange,
                held,
                NOW,
                MaskedText(question.replace("090-1234-5678", "〔電話番号〕")),
                reply,
                receipt.code,
                entry,
                entry,
            )
        )
        return FakeAnswered(exchange, held, reply, receipt)

    def conversation(self, conversation: ConversationId) -> Sequence[RecordedExchange]:
        if self.broken:
            raise LogUnavailable("io")
        return [exchange for exchange in self.exchanges if exchange.conversation == conversation]

    def feedback(
        self,
        exchange: ExchangeId,
        conversation: ConversationId | None,
        useful: bool,
        reason: str | None,
        comment: str | None,
    ) -> Kept:
        known = any(kept.exchange == exchange and conversation in (None, kept.conversation) for kept in self.exchanges)
        if not known:
            return "unknown"
        if [each[0] for each in self.given].count(exchange) >= self.most_feedback:
            return "enough"
        self.given.append((exchange, useful, reason, comment))
        return "recorded"

    def unhelpful(self, exchange: str) -> None:
        """The latest feedback to an exchange said that it did not help, as the log gives it back."""
        at = next(at for at, each in enumerate(self.exchanges) if each.exchange == exchange)
        self.exchanges[at] = replace(self.exchanges[at], useful=False)

    def unheard(self, told: Told, conversation: ConversationId, language: Language | None) -> FakeAnswered:
        self.told.append(told)
        reply = Reply(Outcome.ESCALATED_DANGER, language or told.language, REPLIES["危険"].text)
        return FakeAnswered(None, conversation, reply, None)

    def off(self) -> Off | None:
        return self.switched

    def stray(self, what: Stray) -> None:
        self.strays.append(what)

    def source(self, passage: PassageId) -> Passage | None:
        return PASSAGES.get(passage)

    def ready(self) -> Mapping[str, str]:
        return self.states


def desk_doors(desk: FakeDesk, name: DeskName, contacts: Sequence[str] = (), key: bytes = KEY) -> DeskDoors:
    """One desk as its application sees it, around a fake desk."""
    return DeskDoors(
        name=name,
        ask=desk.ask,
        conversation=desk.conversation,
        feedback=desk.feedback,
        source=desk.source,
        contacts=FakeContacts(contacts, name),
        examples=EXAMPLES,
        unheard=desk.unheard,
        off=desk.off,
        stray=desk.stray,
        people=desk.people.doors(),
        pool=ThreadPoolExecutor(max_workers=2),
        conversation_key=key,
    )


def web_state(
    desk: FakeDesk, settings: DoorSettings | None = None, *, contacts: Sequence[str] = (), demo: bool = True
) -> WebState:
    """What assembly would hand to ``create_app``, around a fake public desk."""
    public = desk_doors(desk, DeskName.PUBLIC, contacts)
    chosen = settings or DoorSettings(requests_per_minute=10_000)
    return WebState(
        public=public,
        staff=None,
        ready=desk.ready,
        warnings=lambda: desk.warnings,
        told=dict,
        pool=public.pool,
        settings=replace(chosen, mode="demo" if demo else "production"),
    )
