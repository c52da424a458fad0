"""Questions and answers as printed: 「Ｑ１ …」「A1 …」, 「問 …」「答 …」, tables with a column 「回答」. Pure.

All texts are NFKC-normalised, as readers give them.
"""

from __future__ import annotations

import re

_COUNT = r"\d{1,3}(?:[-–]\d{1,3})?"
# A number, then a sign or blank; or a number that the text follows at once (「A1現時点で」), but no date or figure.
_MARK = rf"(?:\s*(?:{_COUNT})?(?:\s*[.．:：、)\]】>＞]\s*|\s+)|\s*{_COUNT}(?=[^\d\s年月日%]))"
_QUESTION = re.compile(rf"[【\[(<]?(?:Q|問|問い|ご?質問){_MARK}(?P<text>\S.*)", re.DOTALL)
_ANSWER = re.compile(rf"[【\[(<]?(?:A|答|答え|お答え|ご?回答){_MARK}(?P<text>\S.*)", re.DOTALL)
_ASKING = re.compile(
    r".{3,}(?:[?？]|(?:です|ます|でしょう|ません|たい|よい|いい|の|る|た|ない|すべき)か[。.]?|(?:教えて|知りたい).{0,6}[。.])",
    re.DOTALL,
)
_ANSWERED = r"(?:回答|答え|答|A|Answer): (?P<answer>.+)"
_ROWS = (
    re.compile(
        rf"(?:.* / |.*、)?(?:質問|問い|問|Q|Question): (?P<question>.+?)、{_ANSWERED}", re.DOTALL | re.IGNORECASE
    ),
    re.compile(rf"(?P<question>.{{4,}}?) / (?:.+?、)?{_ANSWERED}", re.DOTALL | re.IGNORECASE),
)
_LONGEST = 400


def marked_question(text: str) -> str | None:
    """The question without its mark and number, None where the text bears no mark of a question."""
    match = _QUESTION.fullmatch(text) if len(text) <= _LONGEST else None
    return match["text"].strip() if match else None


def question(heading: str) -> str | None:
    """The question that a heading asks, with or without a mark; None where it asks none."""
    marked = marked_question(heading)
    if marked is not None:
        return marked
    return heading if len(heading) <= _LONGEST and _ASKING.fullmatch(heading) else None


def answer(text: str) -> str | None:
    """The answer without its mark and number, None where the text bears no mark of an answer."""
    match = _ANSWER.fullmatch(text)
    return match["text"].strip() if match else None


def row_of_both(row: str) -> tuple[str, str] | None:
    """Question and answer of a table row whose column is called 回答."""
    match = next((found for pattern in _ROWS if (found := pattern.fullmatch(row))), None)
    if match is None:
        return None
    asked = match["question"]
    return marked_question(asked) or asked, answer(match["answer"]) or match["answer"]
