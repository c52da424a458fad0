"""Recognisers of names of private people in English, Chinese and Korean. The order is the order of trying."""

from __future__ import annotations

from bot.masking import persons_abroad as persons
from bot.masking.shapes import Recogniser, recogniser

_EN_NAME = r"(?-i:[A-Z][a-z'’-]{1,20}(?:\s(?:[A-Z]\.\s)?[A-Z][a-z'’-]{1,20}){0,2})"
_EN_FULL = r"(?-i:[A-Z][a-z'’-]{1,20}(?:\s(?:[A-Z]\.\s)?[A-Z][a-z'’-]{1,20}){1,2})"
_EN_KIN = (
    r"(?:husband|wife|spouse|partner|son|daughter|father|mother|dad|mum|mom|brother|sister|grand(?:father"
    r"|mother|son|daughter)"
    r"|friend|neighbou?r|boss|colleague|co-?worker|manager|supervisor|landlord|roommate|flatmate|teacher"
    r"|doctor|boyfriend|girlfriend"
    r"|uncle|aunt|cousin|nephew|niece|child|kid|classmate|fianc[eé]e?|case ?worker|caseworker)"
)
_ZH_END = r"(?=[,，。.、;；\s!！?？:：（(]|$)"
_ZH_KIN = (
    r"我的?(?:爱人|愛人|丈夫|妻子|老公|老婆|太太|先生|儿子|女儿|爸爸|妈妈|父亲|母亲|爷爷|奶奶|朋友|同事"
    r"|邻居|哥哥|姐姐|弟弟|妹妹|老板|上司|同学|室友|孩子)"
)
_ZH_GOES_ON = r"(?=[,，。.\s!！?？的在说說被是有也没想用去就要把和跟住问收申]|先生|女士|小姐|$)"
_KO_KIN = (
    r"(?:남편|아내|아들|딸|아버지|어머니|엄마|아빠|할머니|할아버지|친구|동료|상사|이웃|옆집|앞집|윗집|형"
    r"|누나|오빠|언니|동생|담당자|담당|직원|팀장|과장)"
)
_KO_GOES_ON = r"(?=\s?(?:씨|님|군|양)|이[가는랑]|[이가은는의을를도와과]|에게|한테|에요|예요|[,.\s]|$)"
_KO_COPULA = r"(?=\s?(?:입니다|이에요|예요|이예요|이고|라고|이라고|인데|이라|에요|이며|씨|[,.\s]|$))"

