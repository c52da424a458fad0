"""The nouns of the house: frozen values that travel from room to room.

Nothing here decides, reads or writes. Every room may import this module; it imports nothing of ours.
The words are those of docs/glossary.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

ExchangeId = NewType("ExchangeId", str)
ConversationId = NewType("ConversationId", str)
EntryId = NewType("EntryId", str)
SnapshotId = NewType("SnapshotId", str)
PassageId = NewType("PassageId", str)

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]


class DeskName(StrEnum):
    """One audience with its own knowledge, rules, log and data directory."""

    PUBLIC = "public"
    STAFF = "staff"


class Language(StrEnum):
    """The language a reply's frame is written in (BCP 47; ``ja@easy`` is the catalogue's name for やさしい日本語)."""

    JA = "ja"
    JA_EASY = "ja-easy"
    EN = "en"
    ZH = "zh"
    KO = "ko"


class Slot(StrEnum):
    """The kind of value a question asks for and a fact gives."""

    WHEN = "when"  # a date, year, fiscal year, deadline or start
    DURATION = "duration"  # a length of time, hours saved, opening hours
    MONEY = "money"  # a budget, price, fee or cost
    COUNT = "count"  # how many things (cases, projects, schools, places, kinds)
    PEOPLE = "people"  # how many people
    SHARE = "share"  # a percentage, ratio, rate or accuracy
    SIZE = "size"  # a length, area, diameter or other measure
    WHO = "who"  # a person
    BODY = "body"  # an organisation: ministry, bureau, municipality, company
    PLACE = "place"  # a location
    NAME = "name"  # what something is called
    CONTACT = "contact"  # phone, mail, address, web address
    TARGET = "target"  # for whom
    WHY = "why"  # a reason or purpose
    HOW = "how"  # a method, mechanism, condition or procedure
    WHAT = "what"  # a definition, content or meaning
    EFFECT = "effect"  # a result, achieved or expected
    LIST = "list"  # the members of an enumeration
    STATUS = "status"  # decided or not, trial or in service, which stage
    RANK = "rank"  # the most, the second, an order


class DocumentKind(StrEnum):
    DOCUMENT = "document"
    OPINION = "opinion"
    SERVICE = "service"


class Validity(StrEnum):
    DRAFT = "draft"
    FINAL = "final"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class ExcerptKind(StrEnum):
    """Whether a citation shows the document's own words or our summary of them."""

    ORIGINAL = "original"
    SUMMARY = "summary"


class Outcome(StrEnum):
    """Every ending of an exchange; ``family.reason``, a closed list."""

    ANSWERED_DOCUMENTS = "answered.documents"
    ANSWERED_SERVICE = "answered.service"
    ANSWERED_ASSESSMENT = "answered.assessment"
    ABSTAINED_NO_EVIDENCE = "abstained.no_evidence"
    ABSTAINED_NOT_STATED = "abstained.not_stated"
    ABSTAINED_UNREADABLE = "abstained.unreadable"
    ABSTAINED_UNSUPPORTED = "abstained.unsupported"
    ABSTAINED_NEEDS_CONTEXT = "abstained.needs_context"
    REFERRED_PERSON_WANTED = "referred.person_wanted"
    REFERRED_COMPLAINT = "referred.complaint"
    REFERRED_OWN_CASE = "referred.own_case"
    REFERRED_OTHER_DESK = "referred.other_desk"
    REFERRED_BY_REGISTER = "referred.by_register"
    REFERRED_AI_OFF = "referred.ai_off"
    REFERRED_ASSISTED = "referred.assisted"
    ESCALATED_DANGER = "escalated.danger"
    REFUSED_OUT_OF_SCOPE = "refused.out_of_scope"
    REFUSED_MANIPULATION = "refused.manipulation"
    REFUSED_OPINION = "refused.opinion"
    FAILED_LOG = "failed.log"
    FAILED_INDEX = "failed.index"
    FAILED_TIMEOUT = "failed.timeout"
    FAILED_INTERNAL = "failed.internal"

    @property
    def family(self) -> str:
        """The part before the dot: what ``outcome`` says in the contracts."""
        return self.value.partition(".")[0]

    @property
    def reason(self) -> str:
        """The part after the dot: what ``reason`` says in the contracts."""
        return self.value.partition(".")[2]


class Risk(StrEnum):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    GRAVE = "grave"


