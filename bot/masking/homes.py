"""Recognisers of homes told in words, and of addresses in other languages. Tried after the Japanese addresses."""

from __future__ import annotations

from bot.masking import checks
from bot.masking.shapes import Recogniser, always, recogniser

_ROOM = r"(?:(?:apt|apartment|room|rm|unit|flat|suite)\b\.?\s?#?\d{1,4}[A-Z]?,?\s)?"
_BESIDE = (
    r"(?:軒目|[0-9一二三四五六七八九十]+軒(?:隣|先|手前)|の隣|のとなり|の(?:真)?向かい|のむかい|の(?:真)?裏"
    r"|のうら|の角|のかど|の真上|の真下|のすぐ(?:横|上|前|裏|脇)"
    r"|の(?:横|脇|手前|突き当たり|斜め前|目の前)|(?:東|西|南|北|正面)口(?:を出|から)|徒歩\s?\d{1,3}\s?分"
    r"|歩いて\s?\d{1,3}\s?分|階建ての?\s?\d{1,2}階|\d{1,4}号室)"
)
_HOME = (
    r"(?:自宅|我が家|わが家|(?<![一-鿿])家|うち(?!の[一-鿿])|実家|住まい|すまい|住んで(?:い)?る(?:の"
    r"|ところ|場所|家|部屋))"
)
_HOME_ENDS = r"(?=です|だ(?!っ)|なんで|なの|で(?:す|、)|に(?:住|あ(?!りますか|るか|るの))|にす|。|[?!？！\n]|$)"
_EN_BESIDE = (
    r"(?:doors?\s|next (?:to|door)|left|right|behind|opposite|across|near(?:est)?|minutes?|corner"
    r"|exit|above|below|beside|in front|floor|blocks?)"
)
_EN_ASKS = r",\s(?:do|does|did|can|could|is|are|am|may|what|where|which|who|how|when|will|would|should|has|have)\s"
_ZH_BESIDE = (
    r"(?:旁边|旁|对面|對面|后面|後面|前面|隔壁|出口|楼上|樓上|第[一二三四五六七八九十\d]+[家栋户间]"
    r"|\d{1,4}[号號]?(?:室|楼|樓|栋|单元|弄)|拐角)"
)
_KO_BESIDE = (
    r"(?:옆|맞은편|건너편|뒤편|바로 (?:앞|뒤|위|옆)|출구|번째 집|골목|도보 ?\d{1,3}분|걸어서 ?\d{1,3}분|\d{1,5}호)"
)
_KO_PLACE = r"(?:[가-힣]{1,8}(?:특별시|광역시|특별자치시|시|도|구|군)\s){2,3}"

