"""Recognisers of names given as one's own or as those of private people. The order is the order of trying.

A name beside a title (委員, 知事, 教授) and the people of bot/masking/public_names.txt stay readable.
"""

from __future__ import annotations

from bot.masking import persons
from bot.masking.shapes import KANJI, Recogniser, recogniser

_NAME = rf"[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,5}}?"
_FULL = rf"[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,5}}"
_KATAKANA = r"(?<![ァ-ヺー・])[ァ-ヺー]{2,10}+(?:[\s・][ァ-ヺー]{2,10}+){0,2}"
_HIRAGANA = r"[ぁ-ゖ]{2,6}(?:[\s・][ぁ-ゖ]{2,5})?"
_SELF = (
    r"(?:私|わたし|わたくし|ワタシ|僕|ぼく|ボク|俺|おれ|オレ|自分|あたし|アタシ|当方|こちら|うち|申請者"
    r"|本人|差出人|送り主|投稿者|署名)"
)
_CALLED = (
    r"(?:と申(?:し(?!ますと|ましても)|す)|ともうし(?!ますと|ましても)|と言います(?!か)|と言う(?:者|もの)"
    r"|といいます(?!か)|という(?:者|もの)"
    r"|っていいます|って言います|いいます。)"
)
_AFTER = (
    r"(?=[、,。.\s)）!！]|です(?!か)|だ(?:よ|けど|が|。|$)|や(?:けど|ねん|。)|と申|ともうし|とい(?:い|う"
    r"(?:者|もの))|と言|でございます|$)"
)
_HONORIFIC = r"(?:さん(?!ぽ)|さま|様|氏|くん|君|ちゃん|殿|先生)"
_KIN = (
    r"(?<![一-鿿])(?:夫|妻|父|母|娘|息子|長男|長女|次男|次女|三男|三女|兄|姉|弟|妹|祖父|祖母|孫|旦那|主人|嫁"
    r"|家内|子ども|子供|子|おじ|おば"
    r"|叔父|叔母|伯父|伯母|いとこ|甥|姪|義父|義母|彼氏|彼女|婚約者|恋人|パートナー|友人|友達|友だち|ともだち"
    r"|親友|知人|知り合い)"
)
_NEAR = (
    r"(?<![一-鿿])(?:隣|となり|お隣|隣人|近所|ご近所|向かい|大家|同僚|上司|部下|先輩|後輩|同期|同級生|ママ友"
    r"|同居人|ルームメイト|管理人|町会長"
    r"|同じ[一-鿿ァ-ヺー]{1,4}|担当|担当者|ご担当|窓口|係|係員|受付|課|室|部署|ケアマネ(?:ジャー)?|ヘルパー"
    r"|主治医|担任|[課係室部局]長|主任|主査|主事)"
)
_PARTICLE = r"(?=さん|様|氏|君|くん|ちゃん|[がはもにをとのへや、,。]|から|より|です|だ|って|\s|[（(]|$)"
_BODY = (
    r"[一-鿿ァ-ヺーA-Za-z]{1,12}(?:局|部|課|係|室|区|市|町|村|センター|株式会社|会社|支所|事務所|商店|病院"
    r"|学校|大学|高校|在住)の\s?"
)
_START = r"(?:^|[、。,.\s!?！？\n「(（\ue000])"