class AutomationLevel(StrEnum):
    """回答のしかた: who answers (江間委員's three ways; screens never call our answers 完全自動化)."""

    FULL = "full"
    ASSISTED = "assisted"
    NONE = "none"


class Topic(StrEnum):
    """What an inquiry is about, as far as the automation register distinguishes."""

    DOCUMENTS = "documents"
    SERVICE = "service"
    OWN_CASE = "own_case"
    COMPLAINT = "complaint"
    PERSON = "person"
    DANGER = "danger"
    MANIPULATION = "manipulation"
    OPINION = "opinion"
    OTHER_DESK = "other_desk"
    OUT_OF_SCOPE = "out_of_scope"
    CONSULTATION = "consultation"


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Text whose personal data has become labels. Made by ``bot.masking`` alone (a house test sees to it).

    ``kinds`` names what was masked, one word per label, in order of appearance.
    """

    value: str
    kinds: tuple[str, ...] = ()

    def then(self, other: MaskedText) -> MaskedText:
        """Both texts, one after the other: what is made of masked text alone is masked."""
        return MaskedText(f"{self.value} {other.value}", self.kinds + other.kinds)

    def with_words(self, words: Iterable[str]) -> MaskedText:
        """This text with words of the service's own glossary behind it."""
        return MaskedText(f"{self.value} {' '.join(words)}".rstrip(), self.kinds)

    def with_last(self, part: str, other: str) -> MaskedText:
        """This text with the last mention of a part turned into another."""
        before, found, after = self.value.rpartition(part)
        return MaskedText(f"{before}{other}{after}", self.kinds) if found else self

    def edited(self, edits: Sequence[tuple[int, int, str]]) -> MaskedText:
        """This text with stretches (start, end; in order, apart) written with words of the documents."""
        pieces, position = [], 0
        for start, end, other in edits:
            pieces += [self.value[position:start], other]
            position = end
        return MaskedText("".join(pieces) + self.value[position:], self.kinds)

    def without(self, parts: Iterable[str]) -> MaskedText:
        """This text with the given parts left out."""
        value = self.value
        for part in parts:
            value = value.replace(part, "")
        return MaskedText(value, self.kinds)


@dataclass(frozen=True, slots=True)
class Sendable:
    """Masked text that carries no mark of confidential information: all that may be sent to a model.

    Made by ``bot.confidential.sendable`` alone (a test sees to it).
    """

    value: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Name, version and SHA-256 digest (hex) of anything that shaped an answer."""

    name: str
    version: str
    digest: str


class Speaker(StrEnum):
    PERSON = "user"
    SERVICE = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier contribution to the conversation, masked, oldest first in every sequence of turns."""

    speaker: Speaker
    text: MaskedText


@dataclass(frozen=True, slots=True)
class Fact:
    """One value that a passage states, with the stand-alone sentence of the passage that states it.

    ``asks`` are the words by which people ask for it; ``questions`` whole questions it answers.
    ``value`` is the literal string in the sentence; ``unit`` and ``year`` likewise, where there is one.
    """

    subject: str
    slot: Slot
    value: str
    sentence: str
    unit: str | None = None
    year: str | None = None
    asks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gap:
    """Something people ask about a passage's subject that its source does not say, or no longer shows.

    ``unreadable`` is true where the source holds it but the text layer lost it (colours, charts).
    """

    subject: str
    slot: Slot
    reason: str
    asks: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """What a citation says about where a passage comes from."""

    id: str
    title: str
    publisher: str
    source: str
    section: str | None
    page: str | None
    url: str | None
    kind: DocumentKind
    validity: Validity
    as_of: str
    version: str  # SHA-256 of the ingested bytes
    excerpt_kind: ExcerptKind
    speaker: str | None = None
    superseded_by: str | None = None
    successor: str | None = None  # the title of the document that replaced it, where that one is here
    titles: Mapping[str, str] = field(default_factory=dict)  # the title in other languages, by Language value


@dataclass(frozen=True, slots=True)
class Passage:
    """A citable piece of a document. ``text`` is its sentences joined by newlines; each sentence stands alone."""

    id: PassageId
    document: Document
    text: str
    sentences: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    gaps: tuple[Gap, ...] = ()


