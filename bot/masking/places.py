"""Recognisers of where someone lives and of names given as one's own. The order is the order of trying."""

from __future__ import annotations

from bot.masking import checks
from bot.masking.checks import UNIT
from bot.masking.shapes import KANJI, Recogniser, always, named, recogniser

_TOWN = r"[一-鿿々ヶケノァ-ヺーぁ-ゖ]"
_PLACE = rf"(?P<place>{_TOWN}{{1,7}}[市区町村郡])\s{{0,2}}"
_NO_PARTICLE = r"(?![のはがでにをとへもや])"
_PIECE = r"(?:\d{1,5}|[一二三四五六七八九十百]{1,4})"
_HYPHEN = r"\s?[-ーの]\s?"
_END = rf"(?![\d,.]|\s?{UNIT})"
_BUILDING = (
    "コーポ|ハイツ|マンション|アパート|メゾン|ハイム|レジデンス|パレス|ビル|タワー|コート|シャトー|ヴィラ|グラン|プラザ|ガーデン"
    "|荘|寮|団地|号棟"
)
_INSIDE = r"[ァ-ヺーぁ-ゖ一-鿿A-Za-z・]"
_ROOM = (
    rf"(?:[\s\-]{{0,2}}{_INSIDE}{{0,12}}?(?:{_BUILDING})(?:{_INSIDE}{{0,12}}?[\s\-]?\d{{1,4}}(?:号室?)?{_END}|[ァ-ヺー一-鿿]{{0,8}})"
    rf"|[\s\-]{{0,2}}[ァ-ヺー一-鿿A-Za-z]{{0,15}}[\s]?\d{{1,4}}号(?:室)?"
    rf"|[\s\-]{{0,2}}[ァ-ヺー・]{{2,12}}[一-鿿]{{0,6}}\s?\d{{3,4}}{_END}|[\s-]{{1,2}}\d{{2,4}}{_END})?"
)
_NAME = rf"[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,5}}?"
_SELF = r"(?:私|わたし|わたくし|僕|ぼく|俺|おれ|自分|当方)"
_AFTER_NAME = r"(?=[、,。.\s)）!！]|です(?!か)|だ(?:よ|けど|が|。|$)|と申|ともうし|といい|と言い|っていい|$)"

ADDRESSES: tuple[Recogniser, ...] = (
    recogniser("postal_code", "郵便番号", r"〒\s{0,3}(?P<it>\d{3}[\s-]{0,3}\d{4})(?!\d)", always),
    recogniser(
        "postal_code",
        "郵便番号",
        named("郵便番号|ゆうびんばんごう|zip(?: ?code)?|postal ?code|邮编|郵編|우편번호", r"\d{3}[\s-]{0,3}\d{4}"),
        always,
    ),
    recogniser("postal_code", "郵便番号", r"(?<![\d\-.,/p])(?P<it>\d{3}-\d{4})(?![\d\-/])(?![.,]\d)", checks.postal),
    recogniser(
        "address",
        "住所",
        rf"{_PLACE}(?P<it>(?P<town>{_NO_PARTICLE}{_TOWN}{{1,12}}?)\s{{0,2}}{_PIECE}(?:丁目|番地?|{_HYPHEN}{_PIECE})"
        rf"(?:[\s]?(?:の|-)?[\s]?{_PIECE}(?:番地?|号|丁目)?){{0,3}}{_ROOM})(?![\d])",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        rf"(?P<place>{_TOWN}{{1,7}}(?:[町村]|[市区郡](?=\s?\d{{3}})))\s?(?P<town>)(?P<it>\d{{1,5}}-\d{{1,4}}(?:-\d{{1,4}})?{_ROOM})(?![\d-])",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        rf"{_PLACE}(?P<it>(?P<town>{_NO_PARTICLE}[一-鿿々ヶケノ]{{1,6}})\d{{2,4}}(?:番地?)?)(?=$|[\s、。,.!?)」]|です|[にでのはへや在]){_END}",
        checks.lot,
    ),
    recogniser(
        "address",
        "住所",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}丁目[\s]?{_PIECE}(?:番地?|-)(?:[\s]?の?{_PIECE}号?)?(?:-\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        rf"(?P<place>)(?P<town>)(?P<it>{_PIECE}番地?[\s]?の?{_PIECE}号{_ROOM}|(?:\d{{1,4}}-)?\d{{1,5}}番地(?:の?\d{{1,4}})?{_ROOM})",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        rf"(?P<place>)(?P<it>(?P<town>[一-鿿々ヶ]{{2,8}})\d{{1,3}}-\d{{1,3}}-\d{{1,4}}(?:-\d{{1,4}})?{_ROOM})(?![\d-])",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        rf"(?P<place>)(?P<it>(?P<town>[一-鿿々ヶ]{{2,8}}?){_PIECE}(?:の{_PIECE}){{2,3}}{_ROOM})(?![\d-])",
        checks.street,
    ),
    recogniser(
        "address",
        "住所",
        r"(?<![\d-])(?P<it>\d{1,4}-\d{1,4}(?:-\d{1,4}){0,2},?\s(?:[A-Z][a-z]{2,20}(?:-?(?:cho|machi))?,?\s){1,2})(?=[A-Z][a-z]{2,20}-(?:ku|shi|machi|cho|mura|gun)\b)",
        always,
    ),
)

# 「…と言います」 also tells what somebody says: there only a known family name is a name.
NAMES: tuple[Recogniser, ...] = (
    recogniser("name", "氏名", rf"{_SELF}(?:の名前)?(?:は|が|、)\s?(?P<it>{_NAME}){_AFTER_NAME}", checks.known_person),
    recogniser(
        "name",
        "氏名",
        rf"(?:^|[、。,.\s!?！？はの\ue000])(?P<it>{_NAME})(?=(?:と申し|ともうし|と言います|といいます|っていいます))",
        checks.known_person,
    ),
    recogniser(
        "name", "氏名", rf"(?:^|[。.!?\n])\s?(?P<it>[{KANJI}]{{2,6}})(?=と申します|ともうします)", checks.person
    ),
    recogniser(
        "name",
        "氏名",
        rf"(?:^|[、。,.\s]|{_SELF}の)(?:お?名前|氏名|なまえ)(?:は|[:：]|\s)\s?(?P<it>{_NAME}){_AFTER_NAME}",
        checks.person,
    ),
    recogniser("name", "氏名", rf"(?:\ue000|在住)の\s?(?P<it>{_NAME})(?=です|と申|だ)", checks.known_person),
    recogniser(
        "name",
        "氏名",
        r"\bmy name(?: is|'s|:)\s(?P<it>[A-Za-z][A-Za-z'-]{1,20}(?:\s(?-i:[A-Z])[A-Za-z'-]{1,20}){0,2})",
        always,
    ),
    recogniser(
        "name", "氏名", r"(?:我叫|我的名字[是叫]|我姓名是)\s?(?P<it>[一-鿿]{2,4}?)(?=[,，。.、\s!！]|$)", always
    ),
    recogniser("name", "氏名", r"제? ?이름은\s?(?P<it>[가-힣]{2,4}?)(?=입니다|이에요|예요|이고|라고|[,.\s]|$)", always),
    recogniser("name", "氏名", r"저는\s?(?P<it>[가-힣]{2,4}?)(?=이?라고)", always),
)
