"""Whether a word is a private person's name where a sentence tells of them in passing. Each check reads a match."""

from __future__ import annotations

import re
from functools import cache

from bot.masking import person_words as words
from bot.masking.checks import it
from bot.masking.persons import bare, given_like, in_office, listed, places, stated, surname, surnames

_ROLE = re.compile(
    r"[士師者員官長医家屋手司婦人生民客様主役係方達子供社庁省局課部署院校園所館党室店組事物車力性的化金費額案法議優体会業行政府団国都区市僚等族付集協]$"
    r"|市長|町長|学校|先方|警察|消防|救急|郵便|宅配|大工|左官|巡査|刑事|[東西南北]口|仏|神|鬼$|猫|犬|象$|熊$|赤$|お$"
    r"|受付|同上|不明|相手|本部|皆|各|貴|奥|御|併記|使用|表記|変更|電子|印鑑|実名|空欄|記入|漢字|英語|平仮名"
    r"|片仮名|日付|同意|別姓|同じ|未定"
)
_NOT_AN_ENTRY = re.compile(r"[のをにでが]|^(?:今|現在|以前|変更|元)|名$|姓$|欄$|印$|用$|別$|語$|字$")
_GIVEN_FIRST = frozenset(
    "颯蓮陽湊翔悠律樹朝蒼碧大海結奏暖柊琉凛葵紬芽咲莉杏美愛心彩優花華桜陸空隼匠拓健雄智浩裕達哲誠正和義康俊隆"
    "孝弘博昭茂清進勝実勇富千芳文静節恵幸由真麻直里理沙佳香純順亜絵瑠玲怜伶綾茜楓椿菫百桃梨菜夏春秋冬雪月星光"
    "一二三柚絢紗珠早希沙茉芹藍澪凪朔慧詩寧志輝昊瑞奈乃啓敬慶圭桂賢憲研謙龍竜虎獅凌遼涼亮諒遥晴春瑛英栄永泰太泉伊依聡悟慎信伸晋秀修宗爽創壮想奈七那成克"
)
_GIVEN_LAST = frozenset(
    "真介太郎斗人翔輝樹恵乃哉彦雄子美菜奈香花華音織莉里理沙紗衣依絵江枝代世与予佳果歌夏実未海望希紀貴基喜"
    "愛咲夢凪晴空陽"
    "吾悟護平兵助輔佑祐亮良明章昭彰晃光暁義吉良信伸之幸行征治司志史士嗣馬磨真麿生弥也矢哉太汰大心葉羽帆穂月那"
)
_NOT_GIVEN = re.compile(
    r"大人|人生|一人|二人|三人|文化|平和|直治|正義|大海|大志|太平|一生|先生|美人|静養|進行|信義|実子|養子|正直|正月"
    r"|成人|成果|英語|結果|結実|真実|文士|理士|修士|心理|月世|光明|光栄|清明|義士|義理|義太|文子|文世|文治"
    r"|泰平|健康|夏季"
    r"|修行|信望|希望|実行|直行|一行|二世|三世|一世|二月|三月|一月|七月|千代田|純真|理里|心月|亜月|創世|成就|進級|春日"
    r"|奏音$|大和|和平|和音|和歌|百葉|千葉|三里|千里|一里|実里|秀吉|一美|七人|大司|大吉|大望|一心|真心|直生|空子|一望"
    r"|理生|衛生|永世|永代|千代|一代|二代|三代|成香|英明|成実|健行|陸行|海行|空行|太子|勇士|勇志|博士|智恵"
    r"|進士|文人|瑞穂|詩歌|誠心|良心|信心|孝行|信愛|博愛|純愛|友愛|慈愛|悪夢|青空|大空|夏空|星空|秋晴|太陽"
    r"|夕陽|心陽|志士|早世|早朝|海空"
    r"|百人|千人|三人|月光|星光|星月|海月|陽光|日光|春夏|秋月|信仰|正史|和史|文明|文月|伸子|光子|陽子$"
)


@cache
def _families() -> frozenset[str]:
    return listed("names_in_kana.txt")


@cache
def _givens() -> frozenset[str]:
    return listed("given_in_kana.txt")


