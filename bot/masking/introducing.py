"""What stands around the names of people: words that introduce them, titles, works. Used with the tags of names."""

from __future__ import annotations

import re

from bot.masking import person_words as words

_SELF = (
    r"(?:私|わたし|わたくし|ワタシ|僕|ぼく|ボク|俺|おれ|オレ|自分|あたし|わし|うち|当方|こちら|こっち|小生|手前"
    r"|本人|名前|なまえ|氏名|本名|姓名|苗字|名字|姓|旧姓|新姓|名義|署名|サイン|宛名|宛先|宛て先|差出人|送り主|投稿者|記入者"
    r"|申請者|申込者|申込人|届出人|相談者|依頼者|利用者|患者|受取人|契約者|名義人|世帯主|保護者|代表者?|代理人?|連絡先|発信者|問合せ者"
    r"|担当者?|窓口|係|係員|対応者|相手|先方|受付|責任者|承認者|作成者|起案者|報告者|筆者)"
)
_KIN = (
    r"(?:夫|妻|父|母|娘|息子|長男|長女|次男|次女|三男|三女|末っ子|兄|姉|弟|妹|祖父|祖母|孫|孫娘|旦那|主人|嫁|婿|家内|女房"
    r"|子ども|子供|お子さん|子|叔父|叔母|伯父|伯母|おじ|おば|いとこ|従兄|従妹|従弟|従姉|甥|姪|甥っ子|姪っ子|義父|義母|義兄|義姉|義弟|義妹|舅|姑"
    r"|彼氏|彼女|婚約者|恋人|パートナー|相方|友人|友達|友だち|ともだち|親友|幼なじみ|幼馴染|知人|知り合い|隣人|隣|お隣|近所|向かい|大家"
    r"|同僚|上司|部下|先輩|後輩|同期|同級生|クラスメート|ママ友|ルームメイト|管理人|町会長|班長|秘書|新人|助手|社員|部員|生徒|教え子|園児"
    r"|弊社|当社|うちの課|弊課|ケアマネ|ケアマネジャー|ヘルパー|主治医|担任|係長|課長|部長|室長|主任|主査|主事|店長|上長|前任|後任|前任者|後任者)"
)
_INTO = (
    r"\s?(?:の名前|の氏名|の姓|名|欄|さん)?\s?"
    r"(?:は|が|も|わ|、|,|:|=|=>|->|→|に|には|の|・|\(|/|である|です|とは|で|\s)?\s?(?:たしか|確か|確か、|たぶん)?[「『(]?$"
)
_LEFT_SELF = re.compile(rf"(?<![一-鿿]){_SELF}{_INTO}")
_LEFT_KIN = re.compile(rf"(?<![一-鿿]){_KIN}\s?(?:である|の|、|・|\(|「|:|が|は|\s)?\s?[「『(]?$")
_LEFT_BODY = re.compile(
    r"(?:課|局|部|係|室|区|市|町|村|社|会|店|校|園|院|館|所|センター|学校|大学|病院|在住|在勤|勤務|出身|年生|組|年|歳|号室|担当|代理)の\s?$"
)
_LEFT_CLAUSE = re.compile(
    r"(?:^|[。、,.!?！？\n\s「『(…~〜ー\ue000]|(?:もしもし|はい|どうも|えっと|あの|こんにちは|お世話になります|いつもの|例の|先日の|昨日の|先程の|さっきの|前回の"
    r"|[ただ]|ます|する|いる|てる|おる|どる|とる|ある|です)|[うくすつぬむぶぐる])\s?$"
)
_START = re.compile(r"(?:^|[。!?！？\n\ue000])\s{0,3}[(「—―-]{0,2}\s?$")
_CALLED = re.compile(
    r"\s?」?(?:と申|ともうし|とい(?:い(?!ますか)|うのが|うん|う?(?:者|もの|もん|名|人|方|女|男|子))|って(?:いい|言い|いう|言う|者|もの|名)|と言(?:い(?!ますか)|う(?:者|もの|名|人|方))"
    r"|と名乗|と呼(?:ば|ん)|と(?:署名|記名)|(?:っ[つち]|ちゅ)う|いいます|いいまして|いう(?:者|もの|もん|ん)|と(?:書い|記入|打っ|入力)|でございます|と発します|っす|と名(?:乗|前))"
)
_IS = re.compile(
    r"\s?(?:(?:です(?!か)|でした(?!か)|になります(?!か))(?=[。、,!！(\s…]|が|けど|けれど|けども|よ|ね|の|ー|~|〜|$)|だ(?:けど|けれど|よ|が|。|$)|なん(?:です|だ)(?:が|けど)|や(?:けど|ねん|で)|じゃ(?:が|けど)?"
    r"|であります)"
)
_SERVED = re.compile(
    r"(?:まで(?:お願い|ご?連絡|お電話|お知らせ)|\s?[(、]\s?\d{1,3}\s?(?:歳|才|さい|\))|本人[がはもに]|"
    r"(?:から|に|が|は|も|と|より)(?:は|も)?、?(?:以前|前に|昨日|先日|先週|今日|さっき)?に?、?"
    r"(?:聞[いかき]|きい|言わ|言っ|言う|いわ|教え|頼[まん]|連絡|電話|お電話|メール|紹介|勧め|すすめ|相談し|対応|応対|案内し|引き継|引継|お世話|会[っい]|話し|伝え|渡し"
    r"|伺|うかが|お願い|説明し|説明を受|異動|退職|入院|休[んみ]|来ま|来た|訪ね|参りま|申し|戻))"
)
_ADDRESSED = re.compile(
    r"\s?(?:宛|あて|宅|拝(?!見)|行き|名義|(?:本人)?より(?:[。\s]|$)|の(?:件で|代理|代わり|かわり|連名|名前|名義|秘書|家族|母|父|妻|夫|娘|息子|祖母|祖父|姉|兄|妹|弟|上司|部下|後任|前任|携帯|自宅))"
)
_CLOSES = re.compile(r"\s?[)」』。]?\s{0,3}$")
_GOES_ON = re.compile(r"\s?(?:[がはもにをとのへやで、,。()」』;:/\ue000]|から|まで|って|です|だ|より|くん|\s|\d|$)")
_LEFT_NAME = re.compile(rf"(?:名前|なまえ|氏名|本名|姓名|苗字|名字|旧姓|新姓|署名|宛名|差出人|担当者|記入者){_INTO}")
_ENDS = re.compile(r"\s?(?:[、。,)」/\n]|\s|$)")
_ACTS = re.compile(r"(?:が|は|も|に|から|と)(?![いの])")
_A_PLACE = re.compile(
    r"(?:の(?:街|町|駅|市|方|辺|近く|区|事例|取組)|に(?:住|あ|行|引っ越)|で(?:は|の|働|暮)|まで|へ|から(?:通|来)|駅|方面|在住)"
)
_TITLE_BEFORE = re.compile(
    r"(?:大臣|知事|議員|首相|総理|大統領|委員|長官|市長|区長|村長|座長|議長|教授|博士|監督|選手|俳優|歌手|作家|画家|詩人|武将|学者|氏名標|社長|CEO|創業者|著者|著|作者|作|主演|主人公|名探偵)"
    r"(?:の|である|、|は|・|\s|=)?\s?$"
)
_WORK = re.compile(
    r"の(?:本|作品|小説|絵|曲|歌|言葉|著書|名言|伝記|思想|理論|論文|銅像|映画|番組|ドラマ|漫画|アニメ|像|生家|記念|発言|意見|資料|提言|お?札|肖像|時代|名著|随筆|詩|俳句|キャラ|真似)"
    r"|(?:作|著|作品|風|賞|監督|展|像|役)(?![一-鿿])|みたい|になりきっ|のよう"
)
OF_THE_COUNCIL = re.compile(
    r"(?<!民生)委員|意見|発言|指摘|述べ|主張|提言|曰く|によると|座長|議長|大臣|議員|知事|レコメンデーション|裁量権|エラーレート"
)
_BEFORE_NAMES = re.compile(
    rf"^(?:{_SELF}|{_KIN}|職員|社員|本日|先日|昨日|今日|昨晩|今朝|以上|以前|敬具|都民|市民|主婦|学生|当人|被保険者|者)$"
)
_AFTER_NAMES = re.compile(
    r"^(?:宛|あて|宅|拝|名義|本人|担当|ほか|他|夫妻|一家|家|両名|自身|こと|今|先日|昨日|今日|以上|者|もの|もん|行き|方|印|代理|って|っ|ち|とこ|ん)$"
)


