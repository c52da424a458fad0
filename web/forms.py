"""What pages and forms have in common: the templates of the application, its fields, the language a person chose."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.datastructures import FormData

from web.doors import settings_of
from web.i18n import language_named
from web.rendering import Pages
from web.security import keep_language

# The script asks for the answer alone by this header; a form on another site cannot send it.
PART = "x-madoguchi-part"
_MOST_FIELDS = 64


def pages_of(request: Request) -> Pages:
    """The templates of the application that received the request."""
    pages: Pages = request.app.state.pages
    return pages


def is_partial(request: Request) -> bool:
    """Whether the page's script asks for a fragment."""
    return PART in request.headers


async def form_of(request: Request) -> FormData:
    """The form that was sent; files are refused."""
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


def field(form: FormData, name: str) -> str:
    """One field as text; empty where it was not sent."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def with_language(request: Request, response: Response) -> Response:
    """Remember the language that the address names, where it names one."""
    if chosen := language_named(request.query_params.get("lang")):
        keep_language(response, chosen.value, secure=settings_of(request).secure_cookies)
    return response
