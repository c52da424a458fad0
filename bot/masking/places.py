"""Recognisers of where someone lives. The order is the order of trying."""

from __future__ import annotations

from bot.masking import checks
from bot.masking.checks import UNIT
from bot.masking.shapes import Recogniser, named, recogniser

_TOWN = r"[一-鿿々ヶケノァ-ヺーぁ-ゖ]"
_PLACE = rf"(?P<place>{_TOWN}{{1,7}}[市区町村郡])\s{{0,2}}"
_NO_PARTICLE = r"(?![のはがでにをとへもや])"
_PIECE = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4})"
_HYPHEN = r"\s?[-ーの]\s?"
_END = rf"(?![\d,.]|\s?{UNIT})"
_BUILDING = (
    "コーポ|ハイツ|マンション|アパート|メゾン|ハイム|レジデンス|パレス|ビル|タワー|コート|シャトー|ヴィラ"
    "|グラン|プラザ|ガーデン"
    "|荘|寮|団地|号棟"
)
_INSIDE = r"[ァ-ヺーぁ-ゖ一-鿿A-Za-z・]"
_ROOM = (
    rf"(?:[\s\-]{{0,2}}{_INSIDE}{{0,12}}?(?:{_BUILDING})(?:{_INSIDE}{{0,12}}?[\s\-]?\d{{1,4}}(?:号室?)?{_END}"
    rf"|[ァ-ヺー一-鿿]{{0,8}})"
    rf"|[\s\-]{{0,2}}[ァ-ヺー一-鿿A-Za-z]{{0,15}}[\s]?\d{{1,4}}号(?:室)?"
    rf"|[\s\-]{{0,2}}[ァ-ヺー・]{{2,12}}[一-鿿]{{0,6}}\s?\d{{3,4}}{_END}|[\s-]{{1,2}}\d{{2,4}}{_END})?"
)
ADDRESSES: tuple[Recogniser, ...] = (
    recogniser("postal_code", r"〒\s{0,3}(?P<it>\d{3}[\s\-ー]{0,3}\d{4})(?!\d)", checks.not_the_seat),
    recogniser(
        "postal_code",
        named("郵便番号|ゆうびんばんごう|zip(?: ?code)?|postal ?code|邮编|郵編|우편번호", r"\d{3}[\s-]{0,3}\d{4}"),
        checks.not_the_seat,
    ),
    recogniser("postal_code", r"(?<![\d\-.,/p])(?P<it>\d{3}-\d{4})(?![\d\-/])(?![.,]\d)", checks.postal),
    recogniser(
        "address",
        rf"{_PLACE}(?P<it>(?P<town>{_NO_PARTICLE}{_TOWN}{{1,12}}?)\s{{0,2}}{_PIECE}(?:丁目|番(?:地(?![域区]))?"
        rf"|{_HYPHEN}{_PIECE})"
        rf"(?:[\s]?(?:の|-)?[\s]?{_PIECE}(?:番(?:地(?![域区]))?|号|丁目)?){{0,3}}{_ROOM})(?![\d])",
        checks.street,
    ),
    recogniser(
        "address",
        rf"(?P<place>{_TOWN}{{1,7}}(?:[町村]|[市区郡](?=\s?\d{{3}})))\s?(?P<town>)(?P<it>\d{{1,5}}-\d{{1,4}}"
        rf"(?:-\d{{1,4}})?{_ROOM})(?![\d-])",
        checks.street,
    ),
    recogniser(
        "address",
        rf"{_PLACE}(?P<it>(?P<town>{_NO_PARTICLE}[一-鿿々ヶケノ]{{1,6}})\d{{2,4}}(?:番地?)?)(?=$"
        rf"|[\s、。,.!?)」]|です|[にでのはへや在]){_END}",
        checks.lot,
    ),
    recogniser(
        "address",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}丁目[\s]?{_PIECE}(?:番(?:地(?![域区]))?|-)"
        rf"(?:[\s]?の?{_PIECE}号?)?(?:-\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    recogniser(
        "address",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}番(?:地(?![域区]))?[\s]?の?{_PIECE}号{_ROOM}|"
        rf"(?:\d{{1,4}}-)?\d{{1,5}}番地(?![域区])(?:の?\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    recogniser(
        "address",
        rf"(?P<place>)(?P<it>(?P<town>[一-鿿々ヶ]{{2,8}})\d{{1,3}}-\d{{1,3}}-\d{{1,4}}(?:-\d{{1,4}})?{_ROOM})(?![\d-])",
        checks.street,
    ),
    recogniser(
        "address",
        rf"(?P<place>)(?P<it>(?P<town>[一-鿿々ヶ]{{2,8}}?){_PIECE}(?:の{_PIECE}){{2,3}}{_ROOM})(?![\d-])",
        checks.street,
    ),
)
