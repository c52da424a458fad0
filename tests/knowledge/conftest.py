from __future__ import annotations

import pytest

from knowledge.adapters.embedding import E5Embedder, load_embedder
from knowledge.adapters.words import SudachiAnalyzer, load_analyzer


@pytest.fixture(scope="session")
def embedder() -> E5Embedder:
    return load_embedder()


@pytest.fixture(scope="session")
def analyzer() -> SudachiAnalyzer:
    return load_analyzer()
