"""Whether a word is the name of a private person, in English, Chinese and Korean. Each check reads the match of its
recogniser.
"""

from __future__ import annotations

import re

from bot.masking.checks import it
from bot.masking.persons import in_office, public_names, surname

_NOT_ENGLISH = re.compile(
    r"\b(?:tokyo|japan|japanese|chinese|korean|american|british|indian|asian|english|european|resident"
    r"|government|metropolitan|govtech"
    r"|copilot|chatgpt|ai|not|sure|just|very|the|governor|mayor|council|shinjuku|osaka|january|february|march"
    r"|april|may|june|july|august"
    r"|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|number"
    r"|secret|what|public|important"
    r"|nothing|someone|anyone|people|everyone|something|everything|happy|confused|sorry|glad|there|right|over"
    r"|vietnamese|filipino|nepali|nepalese|canadian|australian|german|french|italian|spanish|muslim|christian"
    r"|buddhist|what|is|in|on|to|hidden|robot|bean|president|chairman|speaker|minister|professor|director"
    r"|mayor|street|station|park|city"
    r"|learning|using|asking|writing|working|studying|trying|looking|wondering|later|back|tomorrow|maybe"
    r"|required|optional|needed|mandatory"
    r"|visible|shown|displayed|recorded|stored|kept|private|safe|services?|digital|data|customer|agency"
    r"|science|department|division"
    r"|ministry|support|resident|nobody|anonymous|graduate|engineer|university|hospital|library|school|bank"
    r"|office|center|centre|company|gemini|claude|strategy|guidelines?|council|bureau)\b",
    re.IGNORECASE,
)
_ENGLISH_VERBS = re.compile(
    r"\s(?:Is|Was|Has|Does|Did|Got|Failed|Applied|Lost|Works|Lives|Wants|Uses|Says|Said|When|What|Where|Why"
    r"|How|Who|Can|Could|Will|And)$"
)
_CHINESE_SURNAMES = frozenset(
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅梁宋郑鄭谢謝韩韓唐冯馮于董萧蕭程曹袁邓鄧许許傅"
    "沈曾彭吕呂苏蘇卢盧蒋蔣蔡贾賈丁魏薛叶葉阎"
    "余潘杜戴夏钟鍾汪田任姜范方石姚谭譚廖邹鄒熊金陆陸郝孔白崔康毛邱秦江史顾顧侯邵孟龙龍万萬段雷钱錢汤湯尹黎易常霍詹佟龚喻柯柴温溫祝葛甘庞龐齐齊倪殷章鲁魯翟柳耿聂聶焦左游阮凌牛季裴辛涂翁虞娄卓简骆褚盛岳缪冼邝蒲饶饒符岑鲍鮑"
    "桂池竺滕蓝藍施"
    "武乔喬贺賀赖賴龚龔文"
)
_CHINESE_DOUBLE = ("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "皇甫", "尉迟", "公孙", "令狐")
_NOT_CHINESE = re.compile(
    r"高兴|高興|[生员員者民人师師领主家问想户戶区區县县市都国國级級]$|高中|高级|程序|方便|方面|方案|白领|金融|石油|文化"
    r"|文件|常见|常用|常住|江户|江戶|任何|何时|史上"
    r"|东京|東京|日本|中国|外国|留学|学生|公务|公務|游客|孩子|老师|先生|太太|邻居"
)
_KOREAN_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류홍전고문양손배백허유남심노하곽성차주우구민진나지엄채원천방공현함변염"
    "여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_KOREAN_DOUBLE = ("남궁", "제갈", "선우", "황보", "독고", "사공", "서문")
_PLAINLY_KOREAN = frozenset("김박최윤임권황홍손배허곽강조정류엄")
_NOT_KOREAN = re.compile(
    r"연락처|부서|업무|창구|학생|직원|도민|시민|주민|국민|구민|공무원|회사원|주부|외국인|한국인|중국인|일본인"
    r"|이용자|사용자|신청자|장애인|노인|유학생|대학생|고등학|중학생|강사|조사|정부"
    r"|전략|지사|위원|의원|교수|사장|대표|시장|장관|총리|선생|아저|아가|아주|여러|손님|고객|담당|기자|의사"
    r"|간호|교사|변호|개발자|연구|임산부|임차인|배달|정치인|정규직"
    r"|최우선|최신|최종|최소|임시|정책|정보|정식|정답|조례|조건|조직|강력|강화|박사|박물|윤리|권리|권한|홍보"
    r"|손해|배포|허가|허용|엄격|황색|조선|최근|최고|최대|이것|그것|저것|주로|모두|여기|거기|어디|누구|무엇"
    r"|은행|회사|학교|병원|문제|질문|이름|전화|번호|주소|성함|아이|가족|친구|동생|부장|과장|팀장"
)


def english(match: re.Match[str]) -> bool:
    """A name in Latin letters: no nationality, no place, no person in office."""
    name = it(match)
    if _NOT_ENGLISH.search(name) or in_office(match):
        return False
    last = re.sub(r"^(?:mr|ms|mrs|dr)\.?\s", "", name.lower()).split()
    return not any(re.sub(r"['’]s$", "", word) in public_names() for word in last)


def chinese_stated(match: re.Match[str]) -> bool:
    """A Chinese name that the sentence leaves no doubt of."""
    return not re.search(
        r"什么|什麼|何|谁|誰|不|保密|^[了他她它你的过過来來去上下做人车車]|外卖|快递|出租|救护|警察|服务|外賣|叫车",
        it(match),
    ) and not in_office(match)


def chinese(match: re.Match[str]) -> bool:
    """A name that begins with a common Chinese family name and is no common word."""
    name = it(match)
    double = name.startswith(_CHINESE_DOUBLE)
    if not double and name[0] not in _CHINESE_SURNAMES:
        return False
    return len(name) <= (4 if double else 3) and not _NOT_CHINESE.search(name) and not in_office(match)


def chinese_or_japanese(match: re.Match[str]) -> bool:
    """A Chinese name, or a Japanese one whose family name is known, before 先生, 女士 or 小姐."""
    found = surname(it(match))
    return chinese(match) or (bool(found and len(found) >= 2 and len(it(match)) <= 6) and not in_office(match))


def korean_called(match: re.Match[str]) -> bool:
    """Whoever is called 씨, Japanese names in hangul too."""
    return (
        not _NOT_KOREAN.search(it(match))
        and not re.search(r"^(?:무슨|어떤|모든|그런|이런)", it(match))
        and not in_office(match)
    )


def korean_served(match: re.Match[str]) -> bool:
    """Whoever is called 님 and has no title or role."""
    return korean_called(match) and not re.search(r"[장사자원인민분객모]$|선생|형|누나|하나|임금", it(match))


def korean_full(match: re.Match[str]) -> bool:
    """A whole Korean name: double family names too, the others only where they begin no common word."""
    name = it(match)
    if name.startswith(_KOREAN_DOUBLE):
        return not in_office(match)
    return korean(match) and name[0] in _PLAINLY_KOREAN and not re.search(r"[인자생민원]$", name)


def korean_given(match: re.Match[str]) -> bool:
    """The given name of a child or friend before the 이 that such names take."""
    return not _NOT_KOREAN.search(it(match)) and not re.search(
        r"고양|어린|젊은|늙은|막내|지팡|호랑|쌍둥|놀|같|많|없|있|외톨|멍멍|원숭|나|차$", it(match)
    )


def korean_stated(match: re.Match[str]) -> bool:
    """A Korean name that the sentence leaves no doubt of."""
    return not re.search(
        r"없|무엇|뭐|학생|직원|회원|주민|시민|외국인|신청|비밀|익명|도민|전략", it(match)
    ) and not in_office(match)


def korean_plain(match: re.Match[str]) -> bool:
    """A Korean name that is a whole sentence."""
    if match.string.startswith("입니다", match.end("it")):
        return korean(match) and it(match)[0] in _PLAINLY_KOREAN
    return it(match)[0] in _KOREAN_SURNAMES and not _NOT_KOREAN.search(it(match))


def korean(match: re.Match[str]) -> bool:
    """A name that begins with a Korean family name and is no common word."""
    name = it(match)
    if name[0] not in _KOREAN_SURNAMES or _NOT_KOREAN.search(name) or in_office(match):
        return False
    return name[0] in _PLAINLY_KOREAN or not re.search(r"[생자원부민인는은이가을를의도와과에로]$", name)