def in_office(before: str, after: str) -> bool:
    """Whether a title stands at the name: one who holds an office, wrote or played."""
    return bool(words.TITLE.match(after) or _TITLE_BEFORE.search(before))


def of_a_work(before: str, after: str) -> bool:
    """Whether a full name is spoken of as that of a known person, by what they made."""
    return bool(_WORK.match(after)) or before.endswith("『")


def stands_before_names(text: str) -> bool:
    """Nouns that are written on to a name without being part of it."""
    return bool(_BEFORE_NAMES.match(text))


def stands_after_names(text: str) -> bool:
    """Nouns and endings that follow a name without being part of it."""
    return bool(_AFTER_NAMES.match(text))


def family(before: str, after: str, *, place: bool, weak: bool) -> bool:
    """Whether a family name by itself is introduced. ``place``: it is a place too; ``weak``: one sign, or a town."""
    told = bool(_LEFT_SELF.search(before))
    if _CALLED.match(after):
        return not place or told or bool(_LEFT_CLAUSE.search(before) or _LEFT_BODY.search(before))
    if _IS.match(after) and (told or (not weak and _LEFT_BODY.search(before))):
        return True
    if place:
        return bool(_LEFT_NAME.search(before) and _ENDS.match(after))
    return not weak and _told_in_passing(before, after)


def _told_in_passing(before: str, after: str) -> bool:
    """A family name of somebody near or who served; as a clause or a signature of its own."""
    near = bool(_LEFT_KIN.search(before))
    if _IS.match(after):
        return near or bool(_LEFT_CLAUSE.search(before))
    if near or _LEFT_SELF.search(before):
        return bool(_GOES_ON.match(after)) and not _A_PLACE.match(after)
    return bool(_SERVED.match(after) or _ADDRESSED.match(after) or (_START.search(before) and _CLOSES.match(after)))


def acts(after: str) -> bool:
    """Whether a name by itself does something or has something done: the least that a common family name needs."""
    return bool(_ACTS.match(after)) and not _A_PLACE.match(after)


def given(before: str, after: str) -> bool:
    """Whether a given name by itself is introduced: as one's own, or as that of somebody near."""
    if _LEFT_KIN.search(before):
        return bool(_GOES_ON.match(after) or _CALLED.match(after))
    return bool(_LEFT_SELF.search(before)) and bool(_CALLED.match(after) or _IS.match(after) or _ENDS.match(after))


def foreign(before: str, after: str) -> bool:
    """Whether a name in katakana is introduced."""
    if _LEFT_KIN.search(before):
        return bool(_GOES_ON.match(after))
    return bool(_CALLED.match(after)) or (bool(_LEFT_SELF.search(before)) and bool(_IS.match(after)))
