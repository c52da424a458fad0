"""What only introduces a person or their number is not what they ask."""

from __future__ import annotations

import pytest

from bot.introductions import asked_in
from bot.labels import LABEL, Labels
from bot.masking import mask
from bot.questions import parse_question, search_text
from tests.fakes_knowledge import FakeAnalyzer

QUESTION = "補助金の審査はAIがやるんですか"


@pytest.mark.parametrize(
    ("told", "asks"),
    [
        (f"マイナンバー 1234 5678 9018 なんですが、{QUESTION}", QUESTION),
        (f"電話は090-1234-5678です。{QUESTION}", QUESTION),
        (f"私は山田花子、文京区本郷9-99-9に住んでいます。{QUESTION}", QUESTION),
        (f"練馬区豊玉北7-8-9の山田です。{QUESTION}", QUESTION),
        (f"個人番号：3141 5926 5352、{QUESTION}", QUESTION),
        ("My name is Hanako Yamada. When is the strategy made?", "When is the strategy made?"),
        ("我叫王小明，请问AI战略什么时候制定？", "请问AI战略什么时候制定？"),
        ("제 이름은 김철수입니다. AI 전략은?", "AI 전략은?"),
        ("クレジットカード4111-1111-1111-1111で払えますか", "クレジットカードで払えますか"),
        ("090-1234-5678です", "です"),
        (QUESTION, QUESTION),
    ],
)
def test_the_introduction_goes_and_the_question_stays(told: str, asks: str) -> None:
    assert asked_in(mask(told)).value == asks
    assert asked_in(mask(told, Labels())).value == asks


def test_what_is_searched_holds_no_label() -> None:
    question = parse_question(mask(f"090-1234-5678に教えて。{QUESTION}", Labels()), None, FakeAnalyzer())
    assert not LABEL.search(search_text(question).value)