class UnitKind(StrEnum):
    """The parts of a passage that carry a vector of their own."""

    TITLE = "title"
    BODY = "body"
    SENTENCE = "sentence"
    QUESTION = "question"
    FACT = "fact"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class UnitScore:
    """Cosine of the query with the best text of one unit.

    ``index`` counts within the passage's titles, sentences, questions, facts or gaps (0 for the body).
    """

    kind: UnitKind
    index: int
    cosine: float


@dataclass(frozen=True, slots=True)
class Facets:
    """What a question asks of a passage, apart from what it is about (knowledge/facets.py).

    Cosines with the nearest question that the passage itself answers, that is asked of it in vain, and the same two of
    all other passages; ``narrow`` and ``wide`` are the log odds that such a thing is asked in vain elsewhere.
    """

    own_answered: float
    own_vain: float
    other_answered: float
    other_vain: float
    narrow: float
    wide: float


@dataclass(frozen=True, slots=True)
class Found:
    """A passage with its fused score and the parts of it; ``facets`` where questions are known of it.

    ``originals`` are the imported passages that a note summarises, in their document's order.
    """

    passage: Passage
    score: float
    dense: float
    words: float
    characters: float
    units: tuple[UnitScore, ...] = ()
    facets: Facets | None = None
    originals: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class NearUnit:
    """One unit of any passage of the snapshot and how near the query is to it."""

    passage: PassageId
    unit: UnitScore


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one search of one desk's active snapshot found, best first.

    ``nearest`` are the best question, fact and gap units of the whole snapshot by cosine, best first. ``stamps`` are
    those of this very snapshot, so that an activation in the middle of an exchange cannot mix versions.
    """

    snapshot: SnapshotId
    found: tuple[Found, ...]
    nearest: tuple[NearUnit, ...] = ()
    stamps: tuple[Stamp, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a question speaks of.

    ``forms`` are normalised words of which any one says it (several only where a foreign word was bridged to
    Japanese); ``reading`` is katakana, empty where unknown; ``noun`` and ``name`` (a proper name) say what it is.
    """

    forms: tuple[str, ...]
    reading: str = ""
    noun: bool = True
    name: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A stand-alone question, parsed.

    ``slots`` are the kinds of value it asks for, in order of appearance (empty: open). ``terms`` are its content words
    without the asking words. ``units`` are the counters asked for (何台 -> 台). ``years`` are western years named in
    either calendar, ``ordinals`` the numbers of 第n回, 段階n, n番目; ``relative_years`` 来年度, 昨年 … as asked.
    """

    text: MaskedText
    language: Language
    kana_only: bool
    slots: tuple[Slot, ...]
    yes_no: bool
    terms: tuple[Term, ...]
    units: tuple[str, ...]
    years: tuple[int, ...]
    ordinals: tuple[int, ...]
    relative_years: tuple[str, ...]
    compares: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The proper names among the terms."""
        return tuple(term.forms[0] for term in self.terms if term.name)


@dataclass(frozen=True, slots=True)
class Word:
    """One morpheme: surface, normalised form, reading (katakana), coarse part of speech (Japanese tag of Sudachi).

    ``proper`` says of a proper noun whether it is a family name (姓), a given name (名), a person's name otherwise
    (人名) or a place (地名); else it is empty.
    """

    surface: str
    normal: str
    reading: str
    part: str
    detail: str
    proper: str = ""


@dataclass(frozen=True, slots=True)
class Support:
    """One sentence of one passage, chosen to say something in a reply. ``sentence`` counts within the passage."""

    passage: Passage
    sentence: int

    @property
    def text(self) -> str:
        return self.passage.sentences[self.sentence]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the evidence gate decided: the outcome the evidence allows, by which rule, and what to say it with.

    ``hearts`` answer the question; ``context`` are further sentences of the same passages; ``related`` stand under
    「関連する記載」. ``missing`` are the words of the question that no passage covers. ``measures`` are the figures the
    rule looked at, for the record.
    """

    outcome: Outcome
    rule: str
    hearts: tuple[Support, ...] = ()
    context: tuple[Support, ...] = ()
    related: tuple[Support, ...] = ()
    missing: tuple[str, ...] = ()
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed reply. ``lead`` and ``tail`` are the service's own sentences, ``sentences`` the documents'."""

    outcome: Outcome
    lead: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    related: tuple[Sentence, ...]
    tail: tuple[str, ...]

    @property
    def lines(self) -> tuple[Sentence, ...]:
        return (*self.sentences, *self.related)


