"""Recognisers of Japanese names that are told in passing: fields, former names, kin, colleagues, dialect.

Tried after the names of ``names``, in this order. What stands after weak evidence must be a known name.
"""

from __future__ import annotations

from bot.masking import persons, persons_told
from bot.masking.shapes import KANJI, Recogniser, recogniser

_KANJI_NAME = rf"[{KANJI}]{{1,4}}[\s・]?[{KANJI}ぁ-ゖァ-ヺー]{{0,4}}?"
_PLAIN = rf"[{KANJI}]{{2,5}}"
_SPACED = rf"[{KANJI}]{{1,3}}[\s・]?[{KANJI}]{{0,3}}"
_KANA = r"(?:[ぁ-ゖ]{2,6}|[ァ-ヺー]{2,6})(?:[\s・](?:[ぁ-ゖ]{2,5}|[ァ-ヺー]{2,5}))?"
_START = r"(?:^|[、。,.\s!?！？\n「『(（…~〜\ue000])"
_SELF = (
    r"(?:わたす|わだす|あっし|わて|わし|わい|ワイ|おら|オラ|おいら|うち|ウチ|わたし|わたくし|私|俺|おれ|僕"
    r"|ぼく|あたし|あたい|自分|小生|拙者|手前|当方|こちら)"
)
_CALLED = (
    r"(?:い(?:い|ー)ます(?:ねん|ねや|わ|。|!)|い(?:う|ー)(?:もん|者|もの)|いうねん|いいまして|いいますけど|いいますが"
    r"|っ?[っつ]う(?:もん|者|もの|んです|んだ)|っ?ちゅう(?:もん|者|もの|と(?:です|ばい)|んです|ねん)|っ?ちいいます"
    r"|と申す(?:者|もの)|という(?:者|もの|名前)|と言う(?:者|もの|名前)|って(?:者|もの|名前|いう(?:者|もの"
    r"|名前)|言う(?:者|もの|名前))"
    r"|と呼んで|って呼んで|と呼ばれて|って呼ばれて|と名乗|だと申)"
)
_OWN_KIN = (
    r"(?<![一-鿿])(?:夫|妻|父|母|娘|息子|長男|長女|次男|次女|三男|三女|兄|姉|弟|妹|祖父|祖母|孫(?:娘|息子)?"
    r"|旦那|主人|嫁|家内"
    r"|子ども|子供|子|甥|姪|従兄|従妹|いとこ|義父|義母|義兄|義姉|義弟|義妹|叔父|叔母|伯父|伯母|彼氏|婚約者"
    r"|友人|友達|親友)"
)
_WORK = (
    r"(?<![一-鿿])(?:同僚|上司|部下|先輩|後輩|同期|同級生|大家|隣人|隣|友人|友達|親友|知り合い|秘書|新人|弊社"
    r"|当社|わが社|我が社|弊部|弊課|小社|相方|知人|管理人)"
)
_GOES_ON = r"(?=[がはもにをとの、,。（(]|から|より|って|です|だ|\s[がはもに]|\s?\d|$)"
_FIELD = (
    r"(?:署名|署名欄|サイン|氏名欄|名前欄|名前の欄|宛名|宛名欄|宛先|差出人|差出人欄|申請者欄|名札|名刺|表札"
    r"|名義|名義人|契約者"
    r"|依頼人|依頼者|記入者|記名欄|捺印欄|受取人)"
)
_SERVED = (
    r"(?=さん(?:って(?:人|方|いう|言う)|という(?:人|方|女|男|職|係)|と(?:いう|おっしゃ|名乗)|でした|だった|でよ"
    r"|が(?:言|い[っう]|対応|応対|案内|説明|教え|担当|受け|出て|電話|書い)|に(?:対応|案内|説明|教え|聞い|きい"
    r"|言われ|相談した|お世話|伺|頼ま)"
    r"|から(?:電話|連絡|案内|説明|聞|メール|言われ|頼ま|伺|の電話|のメール|の連絡|紹介)|の(?:件|お宅|説明では"
    r"|案内では|対応)"
    r"|宛|あて|宅(?:の|に|で|が)))"
)
_MATTER = (
    r"(?=様(?:の(?:件|お宅|ご家族|申請|お問い?合わ?せ|ご相談|依頼)|から(?:の)?(?:お問い?合わ?せ|問い?合わ?せ"
    r"|ご?相談|電話|お電話|ご?連絡|依頼|申請|メール|苦情|質問)"
    r"|より(?:お問い?合わ?せ|ご?相談|お電話|ご?連絡|ご依頼)|宛|あて|にご(?:案内|連絡|説明)|がご?(?:来庁|来所"
    r"|相談|来て)))"
)
_PARENT = r"(?:母親?|父親?|保護者|祖母|祖父|妻|夫|娘|息子|姉|兄|妹|弟|親|家族|代理人?|ママ|パパ)"

