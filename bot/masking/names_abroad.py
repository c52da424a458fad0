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
    r"(?:(?:我们?家?的?|我們的?)(?:爱人|愛人|丈夫|妻子|老公|老婆|太太|先生|儿子|女儿|爸爸|妈妈|父亲|母亲|爷爷"
    r"|奶奶|朋友|同事"
    r"|邻居|哥哥|姐姐|弟弟|妹妹|老板|上司|同学|室友|孩子|婆婆|公公|外婆|外公|姥姥|姥爷|岳父|岳母|姑姑|阿姨"
    r"|舅舅|叔叔|侄子|侄女"
    r"|孙子|孙女|孫子|孫女|外孙|表哥|表姐|表弟|表妹|堂哥|堂弟|媽媽|爺爺|爸(?!爸)|妈(?!妈)|媽(?!媽)|兒子|女兒"
    r"|老闆|鄰居|同學|父親|母親|妻|房东|房東)"
    r"|(?:小女|小儿|小兒|犬子|内人|內人|外子|家父|家母|舍弟|舍妹|家兄))"
)
_ZH_GOES_ON = r"(?=[,，。.\s!！?？的在说說被是有也不很已今没想用去就要把和跟住问收申]|先生|女士|小姐|$)"
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
        rf"\b(?:i'm|i’m|i am|it's|call me|they call me|everyone calls me)\s(?P<it>{_EN_FULL}|(?<=call me\s){_EN_NAME})",
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
        rf"\b(?:i go by|i'm called|i am called|(?:people|friends|they|everyone) calls? me"
        rf"|i'm named)\s(?P<it>{_EN_NAME})",
        persons.english,
    ),
    recogniser(
        "name",
        rf"(?:^|[.!?,\n]\s?|\bhi |\bhello |\bhey )(?P<it>{_EN_NAME})(?= (?:speaking|writing|calling)\b)",
        persons.english,
    ),
    recogniser(
        "name",
        rf"\b(?:addressed to|spoke (?:to|with)|talked to|speaking (?:to|with)|served by|helped by|(?:signature"
        rf"|signed)(?: by| of| reads)?|ask(?:ed)? for"
        rf"|maiden name(?: is| was)?|née|née|formerly|(?:clerk|officer|lady|man|woman|person|staff member"
        rf"|guy)(?: at [a-z ]{{3,24}})? (?:was|is|named|called))"
        rf":?\s(?P<it>(?:(?:mr|ms|mrs|dr)\.?\s)?{_EN_FULL}|(?<=maiden name is\s){_EN_NAME}"
        rf"|(?<=maiden name was\s){_EN_NAME}|(?<=née\s){_EN_NAME})",
        persons.english,
    ),
    recogniser(
        "name",
        rf"\bi(?:'m|’m| am)\s(?P<it>{_EN_NAME})(?='s (?:mother|father|mum|mom|dad|wife|husband|son|daughter"
        rf"|parent|guardian))",
        persons.english,
    ),
    recogniser("name", rf"\b(?:it's|it’s|it is)\s(?P<it>{_EN_NAME})(?= (?:again|here|from)\b)", persons.english),
    recogniser("name", rf"\bthe name(?:'s|’s| is)\s(?P<it>{_EN_NAME})(?=[,.!?]|$)", persons.english),
    recogniser(
        "name",
        rf"\b(?:clerk|officer|lady|man|woman|person|someone|somebody|guy|neighbou?r|resident)\s(?:named"
        rf"|called)\s(?P<it>{_EN_NAME})",
        persons.english,
    ),
    recogniser("name", r"(?:옆집|앞집|윗집|아랫집|이웃|담당자|이웃집)\s(?P<it>[가-힣])(?=\s?씨)", persons.korean_plain),
    recogniser(
        "name",
        r"(?<![가-힣])(?P<it>[가-힣]{2,4})(?=\s님(?:께서|이|은|께|의|에게|한테)(?![가-힣]))",
        persons.korean_served,
    ),
    recogniser("name", rf"(?:--?|\n)\s?(?P<it>{_EN_FULL})$", persons.english),
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
    recogniser(
        "name",
        r"(?:我的?是|我的人是|的是|叫|找|跟|由|给|給|是|，|,)(?P<it>[一-鿿]{2,6}?)(?=先生|女士|小姐|老师)",
        persons.chinese_or_japanese,
    ),
    recogniser(
        "name", rf"(?:名叫|名字叫|名字是|叫做|姓名是|署名是?|本人)(?P<it>[一-鿿]{{2,4}}?){_ZH_GOES_ON}", persons.chinese
    ),
    recogniser(
        "name",
        r"(?:我是|我叫)(?P<it>[一-鿿]{2,4}?)(?=的(?:妈妈|爸爸|母亲|父亲|妻子|丈夫|家长|儿子|女儿|媽媽|母親|父親|家長))",
        persons.chinese,
    ),
    recogniser("name", r"(?:[，。,.\s]|^)(?P<it>[一-鿿]{2,4})(?=敬上|谨上|謹上|敬启|拜上)", persons.chinese),
    recogniser(
        "name",
        rf"(?:我叫|我的名字是|我的名字叫|제 이름은|이름은|名前は|なまえは|氏名は|氏名:|名前:"
        rf"|姓名:)\s?(?P<it>{_EN_NAME})(?![A-Za-z])",
        persons.english,
    ),
    recogniser(
        "name",
        rf"(?:我是|저는|私は|わたしは|僕は)\s?(?P<it>{_EN_FULL})(?=です(?!か)|と申|といい|입니다|이에요|예요"
        rf"|이라고|라고|[,，、。]|$)",
        persons.english,
    ),
    recogniser(
        "name",
        rf"(?:我姓|免贵姓|免貴姓|敝姓|本人姓|小姓|我免贵姓)\s?(?P<it>[一-鿿]{{1,2}}){_ZH_END}",
        persons.chinese_stated,
    ),
    recogniser("name", r"(?:我是|这里是|我就是)\s?(?P<it>[一-鿿]{2,4}?)(?=[,，。!！]|$)", persons.chinese),
    recogniser("name", rf"{_ZH_KIN}(?:叫做?|名叫|是|姓|,|，)?\s?(?P<it>[一-鿿]{{2,4}}?){_ZH_GOES_ON}", persons.chinese),
    recogniser(
        "name",
        r"(?:(?<![一-鿿])|(?<=邻居)|(?<=鄰居)|(?<=房东)|(?<=房東)|(?<=朋友)|(?<=同事)|(?<=老板)|(?<=隔壁)"
        r"|(?<=的))(?P<it>[一-鿿]{1,3})"
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
        r"(?:저는|나는|제가|(?<![가-힣])(?:난|전)(?=\s))\s?(?P<it>[가-힣]{2,4}?)(?=\s?이?라고 (?:합니다|해요"
        r"|불러|하는|하고))",
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
    recogniser(
        "name",
        r"(?<![가-힣])(?P<it>[가-힣]{2,5})(?=\s씨(?![가-힣]|\s?(?:뿌|심))|\s씨(?:가|는|의|를|와|도|께|한테"
        r"|에게|라|였|입니다|이|랑|로부터|하고|예))",
        persons.korean_called,
    ),
    recogniser(
        "name",
        r"(?:온|사는|다니는|있는|일하는|된)\s(?P<it>[가-힣]{3})(?=인데요?|입니다|이에요|예요|이?라고 (?:합니다"
        r"|해요|하는데))",
        persons.korean_full,
    ),
    recogniser(
        "name",
        r"(?:^|[.!?,\n]\s?)(?:안녕하세요[.,!]?\s)?(?P<it>[가-힣]{3})(?=인데요|이에요[.,]|예요[.,]|\s(?:드림"
        r"|올림|배상))",
        persons.korean_full,
    ),
    recogniser("name", r"(?:[.!?,\n\s])(?P<it>[가-힣]{3})(?=\s(?:드림|올림|배상)(?:[.\s]|$))", persons.korean_full),
    recogniser(
        "name",
        r"(?:제|우리|저희|내)\s(?:[가-힣]{1,3}\s)?(?:큰|작은|막내)?(?:아들|딸|손자|손녀|동생|남동생|여동생"
        r"|조카|친구|아이)\s(?P<it>[가-힣]{2})(?=이(?:가|는|를|랑|한테|도|의|에게))",
        persons.korean_given,
    ),
    recogniser("name", r"(?<![가-힣])(?P<it>[가-힣]{3})(?=씨[가는의를와도,\s])", persons.korean),
    recogniser("name", r"(?:^|[.!?,\n]\s?)(?P<it>[가-힣]{3})(?=입니다|이?라고 합니다)", persons.korean_plain),
    recogniser(
        "name",
        r"\b(?:regards|sincerely|thanks|thank you|cheers|best|yours)[,.!]?\s?(?:--?|\n|,)\s?"
        rf"(?P<it>{_EN_NAME})(?=\.?\s{{0,3}}$)",
        persons.english,
    ),
    recogniser("name", rf"(?<![A-Za-z] )(?P<it>{_EN_NAME})(?=, (?:who is )?my {_EN_KIN}\b)", persons.english),
    recogniser(
        "name",
        rf"(?:在下|鄙人|敝人|俺叫|咱叫|本人叫|大家叫我|都叫我)(?P<it>[一-鿿]{{2,3}}?){_ZH_END}",
        persons.chinese,
    ),
    recogniser(
        "name",
        r"(?:^|[，。,.!！?？\n])(?P<it>[一-鿿]{2,3})(?=是我的?(?:朋友|同事|邻居|鄰居|儿子|兒子|女儿|女兒|爱人|先生|太太|老师|同学|同學))",
        persons.chinese,
    ),
    recogniser(
        "name",
        r"(?<=\s)(?P<it>[가-힣]{3})(?=이?라고 (?:합니다|해요|하는데|하고요))",
        persons.korean_full,
    ),
)
