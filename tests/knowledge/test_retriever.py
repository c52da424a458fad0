from __future__ import annotations

from pathlib import Path

from bot.records import MaskedText
from knowledge.adapters.retriever import ShelfRetriever
from knowledge.loading.notes import load_note
from tests.fakes_knowledge import FakeShelf
from tests.knowledge.notes import note


def test_langchain_gets_masked_questions_and_sourced_documents() -> None:
    shelf = FakeShelf(load_note(Path("budget.md"), note().encode()).passages)
    retriever = ShelfRetriever(shelf=shelf, mask=lambda text: MaskedText(text.replace("田中", "[氏名]")), limit=3)
    (document,) = retriever.invoke("田中です。AIの予算は？")
    assert shelf.searched == [MaskedText("[氏名]です。AIの予算は？")]
    assert document.id == "budget"
    assert document.metadata["publisher"] == "東京都"
    assert "181億円" in document.page_content
