"""One desk's application: its pages and its programming interface over one ``DeskDoors``, and nothing else."""

from __future__ import annotations

from fastapi import FastAPI

from web import api, api_cases, chat, lookup, newly, on_paper, person, texts
from web.conversations import Conversations
from web.doors import DeskDoors, DoorSettings
from web.hours import Calendar
from web.i18n import Catalogues
from web.lifeline import Lifeline
from web.metrics import Metrics
from web.rendering import Frame, Pages
from web.security import RateLimit, Waiting, storage_at
from web.standing import Standing
from web.taking import Onces
from web.unsent import Unsent

# Pages that render a conversation, for each post: every post without scripts is followed by one.
_READS = 6


def desk_application(
    doors: DeskDoors, frame: Frame, settings: DoorSettings, catalogues: Catalogues, metrics: Metrics
) -> FastAPI:
    """The application of a desk, not yet guarded. Raises BadStorage."""
    root = frame.root
    # No redirect that adds a slash: its address would be made of whatever Host a request names.
    app = FastAPI(
        title=f"Madoguchi: {doors.name.value} desk",
        openapi_url=f"{root}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    per_minute, storage = settings.requests_per_minute, storage_at(settings.limits_storage)
    app.state.root = root
    app.state.desk = doors
    app.state.settings = settings
    calendar = Calendar(doors.people.office, doors.people.now)
    app.state.pages = Pages(catalogues, settings, frame, calendar)
    app.state.conversations = Conversations(doors.name, doors.conversation_key, secure=settings.secure_cookies)
    app.state.rate = RateLimit(per_minute, storage, f"{doors.name.value}-posts")
    app.state.reads = RateLimit(_READS * per_minute, storage, f"{doors.name.value}-reads")
    app.state.news = RateLimit(_READS * per_minute, storage, f"{doors.name.value}-news")
    app.state.onces = Onces()
    app.state.lifeline = Lifeline(per_minute)
    app.state.waiting = Waiting(settings.waiting)
    app.state.metrics = metrics
    app.include_router(chat.routes(root))
    app.include_router(person.routes(root, doors.name))
    app.include_router(lookup.routes(root))
    app.include_router(newly.routes(root))
    app.include_router(texts.routes(root))
    app.include_router(on_paper.routes(root))
    app.include_router(api.routes(doors.name))
    app.include_router(api_cases.routes(doors.name))
    app.add_middleware(Unsent, fields=("text", "happened", "wish"))
    app.add_middleware(Standing, off=doors.off, held_back=doors.held_back)
    return app
