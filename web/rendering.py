"""Pages from templates: the words of one language, the frame every page shares, and what an answer shows."""

from __future__ import annotations

import hashlib
import re
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
from bot.ports import Contacts
from bot.records import Citation, Document, DocumentKind, ExchangeId, Language, RecordedExchange, Reply, Validity
from web.accounts.values import Session
from web.doors import Answered, DoorSettings
from web.entrance import session_of
from web.i18n import HTML_LANGUAGES, LANGUAGE_NAMES, Catalogues, language_named, shown_date
from web.reply_markup import lang_attribute, reachable, reply_markup
from web.security import COMMENT_LIMIT, LANGUAGE_COOKIE, QUESTION_LIMIT
from web.standing import off_of

HERE = Path(__file__).parent
STATIC = HERE / "static"
# What a person can say about an answer that did not help; the words are ``feedback.reason.<name>``.
REASONS = ("wrong", "missing", "unclear", "other")
_ID = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Shown:
    """One exchange on the page. ``exchange`` and ``receipt`` are None where nothing was recorded; ``masked`` names the
    kinds of personal data that became labels, for the words ``masked.kind.<name>``.
    """

    question: str
    reply: Reply | None
    exchange: ExchangeId | None = None
    receipt: str | None = None
    masked: Sequence[str] = ()

    @property
    def anchor(self) -> str:
        """An id for the element; unrecorded answers stand alone on their page."""
        return "x-" + _ID.sub("-", self.exchange or "now")

    @property
    def family(self) -> str:
        """answered, abstained, referred, escalated, refused, failed, or open while there is no reply."""
        return self.reply.outcome.family if self.reply else "open"

    @property
    def danger(self) -> bool:
        return self.family == "escalated"


def recorded(exchange: RecordedExchange) -> Shown:
    """An exchange as it was read back from the log."""
    masked = tuple(kind for kind in dict.fromkeys(exchange.question.kinds) if kind in WORDS)
    return Shown(exchange.question.value, exchange.reply, exchange.exchange, exchange.receipt, masked)


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
    how to reach a person, and the pages that somebody who signed in may go to (address, key of its name).
    """

    name: str
    root: str
    contacts: Contacts | None = None
    menu: Callable[[Session], Sequence[tuple[str, str]]] = lambda _: ()


class Pages:
    """Renders the templates of one application. Nothing is read from disk after the start."""

    def __init__(self, catalogues: Catalogues, settings: DoorSettings, frame: Frame) -> None:
        self.catalogues = catalogues
        self._contacts = frame.contacts
        self._menu = frame.menu
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
            desk=frame.name,
            operator=settings.operator,
            question_limit=QUESTION_LIMIT,
            comment_limit=COMMENT_LIMIT,
            reasons=REASONS,
            reply_markup=reply_markup,
            reachable=reachable,
            validity_key=validity_key,
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
            t=words,
            plain=plain,
            language=language,
            path=_own_path(request),
            contact_lines=self._contact_lines(language),
            foreign=lambda text: lang_attribute(text, language),
            shown_date=lambda value: shown_date(value, language),
            **given,
        )
        return HTMLResponse(html, status_code=status, headers=dict(headers or {}))

    def _contact_lines(self, language: Language) -> Sequence[str]:
        return self._contacts.lines(language) if self._contacts else ()


def _own_path(request: Request) -> str:
    """The page's own address for links to itself. One leading slash: two would name another site."""
    return "/" + quote(str(request.scope["path"]).lstrip("/"), safe="/")


def _fingerprint(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"/static/{file.name}?v={digest}"