_SINGLE_GIVEN = frozenset("葵凛凜蓮湊翔楓茜颯駿渚隼翼萌栞梓誠豊聡稔昇瞳渉亮潤瑛怜蒼悠")


def in_hiragana(name: str) -> str:
    """Katakana as hiragana, without spaces."""
    return "".join(chr(ord(sign) - 0x60) if "ァ" <= sign <= "ヶ" else sign for sign in re.sub(r"[\s・]", "", name))


def family_in_kana(match: re.Match[str]) -> bool:
    """A common family name in kana, with or without a given name behind a space."""
    first = re.split(r"[\s・]", it(match).strip())[0]
    return in_hiragana(first) in _families() and not in_office(match)


def named_in_kana(match: re.Match[str]) -> bool:
    """A common family or given name in kana."""
    return family_in_kana(match) or in_hiragana(it(match)) in _givens()


def given_in_kanji(name: str) -> bool:
    """Whether one to three kanji read as a given name by their first and last sign."""
    if name in _SINGLE_GIVEN:
        return True
    plain = 2 <= len(name) <= 3 and name[0] in _GIVEN_FIRST and name[-1] in _GIVEN_LAST
    return plain and not _NOT_GIVEN.search(name) and not words.COMMON.search(name) and not words.STOPS.search(name)


def child(match: re.Match[str]) -> bool:
    """The given name of one's kin, in kanji or kana, where no honorific follows."""
    name = bare(match)
    return not in_office(match) and (given_in_kanji(name) or in_hiragana(name) in _givens() or family_in_kana(match))


def entered(match: re.Match[str]) -> bool:
    """What stands in a field for names or after 旧姓: any name, no word about the field."""
    name = bare(match)
    if name in surnames():
        return not in_office(match)
    if _NOT_AN_ENTRY.search(name) or (words.COMMON.search(name) and not surname(name)):
        return False
    return not _ROLE.search(name) and stated(match) if len(name) <= 3 else full_name(match)


def full_name(match: re.Match[str]) -> bool:
    """Family name and given name; the family name may be unknown where the given name reads as one."""
    name = bare(match)
    if in_office(match) or not 3 <= len(name) <= 7:
        return False
    found = surname(name)
    if found and len(found) >= 2:
        return not _ROLE.search(name) or given_in_kanji(name[len(found) :])
    return (len(name) >= 4 and given_in_kanji(name[2:])) or (
        given_in_kanji(name[-2:]) and not words.COMMON.search(name)
    )


def family(match: re.Match[str]) -> bool:
    """A family name of two signs or more that is no place, or such a name with a given name."""
    name = bare(match)
    if in_office(match):
        return False
    if name in surnames():
        return len(name) >= 2 and name not in places()
    found = surname(name)
    if found is None or len(found) < 2 or len(name) > 5:
        return False
    return given_in_kanji(name[len(found) :]) or re.split(r"[\s・]", it(match))[0] in surnames()


def served(match: re.Match[str]) -> bool:
    """Somebody called さん or 様 who served, called or is the matter: any name but a role, a shop or a place."""
    name = bare(match)
    if in_office(match) or re.search(r"[ぁ-ゖ]", name[:1]):
        return False
    if name in surnames():
        return True
    found = surname(name)
    if _ROLE.search(name) or words.COMMON.search(name) or words.STOPS.search(name):
        return False
    return len(name) <= 5 and (found is not None or given_like(name) or 2 <= len(name) <= 3)


def belongs(match: re.Match[str]) -> bool:
    """The one whose mother or father speaks (「颯真の母です」)."""
    name = bare(match)
    return child(match) or (name in surnames() and len(name) >= 2 and name not in places())


def known_family(match: re.Match[str]) -> bool:
    """A known family name of somebody who says what they did before; it may be a place too."""
    name = bare(match)
    return not in_office(match) and ((name in surnames() and len(name) >= 2) or family(match))


def kin(match: re.Match[str]) -> bool:
    """What one's kin is called, by family name or given name."""
    return child(match) or known_family(match)


def told_in_full(match: re.Match[str]) -> bool:
    """Family name and given name, both known, as a whole sentence."""
    name = bare(match)
    found = surname(name)
    return (
        found is not None
        and len(found) >= 2
        and name != found
        and not in_office(match)
        and given_in_kanji(name[len(found) :])
    )