FOREIGN_NAMES: tuple[Recogniser, ...] = (
    recogniser(
        "name",
        r"\bmy (?:full |real )?name(?: is|'s|’s|:)\s(?P<it>[A-Za-z][A-Za-z'’-]{1,20}(?:\s"
        r"(?-i:[A-Z])[A-Za-z'’-]{1,20}){0,2})",
        persons.english,
    ),
    recogniser(
        "name",
        rf"\b(?:i'm|i’m|i am|it's|call me|they call me)\s(?P<it>{_EN_FULL}|(?<=call me\s){_EN_NAME})",
        persons.english,
    ),
    recogniser(
        "name",
        rf"\b(?:i'm|i’m|i am)\s(?P<it>{_EN_NAME})(?=,?\s(?:from|and i|living|calling|writing|here|speaking)\b)",
        persons.english,
    ),
    recogniser(
        "name", rf"\bthis is\s(?P<it>{_EN_NAME})(?=,?\s(?:from|calling|writing|speaking|here|again)\b)", persons.english
    ),
    recogniser(
        "name",
        rf"\b(?:my|our)\s(?:late |ex-?|eldest |oldest |youngest |best |old )?{_EN_KIN}(?:'s name is|’s name is"
        rf"| is (?:called|named)| is|,| named| called)?\s(?P<it>(?:(?:mr|ms|mrs|dr)\.?\s)?{_EN_NAME})",
        persons.english,
    ),
    recogniser("name", rf"\b(?:i'm|i’m|i am|call me)\s(?P<it>{_EN_NAME})(?=[,.!?]|$)", persons.english),
    recogniser("name", rf"(?:^|[.!?,\n]\s?)(?P<it>{_EN_NAME})(?= here[,.!])", persons.english),
    recogniser(
        "name",
        r"\b(?:on behalf of|(?:person|man|woman|someone|somebody|colleague|resident) (?:named|called)"
        r"|my client|the (?:patient|customer|applicant|clerk|officer)|contact person:?|attn:?|attention:?)\s"
        rf"(?P<it>{_EN_FULL})",
        persons.english,
    ),
    recogniser("name", rf"\b(?:mr|ms|mrs|miss)\b\.?\s(?P<it>{_EN_NAME})", persons.english),
    recogniser(
        "name", rf"\b(?:regards|sincerely|thanks|yours|signed|name)\s?[,:]\s{{0,2}}(?P<it>{_EN_FULL})", persons.english
    ),
    recogniser(
        "name",
        rf"(?:我叫做?|我的?(?:名字|姓名)[是叫:：]|本人姓名[是:：]?|姓名[:：])\s?(?P<it>[一-鿿]{{2,4}}?){_ZH_END}",
        persons.chinese_stated,
    ),
    recogniser(
        "name",
        r"(?:我叫做?|名字叫)\s?(?P<it>[一-鿿]{2,3}?)(?=想|请|問|问|是|住|来自|在|今年|也|和|,|，|。|$)",
        persons.chinese,
    ),
    recogniser("name", rf"{_ZH_KIN}(?:叫做?|,|，)?\s?(?P<it>[小阿][一-鿿]){_ZH_GOES_ON}", persons.chinese_stated),
    recogniser(
        "name",
        r"(?:负责人|工作人员|职员|担当|窗口的?|接待的?)(?:是|叫|的)?(?P<it>[一-鿿]{1,3})(?=先生|女士|小姐)",
        persons.chinese,
    ),
    recogniser("name", rf"(?:我姓|免贵姓)\s?(?P<it>[一-鿿]{{1,2}}){_ZH_END}", persons.chinese_stated),
    recogniser("name", r"(?:我是|这里是|我就是)\s?(?P<it>[一-鿿]{2,4}?)(?=[,，。!！]|$)", persons.chinese),
    recogniser("name", rf"{_ZH_KIN}(?:叫做?|名叫|是|姓|,|，)?\s?(?P<it>[一-鿿]{{2,4}}?){_ZH_GOES_ON}", persons.chinese),
    recogniser(
        "name",
        r"(?:(?<![一-鿿])|(?<=邻居)|(?<=朋友)|(?<=同事)|(?<=老板)|(?<=隔壁)|(?<=的))(?P<it>[一-鿿]{1,3})"
        r"(?=先生|女士|小姐|太太|老师)",
        persons.chinese,
    ),
    recogniser(
        "name",
        rf"(?:제|내|본인)? ?(?:이름|성함|성명)(?:은|이|[:：])\s?(?P<it>[가-힣]{{2,4}}?){_KO_COPULA}",
        persons.korean_stated,
    ),
    recogniser(
        "name",
        r"(?:저는|나는|난|전|제가)\s?(?P<it>[가-힣]{2,4}?)(?=\s?이?라고 (?:합니다|해요|불러|하는|하고))",
        persons.korean_stated,
    ),
    recogniser(
        "name", r"(?:^|[.!?,\n]\s?)(?P<it>[가-힣]{3,4}?)(?=이?라고 (?:합니다|해요|하는데|불러))", persons.korean_plain
    ),
    recogniser("name", r"(?:^|[.!?,\n\s])저\s(?P<it>[가-힣]{3})(?=인데요?|입니다|예요|이에요)", persons.korean),
    recogniser(
        "name",
        r"(?:저는|나는|난|전)\s(?:[가-힣]{2,8}(?:에 사는|의)\s)?(?P<it>[가-힣]{3})(?=\s?(?:입니다|이에요|예요"
        r"|인데요?|이고요?))",
        persons.korean,
    ),
    recogniser("name", rf"{_KO_KIN}(?:인|,)?\s(?P<it>[가-힣]{{3}}){_KO_GOES_ON}", persons.korean),
    recogniser("name", r"(?<![가-힣])(?P<it>[가-힣]{2,4})(?=\s씨(?![가-힣]{2}))", persons.korean),
    recogniser("name", r"(?<![가-힣])(?P<it>[가-힣]{3})(?=씨[가는의를와도,\s])", persons.korean),
    recogniser("name", r"(?:^|[.!?,\n]\s?)(?P<it>[가-힣]{3})(?=입니다|이?라고 합니다)", persons.korean_plain),
)