NAMES_TOLD: tuple[Recogniser, ...] = (
    recogniser(
        "name",
        rf"旧姓(?:は|が|で|:|→)?\s?「?(?P<it>{_SPACED})」?(?=[、。,\s]|です|で|の(?!ま)|と|から|だ|$)",
        persons_told.entered,
    ),
    recogniser(
        "name",
        r"(?:旧姓(?:は|が|で|:)?\s?\ue000{2,12}[^。!?\n]{0,6}|旧姓[^。!?\n]{1,12}|(?:結婚し(?:て|た)|改姓"
        r"|離婚し(?:て|た)|改名)[^。!?\n]{0,4})(?:いま|今|現在|現姓|新姓)(?:は|が)\s?"
        rf"(?P<it>{_KANJI_NAME})(?=です|だ|と|に|。|$)",
        persons_told.entered,
    ),
    recogniser(
        "name",
        rf"(?<!ユーザー)(?<!ファイル)(?<!サービス)(?:お?名前|氏名|なまえ|姓名|本名|名義)(?:→|⇒|=|=>|->|/)"
        rf"\s?(?P<it>{_SPACED})(?=[\s、。,/)）]|$)",
        persons_told.entered,
    ),
    recogniser(
        "name",
        rf"(?:お客様|お客さま|相手|利用者|申請者|相談者|依頼者|本人|担当者?|先方|患者|{_OWN_KIN})の(?:お?名前"
        rf"|氏名)(?:は|が|:)\s?"
        rf"(?P<it>[{KANJI}]{{2,6}}|[{KANJI}]{{1,3}}[\s・][{KANJI}ぁ-ゖ]{{1,4}}"
        rf"|[{KANJI}]{{1,3}}[ぁ-ゖ]{{2,3}})(?=[、。,\s]|です(?!か)|で、|と|だ|$)",
        persons_told.entered,
    ),
    recogniser(
        "name",
        rf"(?:なまえ|名前|おなまえ)(?:わ|は|→)\s?(?P<it>{_KANA})(?=[、。,!\s]|です(?!か)|だよ|っていう|$)",
        persons_told.named_in_kana,
    ),
    recogniser(
        "name",
        rf"{_FIELD}(?:に|には|が|は|の欄に|の欄が|で)\s?[「『]?(?P<it>{_SPACED})(?=(?:殿|様"
        rf"|拝)?[」』]?(?:と(?:ある|あり|あっ|書|記|入|なっ|署名|い[うっ])"
        r"|って(?:書|ある|なっ)|に(?:なって|し(?:た|て))|の(?:署名|名前|印)|名義)|殿|様)",
        persons_told.entered,
    ),
    recogniser(
        "name",
        rf"(?:末尾|文末|最後|冒頭|氏名|名前|封筒|手紙|通知|メール)(?:に"
        rf"|には)\s?[「『]?(?P<it>{_SPACED})(?=(?:殿|様|拝|より)?[」』]?(?:と(?:ある|あり|あっ|書"
        r"|記|入|署名)|って(?:書|ある)))",
        persons_told.family,
    ),
    recogniser("name", rf"(?:^|[。!?\n])\s?(?P<it>{_PLAIN})(?=です(?:[。、!]|$)|と申)", persons_told.told_in_full),
    recogniser(
        "name",
        rf"(?:[「『\n\s、。]|^)(?P<it>{_PLAIN})(?=(?:拝|敬具|謹白|拝具)(?:[」』。\s\n]|$))",
        persons_told.full_name,
    ),
    recogniser(
        "name",
        rf"{_SELF}(?:は|が|、|,|の名は)?\s?(?P<it>{_SPACED}|[{KANJI}]{{2,3}}[ぁ-ゖ]{{2,3}})(?={_CALLED})",
        persons_told.entered,
    ),
    recogniser(
        "name",
        rf"{_SELF}(?:は|が|、|,|の名は)?\s?(?P<it>{_KANA})(?={_CALLED}|とい|って(?:い|言)|と申|ともう)",
        persons_told.named_in_kana,
    ),
    recogniser(
        "name", rf"(?:{_START}|{_SELF})\s?(?P<it>{_SPACED})(?={_CALLED}|っていうん|っていうも)", persons_told.family
    ),
    recogniser(
        "name",
        rf"{_OWN_KIN}は(?P<it>{_SPACED}|{_KANA})(?=とい(?:います|い、|いまして|う名)|と申|って(?:いう名|名前"
        rf"|いいます))",
        persons_told.kin,
    ),
    recogniser("name", rf"{_OWN_KIN}の名前?は(?P<it>{_SPACED}|{_KANA})(?=で|と|だ|。|、|$)", persons_told.kin),
    recogniser(
        "name",
        rf"(?:電話(?:を)?|相談|連絡(?:を)?|質問|訪問|申請|予約|問い?合わ?せ|お世話に|お話|メール(?:を)?"
        rf"|申し?込(?:ん|み)|伺|うかが|お願い)[ぁ-ゖ]{{1,7}}?[たる]、?(?P<it>{_SPACED})"
        r"(?=です(?!か)|と申|でございます|といい|だけど|やけど)",
        persons_told.known_family,
    ),
    recogniser(
        "name",
        rf"(?:代理|代理人|秘書|総務|営業|経理|広報|人事|事務|担当)の(?P<it>{_SPACED})(?=です(?!か)|と申"
        rf"|でございます|といい)",
        persons_told.known_family,
    ),
    recogniser(
        "name",
        rf"[一-鿿ぁ-ゖ](?:う|る|す|む|た|の|ている|ております)(?P<it>{_PLAIN})(?=と申(?:す|し(?!ますと|ましても)))",
        persons_told.full_name,
    ),
    recogniser(
        "name",
        rf"(?:おります|ています|している|やってる|しとる|る|の|です)[、,\s]?(?P<it>{_SPACED})(?=でございます"
        rf"|と申(?:す|し(?!ますと|ましても))|といいます|と言います)",
        persons_told.family,
    ),
    recogniser(
        "name",
        r"(?<![ァ-ヺー])(?P<it>[ァ-ヺー]{2,8}(?:\s[ァ-ヺー]{2,8})?)(?=ト\s?モウシ|ト\s?イイマス|トモウス)",
        persons.foreign,
    ),
    recogniser(
        "name",
        rf"{_START}(?P<it>[ぁ-ゖ]{{3,6}})(?=っていいます(?!か)|と申します|といいます(?!か)|ともうします)",
        persons_told.family_in_kana,
    ),
    recogniser(
        "name",
        rf"(?:^|[。!?\n、~〜…])\s?(?:私、?|あの[ー〜~、]{{0,2}}|えっと、?|こんにちは、?|はい、?)?(?P<it>{_KANA})"
        r"(?=です(?:けど|が[、。\s]|[。、!]|$)|やけど|だけど|でございます|なんですけど|なんですが)",
        persons_told.family_in_kana,
    ),
    recogniser(
        "name",
        rf"(?:^|[。!?\n、~〜…])\s?(?P<it>{_PLAIN})(?=です(?:けど|けれど|が[、。\s])|やけど|だけど|でございます"
        rf"|なんですけど|なんですが)",
        persons_told.family,
    ),
    recogniser(
        "name",
        rf"(?:^|[。!?\n、])\s?(?:こちら|こっち|当方|わたくし|私|俺|僕|拙者)[、\s]?(?P<it>{_PLAIN})(?=[、。,]"
        rf"|です(?!か)|と申|でございます|だ[がけ。])",
        persons_told.family,
    ),
    recogniser(
        "name",
        rf"{_OWN_KIN}(?:である|の|、)\s?(?P<it>[{KANJI}]{{1,3}}|[ぁ-ゖ]{{2,4}}|[ァ-ヺー]{{2,4}}){_GOES_ON}",
        persons_told.child,
    ),
    recogniser(
        "name",
        rf"{_OWN_KIN}[（(「]\s?(?P<it>[{KANJI}]{{1,3}}|[ぁ-ゖ]{{2,4}}"
        rf"|[ァ-ヺー]{{2,4}})(?=[、,・\s]\s?\d{{1,3}}|[）)」])",
        persons_told.child,
    ),
    recogniser(
        "name",
        rf"{_WORK}(?:である|の|、)\s?(?P<it>[{KANJI}]{{2,3}}\s[{KANJI}]{{1,3}}(?=[がはもにをと、])"
        rf"|[{KANJI}]{{2,3}}(?:\s[{KANJI}]{{1,3}}|[{KANJI}]{{1,2}})?){_GOES_ON}",
        persons_told.family,
    ),
    recogniser("name", rf"(?<![{KANJI}お])(?P<it>[{KANJI}]{{1,5}}){_SERVED}", persons_told.served),
    recogniser(
        "name",
        rf"(?:担当者?|係の?方?|係員|窓口|相手|対応(?:者|してくれた(?:の|方|人))|出て?くれた(?:の|人)"
        rf"|案内してくれた(?:の|人)|会ったの)(?:は|が|、|:)\s?(?:たしか|確か)?"
        rf"(?P<it>[{KANJI}]{{1,4}})(?=さん|様|氏)",
        persons_told.served,
    ),
    recogniser(
        "name", rf"(?<![{KANJI}お])(?P<it>[{KANJI}]{{2,5}}(?:\s[{KANJI}]{{1,3}})?){_MATTER}", persons_told.served
    ),
    recogniser(
        "name",
        rf"(?:^|[。!?\n、「])\s?(?:私は|わたしは)?(?P<it>[{KANJI}]{{2,5}}"
        rf"|[ぁ-ゖ]{{2,4}})(?=の{_PARENT}(?:です(?!か)|と申|でございます|なんですが|ですが|ですけど))",
        persons_told.belongs,
    ),
)