JAPANESE_NAMES: tuple[Recogniser, ...] = (
    # 「…と言います」 also tells what somebody says: there only a known family name is a name.
    recogniser("name", rf"{_SELF}(?:の名前)?(?:は|が|も|、|,|[:：])\s?(?P<it>{_NAME}){_AFTER}", persons.plausible),
    recogniser("name", rf"{_SELF}(?:の名前)?(?:は|が|、|,)?\s?(?P<it>{_NAME})(?={_CALLED})", persons.plausible),
    recogniser("name", rf"(?:^|[、。,.\s!?！？はの\ue000])(?P<it>{_NAME})(?={_CALLED})", persons.known),
    recogniser(
        "name",
        rf"(?:^|[。.!?！\n、]|{_SELF}(?:は|、)?|(?:局|部|課|係|室|社|在住)の)\s?"
        rf"(?P<it>[{KANJI}]{{2,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,4}})(?=と申し(?!ますと|ましても)|と申す"
        rf"|ともうし(?!ますと|ましても))",
        persons.told,
    ),
    recogniser(
        "name",
        r"(?<![A-Za-z])(?P<it>(?-i:[A-Z])[A-Za-z.'’-]{1,20}(?:\s[A-Za-z.'’-]{2,20}){0,3})(?=\s?(?:と申し(?!ますと"
        r"|ましても)"
        r"|と申す|ともうし|といいます|っていいます))",
        persons.foreign,
    ),
    recogniser(
        "name", rf"(?P<it>{_NAME})(?:さん)?(?=という(?:方|者|職員|担当|友人|知人|女性|男性|係)|と名乗)", persons.known
    ),
    recogniser(
        "name", rf"(?:氏名|名前)(?:欄)?(?:に|には)「?(?P<it>{_NAME})」?(?=と(?:書|記入|入力|打))", persons.stated
    ),
    recogniser(
        "name",
        rf"(?:申請者|本人|代理人|保護者|利用者|患者|{_KIN})[（(・]\s?"
        rf"(?P<it>[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,5}}?)(?=[）)の、がはを]|と)",
        persons.known,
    ),
    recogniser("name", rf"{_SELF}(?:は|が|、)\s?(?P<it>[ぁ-ゖ]{{5,9}})(?=です(?:[。、!！]|が|けど|$))", persons.kana),
    recogniser(
        "name",
        rf"(?:^|[。.!?\n、])\s?(?P<it>[{KANJI}]{{2,4}})(?=と言います|といいます|っていいます)",
        persons.plausible,
    ),
    recogniser(
        "name",
        rf"(?:{_SELF}(?:の名前)?(?:は|が|、|,|\s)\s?|(?:^|[。!?\n、\s])(?=[ァ-ヺー・\s]{{2,22}}と(?:申|もうし)"
        rf"|[ァ-ヺー]{{2,10}}[・\s][ァ-ヺー]{{2,10}}(?:とい|と言|ってい)))(?P<it>{_KATAKANA})(?={_CALLED}"
        r"|です(?!か))",
        persons.foreign,
    ),
    recogniser(
        "name",
        rf"(?:{_SELF}(?:の名前)?(?:は|、)\s?|(?:^|[。!?\n]))(?P<it>[ぁ-ゖ]{{3,9}}?(?:\s[ぁ-ゖ]{{2,5}}?)?)"
        r"(?=\s?(?:ともうし|と申し|といいます(?:[。、!]|が|$)))",
        persons.kana,
    ),
    recogniser(
        "name",
        rf"(?:^|[、。,.\s]|{_SELF}の)(?:お?名前|氏名|なまえ|フルネーム|本名)(?:は|が|[:：]|\s)\s?「?"
        rf"(?P<it>{_NAME}){_AFTER}",
        persons.stated,
    ),
    recogniser(
        "name",
        rf"(?:お?名前|氏名|なまえ|本名)(?:は|が|[:：])\s?「?(?P<it>{_KATAKANA}|[ぁ-ゖ]{{2,9}}?"
        rf"(?:\s[ぁ-ゖ]{{2,5}}?)?)(?=です(?!か)|といい|とい|ともうし|と申|と言|[。」]|だよ|や[ね。]|$)",
        persons.kana,
    ),
    recogniser("name", rf"(?:お?名前|氏名)(?:は|[:：])\s?(?P<it>[{KANJI}]{{2,5}})(?=\s)", persons.known),
    recogniser("name", rf"(?:\ue000|在住)の\s?(?P<it>{_NAME})(?=です|と申|だ)", persons.known),
    recogniser(
        "name",
        rf"{_START}(?:私は?、?)?{_BODY}(?P<it>[{KANJI}]{{2,5}})(?=です(?!か)|と申|といい|と言い)",
        persons.plausible,
    ),
    recogniser(
        "name",
        rf"(?:担当|担当者|申請者|連絡先|代表者|世帯主|保護者|差出人|署名)(?:は|が|[:：])\s?(?P<it>{_NAME})"
        r"(?=です(?!か)|さん|様|氏|[。、\s]|$)",
        persons.plausible,
    ),
    recogniser("name", rf"(?:{_KIN}|{_NEAR})(?:である|の|、|で)\s?(?P<it>{_FULL}?)(?={_HONORIFIC})", persons.honoured),
    recogniser(
        "name",
        rf"(?:{_KIN}|{_NEAR})(?:である|の|、|で)\s?(?P<it>{_KATAKANA}|{_HIRAGANA})(?={_HONORIFIC})",
        persons.foreign,
    ),
    recogniser("name", rf"{_KIN}(?:である|の|、)\s?(?P<it>[{KANJI}]{{2,6}}){_PARTICLE}", persons.full),
    recogniser("name", rf"の(?P<it>{_KATAKANA})(?=さん|くん|ちゃん|氏|様)", persons.foreign),
    recogniser(
        "name", rf"(?<![ァ-ヺー])(?P<it>[ァ-ヺー]{{2,8}}[{KANJI}]{{1,4}})(?=と申し|と申す|といいます)", persons.foreign
    ),
    recogniser("name", rf"(?:の席の|の|に住む)(?P<it>[{KANJI}]{{2,5}})(?=さん|くん|ちゃん)", persons.somebody),
    recogniser(
        "name",
        rf"{_KIN}(?:である|の)\s?(?P<it>[{KANJI}ぁ-ゖァ-ヺ]{{1,5}}?[子美郎太介香奈菜斗翔輝樹恵乃花也哉彦雄一])"
        rf"{_PARTICLE}",
        persons.given,
    ),
    recogniser("name", rf"{_KIN}の(?P<it>{_KATAKANA})(?=[がはもに])", persons.foreign_kin),
    recogniser(
        "name",
        rf"(?<![{KANJI}])(?P<it>[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,5}}?)(?={_HONORIFIC})",
        persons.private,
    ),
    recogniser(
        "name",
        rf"(?:^|[。.!?！\n、])\s?(?P<it>[{KANJI}]{{2,6}}[ぁ-ゖ]{{0,3}}?)(?=です(?:[。、!！]|が|けど|けれど|$)"
        r"|でございます)",
        persons.greeting,
    ),
    recogniser("name", rf"{_KIN}の(?P<it>[{KANJI}]{{1,4}}[ぁ-ゖ]{{2,3}}?){_PARTICLE}", persons.full_in_kana),
)