@dataclass(frozen=True, slots=True)
class Citation:
    """One numbered source under a reply; the keys of DESIGN §7 in ``citations``."""

    number: int
    passage: PassageId
    document: str
    title: str
    publisher: str
    section: str | None
    page: str | None
    url: str | None
    validity: Validity
    as_of: str
    excerpt: str
    excerpt_kind: ExcerptKind
    kind: DocumentKind = DocumentKind.DOCUMENT
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a draft or reply: its text, the passages it rests on, and whether the answer falls without it.

    ``quoted`` sentences are the documents' Japanese inside a reply in another language.
    """

    text: str
    passages: tuple[PassageId, ...] = ()
    heart: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class SentenceVerdict:
    supported: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether each sentence of a draft is supported by its own cited passages; same order as the draft."""

    sentences: tuple[SentenceVerdict, ...]
    heart_holds: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What the person sees. ``lines`` are paragraphs of plain text; never markup."""

    outcome: Outcome
    language: Language
    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Triage:
    """Where an inquiry was placed: topic, risk, how it is answered, and the rule (its name) that decided.

    ``score`` where it was placed by meaning: how much nearer it is to the topic than to the documents.
    """

    topic: Topic
    risk: Risk
    automation: AutomationLevel
    rule: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """記録の控え: a signed promise that the closing entry of an exchange is in the log.

    ``code`` is what a person keeps (80 random bits or more, readable aloud); ``leaf`` the SHA-256 of the entry's
    exact stored bytes (hex); ``longest_delay_seconds`` how long until it must be in a published checkpoint;
    ``signature`` Ed25519 (base64) over the other members in canonical JSON by the log's key; ``checkpoint`` the log's
    latest signed head at that time, None for a log that had none yet.
    """

    code: str
    log: str
    entry: EntryId
    leaf: str
    time: datetime
    longest_delay_seconds: int
    signature: str
    checkpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Appended:
    """An entry that is durably in the log."""

    entry: EntryId
    leaf: str
    time: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """What is asked of the log: a kind, metadata that names no person, contents that may, and what it links to.

    ``subject`` is the conversation whose key seals ``contents`` (path -> text).
    """

    kind: str
    subject: ConversationId
    meta: Mapping[str, Json]
    contents: Mapping[str, str] = field(default_factory=dict)
    links: tuple[EntryId, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedEntry:
    """One entry read back from a log. ``contents`` holds every field it was written with, None where erased."""

    entry: EntryId
    kind: str
    time: datetime
    meta: Mapping[str, Json]
    contents: Mapping[str, str | None]
    links: tuple[EntryId, ...]


class Way(StrEnum):
    """How a notice leaves the desk."""

    MAIL = "mail"
    HOOK = "hook"
    SYSTEM = "system"  # an entry of the service's own log


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told outside the desk. ``key`` is the same however often it is tried.

    ``to`` is an address, a web address or the subject in the system log; ``subject`` and ``body`` are plain text or
    (for the system log: kind and JSON of the entry) and never hold what a person wrote to the desk.
    """

    key: str
    way: Way
    to: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is not delivered yet. ``tries`` so far; ``cause`` of the last failure."""

    notice: Notice
    since: datetime
    tries: int
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Citing:
    """One exchange that cited passages: when it closed, the receipt its person holds, from which snapshot, which."""

    exchange: ExchangeId
    time: str
    receipt: str | None
    snapshot: str | None
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What people found wrong with an answer that was shown: the words that stand beside it from then on.

    ``text`` is empty where it was erased: that the answer was corrected outlives the words.
    """

    text: str
    time: datetime
    case: str


@dataclass(frozen=True, slots=True)
class RecordedExchange:
    """One exchange read back from the log: what was asked (masked) and what was shown. ``reply`` is None while open.

    ``corrected``: the latest correction of the answer; ``useful``: the latest feedback. ``draft`` is the reply the
    service proposed where a person answers (never shown to who asked).
    """

    exchange: ExchangeId
    conversation: ConversationId
    received: datetime
    question: MaskedText
    reply: Reply | None
    receipt: str | None
    opened: EntryId
    closed: EntryId | None
    corrected: Corrected | None = None
    useful: bool | None = None
    draft: Reply | None = None
