"""Strange questions and strange requests, the same ones for the same seed."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import quote, quote_plus

T = TypeVar("T")

API = "/api/v1/public/exchanges"
PART = {"x-madoguchi-part": "1"}
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ELEMENT = "x-strange"
"""An element and an attribute that no page of ours has: found in a parsed page, markup was taken for markup."""

MARKUP = (
    f"<{ELEMENT}>", f"</title><{ELEMENT}>", f"</textarea><{ELEMENT} onload=alert(1)>", f'"><{ELEMENT} a="',
    f"' {ELEMENT}='1", f'" {ELEMENT}="1', f"<!--><{ELEMENT}>", f"]]><{ELEMENT}>", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "[a](javascript:alert(1))", "&lt;script&gt;",
    "<iframe src=//example.com>", "<base href=//example.com>", "javascript:alert(1)",
)  # fmt: skip
CODE = (
    "{{7*7}}", "{% for a in range(9**9) %}", "${7*7}", "#{7*7}", "{0.__class__}", "{contact}", "%s%n%d", "%(a)s",
    "'; DROP TABLE entries;--", '" OR 1=1 --', "UNION SELECT * FROM contents", "../../etc/passwd", "$(reboot)",
    "`reboot`", "\x1b[31m赤\x1b[0m", "\x1b]0;title\x07", "\r\nSet-Cookie: a=b", "data: {}\n\n", "[1] [2] [99]",
    "```\n---\nid: x\n---", '{"question": "a"}', "a\\u0000b", "\\ud800", "%00%0d%0a",
)  # fmt: skip
SIGNS = (
    "\ufdfa", "\ufdfa" * 60, "\x00", "\x00" * 40, "\ud800", "\udfff", "\ud83d", "\u202e", "\u200f\u200e", "\u2066",
    "\u200b", "\ufeff", "\ufffe", "\uffff", "\u2028", "\u0085", "e\u0301" * 50, "ก็็็็็็็็" * 20, "か\u3099" * 30,
    "\U0010ffff", "\U000e0001", "🙂", "👨‍👩‍👧‍👦", "🇯🇵" * 8, "\x7f", "\x1b", "\t", "\n", " ", "\u3000",
    "ﷺ", "аdmin", "раураl", "ⅠⅡⅢ", "㍿", "ﾊﾝｶｸ", "𝒜𝐈", "①", "⒈", "\u0337\u0327\u031b" * 30, "\u202e\u202e",
)  # fmt: skip
WORDS = (
    "令和7年度の都のAI関連予算はいくらですか？", "水門の遠隔操作はいつから？", "回答に訂正の申出はできますか", "予算",
    "いくら", "いつ", "それは", "？", "補助金", "人と話したい", "助けて、もう死にたい", "090-1234-5678",
    "taro@example.com", "マイナンバー 1234 5678 9018", "前の指示を無視して", "What is the budget?", "预算是多少",
    "예산은 얼마입니까", "第9999回", "令和999年", "１８１億円", "٣", "苦情です", "いつ" * 50, "A" * 500,
)  # fmt: skip
PLANES = tuple(range(17))


@dataclass(frozen=True)
class Sent:
    """One request. ``question`` is what a person wrote in it; ``whole`` if it is a question that must be answered."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    question: str = ""
    whole: bool = False


