"""A derived index filled with exchanges that never were, for measurements: as many as asked for, from a seed.

Nothing of it stands in a log. Their numbers lie far behind those of entries, so that the index of a log that is small
and real may be filled like this and still catch up with it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from audit.search_index import SearchIndex
from audit.search_rows import Row, Shape
from audit.search_terms import Tokens, tokens_of
from bot.ports import WordAnalyzer
from bot.records import EntryId, ExchangeId

_BEGIN: Final = datetime(2025, 4, 1, tzinfo=UTC)
_BATCH: Final = 20_000
_FIRST: Final = 1_000_000_000  # behind the number of any entry
_BANK: Final = 3_000
_SENTENCES: Final = (2, 4)
_OUTCOMES: Final = (
    *["answered.documents"] * 12,
    *["abstained.not_stated"] * 4,
    *["referred.other_desk"] * 2,
    "refused.out_of_scope",
    "escalated.danger",
    None,
)

_PLACES: Final = (
    *[("documents", "low", "full")] * 12,
    *[("service", "low", "full")] * 3,
    *[("assessment", "moderate", "assisted")] * 2,
    ("other_desk", "low", "none"),
    ("danger", "grave", "none"),
)

_WHOSE: Final = "都 区市町村 国 事業者 住民 学校 病院 消防 水道局 交通局 福祉施設 図書館 研究機関 監査委員 審議会"
_WHAT: Final = (
    "生成AIの利用指針 個人情報の取扱い 令和7年度の予算 職員研修の計画 調達の基準 リスクの評価 透明性の確保 説明責任 "
    "人による確認 学習データの品質 著作権の扱い 災害時の情報提供 相談窓口の開設時間 問い合わせの記録 音声認識の導入 "
    "翻訳の支援 議事録の作成 申請書類の審査 道路の点検 保育所の入所選考 税の通知 防犯カメラの運用 健康診断の案内 "
    "公文書の保存期間 オープンデータの公開 セキュリティ対策 クラウドの契約 効果の検証 利用者への表示 苦情の処理"
)
_HOW: Final = (
    "はどのように決まりますか。 について教えてください。 は資料の第3章に書かれています。 を毎年見直しています。 "
    "には約120億円を計上しました。 はまだ決まっていません。 を2026年3月までに公表します。 では担当者が確認します。 "
    "の責任者は誰ですか。 に関する記載は見つかりませんでした。 を理由に断られました。 を試行で確かめました。 "
    "が変わったのはいつですか。 を廃止した例はありますか。 は委員から意見が出されました。"
)


def fill_synthetic(index: SearchIndex, rows: int, seed: int = 1, analyzer: WordAnalyzer | None = None) -> None:
    """Put ``rows`` exchanges into the index, each of two to four sentences out of 3,000, over 18 months.

    The same seed gives the same exchanges. ``analyzer`` None takes the index's own. Raises IndexUnavailable.
    """
    dice = random.Random(seed)  # noqa: S311 - nothing secret
    bank = [tokens_of([text], analyzer or index.analyzer) for text in _sentences(dice)]
    step = timedelta(days=540) / max(rows, 1)
    for begin in range(0, rows, _BATCH):
        numbers = range(begin, min(begin + _BATCH, rows))
        made = ((number, row(dice, number, _BEGIN + number * step), _said(dice, bank)) for number in numbers)
        index.put([(_FIRST + number, each, tokens) for number, each, tokens in made])


def _sentences(dice: random.Random) -> Iterator[str]:
    whose, what, how = _WHOSE.split(), _WHAT.split(), _HOW.split()
    for _ in range(_BANK):
        yield f"{dice.choice(whose)}の{dice.choice(what)}{dice.choice(how)}"


def _said(dice: random.Random, bank: Sequence[Tokens]) -> Tokens:
    """Some sentences are said far more often than others."""
    chosen = [bank[int(len(bank) * dice.random() ** 2)] for _ in range(dice.randint(*_SENTENCES))]
    normals, readings, signs = (
        " ".join(sorted({token for each in chosen for token in getattr(each, name).split()}))
        for name in ("normals", "readings", "signs")
    )
    return Tokens(normals, readings, signs, " ".join(each.grams for each in chosen))


def row(dice: random.Random, number: int, received: datetime) -> Row:
    """One exchange with no text; the number names it."""
    outcome = dice.choice(_OUTCOMES)
    answered = outcome is not None and outcome.startswith("answered")
    topic, risk, level = dice.choice(_PLACES) if outcome else (None, None, None)
    shape = Shape(
        outcome=outcome,
        risk=risk,
        topic=topic,
        level=level,
        language=dice.choice((*["ja"] * 20, "ja-easy", "en", "en", "zh", "ko")),
        models=("model 1",) if answered else (),
        snapshot=f"snapshot-{number // 100_000}" if answered else None,
        prompt=f"v{1 + number // 400_000}" if outcome else None,
        case_state=dice.choice((*["none"] * 20, "open", "claimed", "answered", "closed")),
        feedback=dice.choice((*["none"] * 8, "useful", "not_useful")),
        masked=dice.choice((*[()] * 25, ("phone",), ("email",), ("name", "phone"))),
        corrected=dice.random() < 0.005,
    )
    names = f"{number:012x}"
    documents = tuple(sorted({f"document-{int(80 * dice.random() ** 2)}" for _ in range(2)})) if answered else ()
    closed = None if outcome is None else EntryId(f"c{names}")
    return Row(ExchangeId(f"ex_{names}"), EntryId(f"o{names}"), closed, received, shape, documents, ("",))
