"""What a reply listed, and which member of it a follow-up means."""

from __future__ import annotations

import pytest

from bot.masking import mask
from bot.steps.lists import counted_on, listed, meant

LISTS = [
    ("分野は「防災」「教育」「福祉」です。[1]", ("防災", "教育", "福祉")),
    ("領域は「都民サービス」と「職員内部業務」に分けられています。[1]", ("都民サービス", "職員内部業務")),
    ("都の戦略の柱は防災、教育、福祉の3つです。[1]", ("防災", "教育", "福祉")),
    ("対象は都民、事業者及び職員です。", ("都民", "事業者", "職員")),
    ("AIの活用例として翻訳、要約、検索が挙げられます。", ("翻訳", "要約", "検索")),
    ("段階は3つで、試行、導入、拡大です。", ("試行", "導入", "拡大")),
    (
        "国では総務省、デジタル庁、文部科学省が、AIに関する指針を出しています。",
        ("総務省", "デジタル庁", "文部科学省"),
    ),
    ("予算は181億円です。[1]\n分野は「防災」「教育」です。[2]", ("防災", "教育")),
]


@pytest.mark.parametrize(("reply", "members"), LISTS)
def test_a_reply_lists(reply: str, members: tuple[str, ...]) -> None:
    assert listed(reply) == members


@pytest.mark.parametrize(
    "reply", ["", "令和7年度の予算は181億円です。[1]", "「水門」は「水門」です。", "都は、水門を動かします。"]
)
def test_a_reply_that_lists_nothing(reply: str) -> None:
    assert listed(reply) == ()
    assert meant("2つ目は？", reply) is None


def test_only_the_first_list_counts() -> None:
    assert listed("柱は「甲」「乙」です。[1]\nほかに「丙」「丁」もあります。[2]") == ("甲", "乙")


FIELDS = LISTS[0][0]
MEANT = [
    ("1つ目は？", "防災"),
    ("２番目を詳しく", "教育"),
    ("二番目は？", "教育"),
    ("三点目について教えて", "福祉"),
    ("最後のは？", "福祉"),
    ("じゃあ最後は？", "福祉"),
    ("4つ目は？", None),
    ("12番目は？", None),
    ("十二番目は？", None),
    ("最後の会議はいつですか", None),
    ("それは？", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "member"), MEANT)
def test_a_place_means_a_member(text: str, member: str | None) -> None:
    assert meant(text, FIELDS) == member


def counted(text: str, *asked: str) -> str | None:
    found = counted_on(mask(text), [mask(each) for each in asked])
    return found.value if found else None


COUNTED = [
    ("その次は？", ("段階1は何ですか",), "段階2は何ですか"),
    ("次の段階は？", ("第四段階は何ですか",), "第5段階は何ですか"),
    ("一つ前は？", ("第２段階とは",), "第1段階とは"),
    ("その次は？", ("一番目は？", "二番目は？"), "3番目は？"),
    ("その次は？", ("二番目に多い分野は？", "それはどこ？"), "3番目に多い分野は？"),
    ("その次は？", ("段階1は", "その次は？", "それはいつ？"), "段階3は"),
    ("一つ前は？", ("段階1は", "その次は？"), "段階1は"),
    ("その次は？", ("段階９は",), "段階10は"),
    ("一つ前は？", ("段階1は",), None),
    ("その次は？", ("予算は？",), None),
    ("その次は？", (), None),
    ("それは？", ("段階1は",), None),
    ("次の会議はいつ？", ("段階1は",), None),
    ("段階5の次は？", ("段階1は",), None),
]


@pytest.mark.parametrize(("text", "asked", "found"), COUNTED)
def test_the_next_one_and_the_one_before(text: str, asked: tuple[str, ...], found: str | None) -> None:
    assert counted(text, *asked) == found


@pytest.mark.parametrize(
    ("earlier", "turned"),
    [
        ("4年の段階4は", "4年の段階5は"),
        ("第1回会議は2021年の何月でしたか", "第2回会議は2021年の何月でしたか"),
        ("段階1の統一基準は", "段階2の統一基準は"),
        ("第2回会議は令和2年度ですか", "第3回会議は令和2年度ですか"),
        ("三番目は何ですか", "4番目は何ですか"),
    ],
)
def test_only_the_place_itself_is_turned(earlier: str, turned: str) -> None:
    found = counted_on(mask("その次は？"), [mask(earlier)])
    assert found is not None
    assert found.value == turned


@pytest.mark.parametrize("text", ["次は予算を教えてください", "次はいつ開かれますか", "次の会議はいつですか"])
def test_what_names_something_of_its_own_takes_no_step(text: str) -> None:
    assert counted_on(mask(text), [mask("第2回会議の議題は？")]) is None


@pytest.mark.parametrize("text", ["2番目に予算が多い局はどこですか", "最後に著作権は？"])
def test_a_rank_or_a_turn_of_speech_means_no_member(text: str) -> None:
    assert meant(text, "「甲」「乙」「丙」の3つです。") is None


def test_what_is_counted_on_stays_masked() -> None:
    found = counted_on(mask("その次は？"), [mask("090-1234-5678です。段階1は何ですか")])
    assert found is not None
    assert found.kinds == ("phone",)
    assert "1234" not in found.value