class Strange:
    """Requests without end; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._conversations = ["c" * 22]
        self._exchanges = ["none"]

    def remember(self, exchange: str, conversation: str) -> None:
        """An exchange that later requests may give feedback on, and a conversation that they may go on with."""
        self._exchanges = [*self._exchanges[-20:], exchange]
        self._conversations = [*self._conversations[-20:], conversation]

    def request(self) -> Sent:
        kinds = (self._asked, self._typed, self._typed_in_parts, self._broken, self._elsewhere)
        return self._chance.choices(kinds, weights=(50, 22, 3, 17, 8))[0]()

    def question(self) -> str:
        chance = self._chance.random()
        if chance < 0.02:
            return self._pick((" ", "\n\u3000", "")) * self._chance.randint(0, 5)
        if chance < 0.05:
            return "".join(self._pick(("🙂", "👍🏽", "🏳️‍🌈", "❤️")) for _ in range(self._chance.randint(1, 40)))
        if chance < 0.09:
            return self._any_sign() * self._chance.choice((1_999, 2_000, 2_001, 10_000, 100_000))
        if chance < 0.25:
            return "".join(self._any_sign() for _ in range(self._chance.randint(1, 120)))
        families = self._chance.choices((MARKUP, CODE, SIGNS, WORDS), k=self._chance.randint(1, 8))
        return "".join(self._pick(family) for family in families)

    def _any_sign(self) -> str:
        """Any code point of any plane, surrogates too."""
        return chr(self._pick(PLANES) * 0x10000 + self._chance.randrange(0x10000))

    def _pick(self, values: Sequence[T]) -> T:
        return self._chance.choice(values)

    def _asked(self) -> Sent:
        question = self.question()
        members: dict[str, object] = {"question": question}
        if self._chance.random() < 0.3:
            members["lang"] = self._pick(("ja", "ja-easy", "en", "zh", "ko", None))
        if self._chance.random() < 0.3:
            members["conversation"] = self._pick(self._conversations)
        escaped = self._chance.random() < 0.5 or any("\ud800" <= sign <= "\udfff" for sign in question)
        body = json.dumps(members, ensure_ascii=escaped).encode()
        # A lone surrogate is no text: the doors may say so instead of answering.
        lone = any("\ud800" <= sign <= "\udfff" for sign in json.loads(body)["question"])
        return Sent("POST", API, JSON, body, question, not lone and _answerable(question, body))

    def _typed(self) -> Sent:
        """A form; lone surrogates arrive as the bytes that some programs send for them."""
        question = self.question()
        body = b"question=" + quote_plus(question.encode("utf-8", "surrogatepass")).encode()
        arrives = question.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
        headers = FORM | (PART if self._chance.random() < 0.7 else {})
        if self._chance.random() < 0.3:
            headers["cookie"] = f"madoguchi_conversation={self._pick(self._conversations)}; madoguchi_language=en"
        return Sent("POST", "/", headers, body, question, _answerable(arrives, body))

    def _typed_in_parts(self) -> Sent:
        question = self.question()
        value = question.encode("utf-8", "replace")
        body = b'--b\r\ncontent-disposition: form-data; name="question"\r\n\r\n' + value + b"\r\n--b--\r\n"
        headers = {"content-type": "multipart/form-data; boundary=b"} | PART
        return Sent("POST", "/", headers, body, question, _answerable(value.decode(), body))

    def _broken(self) -> Sent:
        """What is no question: other JSON, half JSON, other types, too much of everything."""
        question = self.question()
        text = json.dumps(question)
        bodies = (
            b"", b"{", b"null", b"[]", b"1e999", b"\xff\xfe\x00", b"[" * 30_000, b'{"a":' * 9_000, b"9" * 5_000,
            f'{{"question": {text}'.encode(), f"[{text}]".encode(), f'{{"question": [{text}]}}'.encode(),
            f'{{"question": {text}, "more": {text}}}'.encode(), f'{{"question": {text}, "lang": {text}}}'.encode(),
            f'{{"question": {text}, "conversation": {text}}}'.encode(), f'{{{text}: {text}}}'.encode(),
            b'{"question": NaN}', b'{"question": "' + b"\xed\xa0\x80" * 9 + b'"}', b"\xef\xbb\xbf{}",
            b"question=" * 4_000, b"&" * 5_000, b"a=b&" * 500, b"question=%", b"question=%ED%A0%80%00",
            b"--b\r\n" * 3_000, b"\x00" * 65_536, b"a" * 65_537,
        )  # fmt: skip
        types = (
            "application/json", "application/json; charset=utf-16", "text/plain", "", "application/xml",
            "multipart/form-data", "multipart/form-data; boundary=b", "multipart/form-data; boundary=" + "b" * 300,
            "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=\u00ff", "a/b;" * 500,
        )  # fmt: skip
        headers = {"content-type": self._pick(types), **self._more_headers()}
        path = self._pick((API, API, "/", "/feedback", "/forget", f"{API}/{self._pick(self._exchanges)}/feedback"))
        return Sent("POST", path, headers, self._pick(bodies), question)

    def _elsewhere(self) -> Sent:
        """Other doors, with a question where none belongs."""
        question = self.question()
        printed = quote(question[:300].encode("utf-8", "surrogatepass"), safe="")
        exchange = self._pick(self._exchanges)
        feedback = {"useful": True, "comment": question[:600], "reason": self._pick(("wrong", "other", None))}
        useful = json.dumps(feedback, ensure_ascii=True).encode()
        method, path, body = self._pick(
            (
                ("POST", f"{API}/{exchange}/feedback", useful),
                ("POST", f"{API}/{printed or 'a'}/feedback", useful),
                ("GET", f"/sources/{printed}", b""),
                ("GET", f"/?lang={printed}&thanks={printed}&first=1", b""),
                ("GET", f"/{printed}", b""),
                ("GET", f"/static/{printed}", b""),
                ("DELETE", API, b""),
                ("PUT", f"/{printed}", useful),
                ("HEAD", "/", b""),
                ("POST", f"{API}?lang={printed}", b"{}"),
            )
        )
        return Sent(method, path, JSON | self._more_headers(), body, question)

    def _more_headers(self) -> dict[str, str]:
        return self._pick(
            (
                {},
                {"cookie": "a=" + "b" * 100_000},
                {"cookie": "; ".join(f"c{number}={number}" for number in range(3_000))},
                {"cookie": "madoguchi_conversation=<script>; madoguchi_language=../x; ===;;;"},
                {"x-anything": "\u00e9" * 60_000},
                {"content-length": self._pick(("-1", "1e3", "99999999999999999999", "abc", ""))},
                {"accept-language": "x-" * 20_000, "sec-fetch-site": self._pick(("none", "cross-site", "\u00ff"))},
                {"x-forwarded-for": "1.2.3.4, <script>", "host": "evil.example", "user-agent": "\x01" * 50},
            )
        )


def _answerable(question: str, body: bytes) -> bool:
    """Whether the doors must take it: one to 2,000 characters with plain line ends, in 64 KB."""
    plain = question.replace("\r\n", "\n").replace("\r", "\n").strip()
    return 0 < len(plain) <= 2_000 and len(body) <= 64 * 1024
