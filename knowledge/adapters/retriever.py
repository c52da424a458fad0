"""The shelf as a LangChain retriever, for those who build on it. Importing this module imports LangChain (0.5 s)."""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation

from bot.ports import Shelf
from bot.records import Found, Language, MaskedText


class ShelfRetriever(BaseRetriever):
    """Finds passages of one desk. ``mask`` removes personal data from a query before anything else sees it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    shelf: SkipValidation[Shelf]
    mask: Callable[[str], MaskedText]
    language: Language = Language.JA
    limit: int = Field(default=10, ge=1)

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[LangChainDocument]:
        del run_manager  # nothing to report between call and answer
        evidence = self.shelf.search(self.mask(query), self.language, self.limit)
        return [_document(found) for found in evidence.found]


def _document(found: Found) -> LangChainDocument:
    source = found.passage.document
    return LangChainDocument(
        id=found.passage.id,
        page_content=found.passage.text,
        metadata={
            "title": source.title,
            "publisher": source.publisher,
            "source": source.source,
            "section": source.section,
            "page": source.page,
            "url": source.url,
            "validity": source.validity.value,
            "as_of": source.as_of,
            "kind": source.kind.value,
            "score": found.score,
        },
    )
