"""Pages from templates: the words of one language, the frame every page shares, and what an answer shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from bot.labels import WORDS
from bot.persons_case import PersonsCase
from bot.ports import Contacts
from bot.records import (
    Citation,
    Corrected,
    Document,
    DocumentKind,
    ExchangeId,
    Language,
    Outcome,
    RecordedExchange,
    Reply,
    Validity,
)
from web.accounts.values import Session
from web.conversations import Conversations
from web.doors import Answered, DoorSettings
from web.entrance import session_of
from web.hours import Calendar
from web.i18n import HTML_LANGUAGES, LANGUAGE_NAMES, Catalogues, language_named, shown_clock, shown_date, shown_moment
from web.reply_markup import lang_attribute, reachable, reply_markup
from web.security import COMMENT_LIMIT, LANGUAGE_COOKIE, QUESTION_LIMIT
from web.standing import held_back_of, off_of
from web.unsent import unsent_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
# What a person can say about an answer that did not help; the words are ``feedback.reason.<name>``.
REASONS = ("wrong", "missing", "unclear", "other")
_OPEN = frozenset({"abstained", "referred", "failed"})
"""The families of outcomes that leave the question to people."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One exchange on the page. ``exchange`` and ``receipt`` are None where nothing was recorded; ``masked`` names the
    kinds of personal data that became labels, for the words ``masked.kind.<name>``. ``useful``: the latest feedback;
    ``cases``: what was handed to people about it. ``own`` is False where it is shown to whoever holds its receipt.
    ``gone``: the reply was erased; an erased question is empty.
    """

    question: str
    reply: Reply | None
    exchange: ExchangeId | None = None
    receipt: str | None = None
    masked: Sequence[str] = ()
    corrected: Corrected | None = None
    useful: bool | None = None
    cases: Sequence[PersonsCase] = ()
    own: bool = True
    gone: bool = False

    @property
    def anchor(self) -> str:
        """An id for the element, and what names the exchange in an address: in a browser's history the exchange's own
        name would let whoever reads it there ask for it at the programming interface. Unrecorded answers stand alone.
        """
        return "x-" + hashlib.sha256((self.exchange or "now").encode()).hexdigest()[:16]

    @property
    def family(self) -> str:
        """answered, abstained, referred, escalated, refused, failed, or open while there is no reply."""
        return self.reply.outcome.family if self.reply else "open"

    @property
    def danger(self) -> bool:
        return self.family == "escalated"

    @property
    def assisted(self) -> bool:
        """Whether a person confirms the answer first."""
        return self.reply is not None and self.reply.outcome is Outcome.REFERRED_ASSISTED

    @property
    def offers(self) -> bool:
        """Whether a person is offered beside the reply, and not below it alone: it left a question open."""
        unhelped = self.danger or self.useful is False or self.family in _OPEN
        return self.own and self.exchange is not None and unhelped and not self.cases


def recorded(exchange: RecordedExchange, cases: Sequence[PersonsCase] = (), *, own: bool = True) -> Shown:
    """An exchange as it was read back from the log, with the cases about it."""
    return Shown(
        question=exchange.question.value,
        reply=exchange.reply,
        exchange=exchange.exchange,
        receipt=exchange.receipt,
        masked=tuple(kind for kind in dict.fromkeys(exchange.question.kinds) if kind in WORDS),
        corrected=exchange.corrected,
        useful=exchange.useful,
        cases=cases,
        own=own,
        gone=exchange.closed is not None and exchange.reply is None,
    )


def direct(question: str, answered: Answered) -> Shown:
    """An exchange that is shown without being read back; the question is the person's own words to themselves."""
    receipt = answered.receipt.code if answered.receipt else None
    return Shown(question, answered.reply, answered.exchange, receipt, answered.masked)


def validity_key(source: Citation | Document) -> str:
    """The word for how far a source holds: an opinion and our own description are neither draft nor decided."""
    if source.validity in (Validity.DRAFT, Validity.FINAL) and source.kind is not DocumentKind.DOCUMENT:
        return f"kind.{source.kind.value}"
    return f"validity.{source.validity.value}"


def language_of(request: Request) -> Language:
    """The page's language: the parameter, else the cookie, else Japanese."""
    return chosen_language(request) or Language.JA


def chosen_language(request: Request) -> Language | None:
    """The language the person chose, None if they did not choose."""
    return language_named(request.query_params.get("lang")) or language_named(request.cookies.get(LANGUAGE_COOKIE))


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same on every page of one application: its name (``public``, ``staff``, ``admin``), where it begins,
    how to reach a person, and the pages that somebody who signed in may go to (address, key of its name). ``papers`` is
    where its privacy notice and the like stand, where that is not with the application itself.
    """

    name: str
    root: str
    contacts: Contacts | None = None
    menu: Callable[[Session], Sequence[tuple[str, str]]] = lambda _: ()
    papers: str | None = None


class Pages:
    """Renders the templates of one application. Nothing is read from disk after the start.

    ``calendar`` says when people are there, at an application whose pages lead to them.
    """

    def __init__(
        self, catalogues: Catalogues, settings: DoorSettings, frame: Frame, calendar: Calendar | None = None
    ) -> None:
        self.catalogues = catalogues
        self._contacts = frame.contacts
        self._menu = frame.menu
        self._calendar = calendar
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            asset={file.name: _fingerprint(file) for file in STATIC.iterdir() if file.is_file()},
            language_names=LANGUAGE_NAMES,
            html_languages=HTML_LANGUAGES,
            mode=settings.mode,
            root=frame.root,
            papers=frame.root if frame.papers is None else frame.papers,
            desk=frame.name,
            operator=settings.operator,
            question_limit=QUESTION_LIMIT,
            comment_limit=COMMENT_LIMIT,
            reasons=REASONS,
            reply_markup=reply_markup,
            reachable=reachable,
            validity_key=validity_key,
            shown_clock=shown_clock,
        )
        self._environment.filters["path"] = partial(quote, safe="")

    def text(self, key: str, language: Language) -> str:
        """One plain sentence."""
        return self.catalogues.text(key, language)

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **given: object,
    ) -> HTMLResponse:
        """A whole page, or the fragment a template is, in the request's language."""
        language = language_of(request)

        def words(key: str, **values: object) -> Markup:
            return self.catalogues.markup(key, language, values)

        def plain(key: str, **values: object) -> str:
            return self.catalogues.text(key, language, values)

        session = session_of(request)
        html = self._environment.get_template(template).render(
            session=session,
            menu=self._menu(session) if session else (),
            off=off_of(request),
            held_back=held_back_of(request),
            unsent=unsent_of(request),
            t=words,
            plain=plain,
            language=language,
            path=_own_path(request),
            contact_lines=self._contact_lines(language),
            hours=self._calendar.hours(words) if self._calendar else None,
            once=partial(_once, request),
            foreign=lambda text: lang_attribute(text, language),
            shown_date=lambda value: shown_date(value, language),
            shown_moment=lambda moment: shown_moment(moment, language),
            **given,
        )
        return HTMLResponse(html, status_code=status, headers=dict(headers or {}))

    def _contact_lines(self, language: Language) -> Sequence[str]:
        return self._contacts.lines(language) if self._contacts else ()


def _once(request: Request) -> str:
    """A random name for one form: what is sent twice under it is done once."""
    conversations: Conversations = request.app.state.conversations
    return conversations.begun()


def _own_path(request: Request) -> str:
    """The page's own address for links to itself. One leading slash: two would name another site."""
    return "/" + quote(str(request.scope["path"]).lstrip("/"), safe="/")


def _fingerprint(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"/static/{file.name}?v={digest}"
