"""Labels keep kind and identity inside a conversation, and nothing of the value."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import count

import pytest

from bot.answered import Asked
from bot.exchange import answer
from bot.feedback import Feedback, give
from bot.labels import LABEL, WORDS, ConversationLabels, Labels, kinds_in, label
from bot.masking import mask
from bot.ports import LogUnavailable
from bot.records import ConversationId, Speaker
from tests.fakes_audit import FakeLog, TickingClock
from tests.fakes_bot import Room, room

FIRST, SECOND = "090-1234-5678", "03-1111-2222"


def asked(held: Room, text: str, conversation: str = "c1") -> str:
    """What the log keeps of a question in a conversation."""
    answer(held.desk, Asked(text, ConversationId(conversation)))
    return held.log.conversation(ConversationId(conversation))[-1].question.value


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (FIRST, "０９０１２３４５６７８"),
        (FIRST, "+81 90 1234 5678"),
        (FIRST, "ぜろきゅうぜろの いちにいさんよん の ごおろくななはち"),
        ("taro@example.com", "ＴＡＲＯ＠example.com"),
        ("taro@example.com", "taro at example dot com"),
        ("新宿区西新宿2-8-1", "新宿区西新宿2丁目8番1号"),
        ("マイナンバー 1234 5678 9018", "マイナンバーは123456789018"),
        ("私は山田 花子です", "私は山田花子です"),
    ],
)
def test_one_value_has_one_label_in_every_spelling(one: str, other: str) -> None:
    labels = Labels()
    (first,), (second,) = (LABEL.findall(mask(text, labels).value) for text in (one, other))
    assert first == second
    assert first[1] == "1"


def test_values_of_one_kind_are_counted_and_kinds_apart() -> None:
    text = mask(f"{FIRST}と{SECOND}、〒999-0000と{FIRST}", Labels()).value
    assert text == "〈電話番号1〉と〈電話番号2〉、〒〈郵便番号1〉と〈電話番号1〉"


def test_without_a_conversation_labels_name_the_kind_alone() -> None:
    assert mask(FIRST).value == "〈電話番号〉"


def test_a_later_turn_gets_the_label_of_the_earlier_one() -> None:
    held = room()
    assert asked(held, f"電話は{FIRST}です。予算はいくらですか") == "電話は〈電話番号1〉です。予算はいくらですか"
    assert "〈電話番号2〉" in asked(held, f"{SECOND}でもいいです。予算は？")
    assert asked(held, "さっきの090 1234 5678に連絡を").startswith("さっきの〈電話番号1〉")
    assert "〈電話番号1〉" in asked(held, SECOND, "another")


def test_after_a_restart_a_new_value_takes_no_old_identity() -> None:
    clock = TickingClock()
    log = FakeLog(clock)
    before = room(log=log)
    asked(before, f"電話は{FIRST}と{SECOND}です。予算は？")
    after = room(log=log)
    assert "〈電話番号3〉" in asked(after, "電話は080-9999-0000です。予算は？")
    assert "〈電話番号4〉" in asked(after, f"電話は{FIRST}です。予算は？")  # who it was is forgotten, and not guessed


def test_a_comment_has_the_labels_of_its_conversation_and_counts_after_a_restart() -> None:
    log = FakeLog(TickingClock())
    held = room(log=log)
    asked(held, f"電話は{FIRST}です。予算は？")
    (exchange,) = held.log.conversation(ConversationId("c1"))
    give(held.desk, exchange.exchange, exchange.conversation, Feedback(useful=False, comment=f"{FIRST}と{SECOND}へ"))
    assert held.log.kept[-1].entry.contents["comment"] == "〈電話番号1〉と〈電話番号2〉へ"
    assert "〈電話番号3〉" in asked(room(log=log), "080-9999-0000にください。予算は？")


def test_a_batch_has_labels_of_its_own_call() -> None:
    held = room()
    history = ((Speaker.PERSON, f"電話は{SECOND}です"), (Speaker.SERVICE, f"{FIRST}ですね"))
    answered = answer(held.desk, Asked(f"{SECOND}と{FIRST}に連絡を。予算は？", history=history))
    question = held.log.conversation(answered.conversation)[-1].question.value
    assert question.startswith("〈電話番号1〉と〈電話番号2〉")


def test_the_log_is_asked_only_where_something_is_hidden() -> None:
    def told() -> Sequence[str]:
        raise LogUnavailable("io")

    assert mask("予算はいくらですか", Labels(told)).value == "予算はいくらですか"
    with pytest.raises(LogUnavailable):
        mask(FIRST, Labels(told))


def test_a_conversation_too_long_to_read_gets_labels_without_numbers() -> None:
    assert mask(FIRST, Labels(lambda: None)).value == "〈電話番号〉"


def test_a_typed_label_is_never_somebody_elses() -> None:
    labels = Labels()
    assert mask(f"〈電話番号7〉と{FIRST}", labels).value == "〈電話番号7〉と〈電話番号8〉"
    assert mask("〈電話番号09012345678〉").value == "〈電話番号〈電話番号〉〉"


def test_a_ledger_is_bounded() -> None:
    labels = Labels()
    numbers = [labels.number("phone", str(value)) for value in range(300)]
    assert numbers[:200] == list(range(1, 201))
    assert set(numbers[200:]) == {None}
    assert labels.number("phone", "0") == 1


def test_ledgers_are_bounded_and_the_oldest_goes_on_from_the_log() -> None:
    log = FakeLog(TickingClock())
    held = ConversationLabels(log, most=2)
    first = held.of(ConversationId("a"))
    held.of(ConversationId("b"))
    assert held.of(ConversationId("a")) is first
    held.of(ConversationId("c"))
    assert held.of(ConversationId("a")) is first
    assert held.of(ConversationId("b")) is not None


def test_many_threads_give_one_number_to_one_value() -> None:
    labels = Labels()
    with ThreadPoolExecutor(8) as pool:
        numbers = set(pool.map(lambda n: (n % 50, labels.number("phone", str(n % 50))), range(2_000)))
    assert sorted(number or 0 for _, number in numbers) == list(range(1, 51))


def test_a_ledger_holds_no_value_and_no_hash_that_anyone_could_repeat() -> None:
    labels = Labels()
    mask(f"電話は{FIRST}です", labels)
    digits = FIRST.replace("-", "")
    held = repr(vars(labels))
    assert FIRST not in held
    assert digits not in held
    assert repr(sha256(f"phone\0{digits}".encode()).digest()) not in held
    other = Labels()
    mask(f"電話は{FIRST}です", other)
    assert not set(vars(labels)["_numbers"]) & set(vars(other)["_numbers"])


def test_every_label_names_its_kind() -> None:
    for number, kind in zip(count(1), WORDS, strict=False):
        assert kinds_in(label(kind, number)) == kinds_in(label(kind, None)) == (kind,)
