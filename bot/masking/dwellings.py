"""Recognisers of flats and parts of addresses: a building with a number, addresses in kana, Chinese and Korean.

Tried between the Japanese addresses and the homes told in words.
"""

from __future__ import annotations

from bot.masking import checks
from bot.masking.checks import UNIT
from bot.masking.shapes import Recogniser, always, recogniser

_LIVED_IN = (
    r"(?:コーポ|ハイツ|メゾン|ハイム|レジデンス|パレス|シャトー|ヴィラ|マンション|アパート|エステート|カーサ"
    r"|サンライズ|パークサイド|荘|寮|団地|社宅|官舎)"
)
_LETTERS = r"[ァ-ヺー一-鿿ぁ-ゖ・]"
_ROOM = (
    rf"(?:\d{{2,4}}|[〇一二三四五六七八九]{{2,4}})(?:号室|号(?![線車館棟])|室)?(?!\d|\s?(?:{UNIT}|棟|戸|世帯"
    rf"|階|室|カ所|ヶ所))"
)
_HOUSE = rf"{_LETTERS}{{0,12}}?(?:[、の\s]{{0,2}}\d{{1,3}}号棟)?[のー\s-]{{0,2}}"
_HOME = (
    r"(?:自宅|我が家|わが家|(?<![一-鿿])家|うち|実家|住まい|すまい|住所|(?:おれ|俺|うち|わたし|私|僕|ぼく"
    r"|あたし|オレ)んち)"
)
_ENDS = r"(?=なん|です|だ(?!っ)|に(?:住|あ|す|越|い)|で[すし、]|。|、|$)"
_WHERE = (
    r"(?:から(?:[二三四五六七八九2-9]つ目|数えて|入って|右|左|すぐ)|突き当た?り|つきあたり|行き止まり|屋根の"
    r"|壁の|角(?:を|の)?曲が|[二三四五六七八九2-9]軒目"
    r"|の(?:裏|隣|向かい|真向かい|真上|真下|となり|うら|むかい|手前|斜め向かい|並び))"
)
_EN_ROOM = r"(?:apt|apartment|room|rm|unit|flat|suite)\b\.?\s?#?\d{1,4}[A-Z]?"
_EN_WORD = r"(?-i:[A-Z][a-z]{2,20})(?:-(?:cho|machi|dai|gaoka))?"
_KO_HOUSE = r"(?:하임|맨션|멘션|아파트|빌라|하이츠|코포|레지던스|오피스텔|주택|타워|메종|연립|빌)"

DWELLINGS: tuple[Recogniser, ...] = (
    recogniser("address", rf"(?P<it>[ァ-ヺーA-Za-z・]{{0,12}}{_LIVED_IN}{_HOUSE}{_ROOM})", checks.flat),
    recogniser(
        "address",
        r"(?P<it>[ァ-ヺー]{3,14}[一-鿿ぁ-ゖ]{0,5}?\s?\d{3,4}(?:号室?|室)?)(?=に(?:住|すん|越|引っ越|入居|暮ら"
        r"|転入|転居)|在住|へ(?:越|引っ越))",
        checks.flat,
    ),
    recogniser(
        "address",
        rf"{_HOME}(?:は|が|って)[^。\n\d]{{0,10}}?(?P<it>{_LIVED_IN}(?!すまい|[でなにだのはがやもとへ暮住管経])[ァ-ヺー一-鿿ぁ-ゖ]{{2,8}}?){_ENDS}",
        always,
    ),
    recogniser("address", r"\ue000[^。\n\d、]{0,8}[、\s]?(?P<it>\d{3,4}号(?:室)?(?![線車館棟]))", always),
    recogniser(
        "address",
        r"(?:じゅうしょ|すまい|いえ|おうち|うち)(?:は|が|:"
        r"|、)?\s?(?:[ぁ-ゖ]{2,8}[くし]\s?)?(?P<it>[ぁ-ゖ]{2,14}\s?\d{1,4}[のー-]\d{1,4}(?:[のー-]\d{1,4}){0,2})(?!\d)",
        always,
    ),
    recogniser(
        "address",
        rf"{_HOME}(?:は|が|って|、)?\s?(?P<it>[^。\n?!？！]{{2,30}}?{_WHERE}[^。\n?!？！、]{{0,14}}?)(?=なん"
        rf"|です|だ(?!っ)|、|に(?:住|あ(?!りますか|るか|るの))|で[す、]|。|$)",
        checks.told_home,
    ),
    recogniser("address", rf"(?P<it>\b{_EN_ROOM},?\s(?:{_EN_WORD}\s?){{1,3}})(?=,\s(?:\d|\ue000))", always),
    recogniser(
        "address",
        r"(?P<it>\d{1,4}(?:-\d{1,4}){0,2},?\s(?-i:[A-Z][a-z]{2,20})(?:-?(?:cho|machi))?,?\s\d{1,2}-?chome)",
        checks.not_the_seat,
    ),
    recogniser(
        "address",
        r"(?P<it>\d{1,2}-?chome[\s,]{1,2}\d{1,4}(?:-\d{1,4}){0,2}(?:,?\s(?-i:[A-Z][a-z]{2,20}))?)",
        checks.not_the_seat,
    ),
    recogniser(
        "address",
        r"(?P<it>[一-鿿]{1,8}(?:公寓|大厦|大廈|花园|花園|小区|宿舍|大楼"
        r"|大樓)\s?(?:\d{1,3}[号號栋棟楼樓]\s?)?\d{2,5}(?:室|号|號|房)?)(?![\d层層年人名家个個%万])",
        always,
    ),
    recogniser(
        "address",
        rf"(?:[区區市縣县])(?P<it>[一-鿿]{{2,8}}?(?:\d{{1,3}}"
        rf"|[一二三四五六七八九十]{{1,3}})丁目\s?\d{{1,4}}(?:[之-]\d{{1,4}})?[号號番]?(?:\d{{1,3}}[号號])?)(?!\d"
        rf"|\s?{UNIT})",
        checks.not_the_seat,
    ),
    recogniser(
        "address",
        rf"(?P<it>(?:[가-힣]{{1,8}}\s?)?{_KO_HOUSE}\s?(?:\d{{1,4}}동\s?)?\d{{2,5}}호)(?!선|\s?(?:이상|이하"
        rf"|정도|규모|안|의안))",
        always,
    ),
    recogniser(
        "address",
        r"[가-힣]{1,8}[구시]\s(?P<it>[가-힣]{1,10}\s\d{1,4}-\d{1,4}-\d{1,4}(?:\s\d{2,5}호)?)(?![\d-])",
        checks.not_the_seat,
    ),
    recogniser("address", r"\ue000\s?(?P<it>[가-힣]{2,10}\s\d{2,5}호)", always),
    recogniser(
        "address",
        r"(?P<it>[가-힣]{2,8}\s?\d{1,2}\s?초메\s?\d{1,4}(?:번지?|-\d{1,4})?(?:\s?\d{1,4}호?)?(?:-\d{1,4})?)(?!\d|층)",
        always,
    ),
)