HOMES: tuple[Recogniser, ...] = (
    recogniser(
        "address",
        rf"(?P<it>(?<![\d-]){_ROOM}\d{{1,4}}-\d{{1,4}}(?:-\d{{1,4}}){{0,2}},?\s(?:[A-Z][a-z]{{2,20}}(?:-?"
        rf"(?:cho|machi))?,?\s){{1,2}})(?=[A-Z][a-z]{{2,20}}-(?:ku|shi|machi|cho|mura|gun)\b)",
        checks.not_the_seat,
    ),
    recogniser(
        "address", r"(?P<it>\b(?:apt|apartment|room|rm|unit|flat|suite)\b\.?\s?#?\d{1,4}[A-Z]?)(?=,?\s?\ue000)", always
    ),
    recogniser(
        "address",
        r"\b(?:i live at|we live at|living at|my (?:home |street )?address(?: is|:)|home address(?: is|:)"
        r"|reside at)\s(?P<it>[^.!?\n\ue000]{0,24}?\d[^.!?\n\ue000]{2,60}?)(?=[.!?\n\ue000]|,?\s(?:and|so"
        rf"|but)\s|{_EN_ASKS}|$)",
        checks.not_the_seat,
    ),
    recogniser(
        "address",
        r"\b(?:my|our)\s(?:house|home|apartment|flat|place)\sis\s"
        rf"(?P<it>[^.!?\n]{{2,60}}?{_EN_BESIDE}[^.!?\n]{{0,60}}?)(?=[.!?\n]|{_EN_ASKS}|$)",
        always,
    ),
    recogniser(
        "address",
        r"(?P<it>(?:[ぁ-ゖ]{2,12})?\d{1,3}ちょうめ\s?\d{1,3}(?:ばん(?:ち)?|[-の])?(?:\s?の?\s?\d{1,3}(?:ごう)?)?)",
        always,
    ),
    recogniser(
        "address",
        r"(?P<it>[ぁ-ゖ]{2,16}\d{1,4}[のー-]\d{1,4}(?:[のー-]\d{1,4}){1,2})(?=に(?:すん|すみ|います|いる)|が"
        r"(?:うち|いえ)|の(?:いえ|うち))",
        always,
    ),
    recogniser(
        "address",
        r"\b(?:i|we) live (?:on|at|in)\s(?P<it>(?:the )?\d{1,3}(?:st|nd|rd|th) floor[^.!?\n]{0,50})(?=[.!?\n]|$)",
        always,
    ),
    recogniser(
        "address",
        r"\b(?:i|we) live\s(?P<it>(?:(?:right|just|directly)\s)?(?:next (?:to|door)|behind|opposite|across from|above"
        r"|in the [^.!?\n]{2,30}?\b(?:next|behind|opposite|left|right))\b"
        rf"[^.!?\n]{{3,60}}?)(?=[.!?\n]|{_EN_ASKS}|$)",
        always,
    ),
    recogniser(
        "address",
        rf"{_HOME}(?:の場所)?(?:は|が|:|、)\s?"
        rf"(?P<it>[^。\n?!？！]{{1,36}}?{_BESIDE}[^。\n?!？！、]{{0,24}}?){_HOME_ENDS}",
        checks.told_home,
    ),
    recogniser(
        "address",
        rf"(?:^|[。、\n\s])(?:私は|わたしは)?(?P<it>[^。\n?!？！、]{{2,30}}?{_BESIDE}[^。\n?!？！、]{{0,16}}?)("
        r"?=に(?:住ん|すん|暮らし|居住)|が(?:自宅|我が家|うちで|家です))",
        always,
    ),
    recogniser(
        "address",
        r"(?:我家|我们家|我的家)(?:就?在|住在?|是)"
        rf"(?P<it>[^，。！？,.!?\n]{{2,30}}?{_ZH_BESIDE}[^，。！？,.!?\n]{{0,16}})",
        always,
    ),
    recogniser(
        "address",
        r"(?:我住在?|家住|住址[是:：]?|我家地址[是:：]?|我的地址[是:：]?)\s?"
        r"(?P<it>[^，。！？,.!?\n\ue000]{2,30}?\d{1,5}[号號室楼樓栋弄][^，。！？,.!?\n]{0,16})",
        always,
    ),
    recogniser(
        "address",
        rf"(?P<it>{_KO_PLACE}[가-힣]{{1,10}}\d{{0,2}}(?:로|길|동|읍|면|리|가|정|초|마치)\s?\d{{1,4}}"
        rf"(?:-\d{{1,4}}(?:-\d{{1,4}})?|번지)?(?:,?\s?\d{{1,4}}동)?(?:,?\s?\d{{1,5}}호)?)(?!\d|\s?(?:개|건|억"
        r"|회|명|년|월|일|조|만|원|엔|곳|차|시|분|%|단계|퍼센트))",
        always,
    ),
    recogniser(
        "address",
        rf"(?:우리 ?집|저희 ?집|제 ?집|집)(?:은|이)\s?(?P<it>[^.?!\n]{{2,36}}?{_KO_BESIDE}[^.?!\n]{{0,16}}?)"
        r"(?=입니다|이에요|예요|에 있|이고|인데|[.?!\n]|$)",
        always,
    ),
)
