"""Small words that lean on the next one, by language: never last on a line."""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple


class Leaning(NamedTuple):
    """A language's small words by what they do.

    `loose` are those of the others that may also end a clause ("turn it on"): avoided, not blamed.
    """

    articles: str
    prepositions: str
    conjunctions: str
    clinging: str
    """Subject pronouns, auxiliaries, negations, words of degree: they go with the verb or word after."""
    loose: str = ""


TABLES: Final[dict[str, Leaning]] = {
    "en": Leaning(
        "a an the this that these those my your his her its our their every each some any another no such",
        "of in on at to for from by with about into onto over under after before between through during "
        "without within against across behind beyond near upon toward towards among along around beneath "
        "beside besides despite except inside outside per via until till amid throughout underneath unlike "
        "as than like",
        "and or but nor so yet if when while because although though since unless whether where which who "
        "whom whose that what how why lest whereas",
        "is are was were be been being am do does did has have had will would shall should can could may "
        "might must cannot not never i you he she it we they very more most less just only also even too "
        "quite rather almost nearly",
        "in on over about before after since though so yet by through like that this these those his her no "
        "some any each another such inside outside behind beyond near around along across under within "
        "without besides to for as when where which who what how why not it you",
    ),
    "es": Leaning(
        "el la los las un una unos unas lo mi mis su sus tu tus nuestro nuestra nuestros nuestras este esta "
        "estos estas ese esa esos esas aquel aquella cada algún alguna ningún ninguna cualquier",
        "a al ante bajo con contra de del desde durante en entre excepto hacia hasta mediante para por según "
        "sin sobre tras",
        "y e o u ni pero sino que porque aunque si como cuando donde mientras pues cuyo cuya quien quienes",
        "se le les me te nos os yo él ella ellos ellas nosotros usted ustedes no ha he han has hemos había "
        "habían es son era eran fue está están ser muy más menos tan ya",
        "este esta estos estas ese esa esos esas aquel aquella sobre según cuando donde como lo cada",
    ),
    "fr": Leaning(
        "le la les un une des du au aux mon ma mes ton ta tes son sa ses notre nos votre vos leur leurs ce "
        "cet cette ces chaque quelque quelques plusieurs aucun aucune tout toute",
        "à de dans en sur sous avec sans pour par chez vers entre contre depuis pendant avant après dès "
        "malgré parmi selon jusque jusqu'à",
        "et ou mais donc or ni car que qu' qui quand lorsque si comme dont où puisque quoique tandis",
        "je tu il elle on nous vous ils elles me te se ne n' y est sont était étaient a ont avait avaient "
        "suis es sommes êtes ai as avons avez sera seront très plus moins si trop pas",
        "avant après depuis contre sur où leur nous vous plus tout toute pas plusieurs si",
    ),
    "de": Leaning(
        "der die das den dem des ein eine einen einem einer eines mein meine meinen meinem meiner dein deine "
        "sein seine seinen seinem seiner ihr ihre ihren ihrem ihrer unser unsere unseren euer eure kein "
        "keine keinen keinem keiner dieser diese dieses diesen diesem jeder jede jedes jeden jedem manche "
        "welche welcher",
        "in im ins an am ans auf aus bei beim mit nach von vom vor zu zum zur über unter hinter neben "
        "zwischen für gegen ohne um durch seit während wegen trotz bis ab gegenüber innerhalb statt",
        "und oder aber sondern denn dass ob wenn weil als wie da damit obwohl bevor nachdem während sobald "
        "falls sowie weder noch",
        "ich du er sie es wir man nicht sehr ganz ist sind war waren bin bist hat haben hatte hatten wird "
        "werden wurde wurden kann können muss müssen soll will möchte so zu",
        "das die der diese dieser dieses diesen an auf aus bei mit nach vor zu über um durch ab unter "
        "hinter neben da denn noch seit welche welcher manche jeder jede jedes keine keiner statt gegenüber",
    ),
    "it": Leaning(
        "il lo la i gli le un uno una un' l' mio mia miei mie tuo tua suo sua suoi sue nostro nostra vostro "
        "questo questa questi queste quel quello quella quei quelle ogni qualche alcuni alcune",
        "di a da in con su per tra fra del dello della dei degli delle dell' al allo alla ai agli alle dal "
        "dallo dalla dai dagli dalle nel nello nella nei negli nelle sul sullo sulla sui sugli sulle verso "
        "senza contro durante dopo prima sotto sopra presso",
        "e ed o oppure ma però che perché se come quando dove mentre né anche cui chi",
        "io tu lui lei noi voi loro mi ti si ci vi ne non è sono era erano ha hanno ho hai abbiamo aveva "
        "avevano fu più meno molto così sta stanno",
        "questo questa questi queste quello quella dopo prima sotto sopra loro contro sua suo mio mia però "
        "anche come quando dove più molto così",
    ),
    "pt": Leaning(
        "o a os as um uma uns umas meu minha meus minhas teu tua seu sua seus suas nosso nossa nossos nossas "
        "este esta estes estas esse essa esses essas aquele aquela cada algum alguma nenhum nenhuma qualquer",
        "de do da dos das em no na nos nas num numa por pelo pela pelos pelas para pra com sem sob sobre "
        "entre até desde após contra perante durante ao aos à às",
        "e ou mas nem que porque se como quando onde enquanto embora pois cujo cuja quem",
        "eu tu ele ela nós vós eles elas você vocês me te lhe lhes não é são era eram foi está estão ser ter "
        "tem têm tinha há muito mais menos tão já",
        "este esta esse essa aquele aquela seu sua meu minha sobre como quando onde após contra nos",
    ),
    "nl": Leaning(
        "de het een mijn je jouw zijn haar ons onze jullie hun deze dit die dat elke elk ieder iedere geen "
        "sommige enkele",
        "van in op aan met voor naar bij uit door over onder tussen tegen zonder om tot na sinds tijdens "
        "achter naast binnen buiten boven vanaf te ten ter per volgens wegens",
        "en of maar want dat als toen omdat hoewel terwijl zodat dan noch tenzij voordat nadat wie wat waar "
        "die hoe",
        "ik jij u hij zij ze wij we men niet is was waren ben bent heeft hebben had hadden wordt worden werd "
        "kan kunnen moet moeten zal zullen wil zou zeer heel erg meer er",
        "het dit die dat deze haar ons in op aan met voor bij uit door over onder tegen om na achter binnen "
        "buiten boven toen dan wat waar geen hun jullie zijn",
    ),
    "ru": Leaning(
        "этот эта эти тот та те мой моя мои твой твоя наш наша наши ваш ваша свой своя своего каждый каждая",
        "в во на с со к ко о об обо от до из изо за по под надо над при про для без безо у между через перед "
        "около после против ради среди вокруг сквозь кроме из-за из-под",
        "и а но или да либо ни что чтобы как если когда потому так хотя пока где куда который которая "
        "которое которые чем словно будто",
        "я ты он она оно мы вы они не это был была было были будет будут же ли бы очень более самый уже ещё",
        "этот эта эти тот та те мой моя наш наша свой после около против вокруг когда где куда как что так "
        "да это чем у",
    ),
    "uk": Leaning(
        "цей ця ці той та ті мій моя мої твій твоя наш наша наші ваш ваша свій своя кожен кожна",
        "в у на з із зі зо до від од за по під над при про для без між через перед біля після проти серед "
        "навколо крізь крім",
        "і й та а але або чи ні що щоб як якщо коли бо тому хоча поки де куди який яка яке які ніж мов наче",
        "я ти він вона воно ми ви вони не це був була було були буде будуть же ж би дуже більш вже ще",
        "цей ця ці той мій моя наш наша свій після біля проти навколо коли де куди як що тому це",
    ),
    "pl": Leaning(
        "ten ta to te ci tego tej tych mój moja moje twój twoja nasz nasza nasze wasz swój swoja każdy każda",
        "w we na z ze do od o ku po za pod nad przed przy przez dla bez u między wśród obok podczas około "
        "według oprócz przeciw",
        "i a ale lub albo oraz ani że żeby aby jak jeśli jeżeli gdy kiedy bo ponieważ choć więc czy gdzie "
        "który która które którzy niż",
        "ja ty on ona ono my wy oni one nie się jest są był była było byli będzie będą by bardzo bardziej już",
        "ten ta to te tego tej tych mój moja nasz nasza swój przed obok około kiedy gdzie jak czy po nad",
    ),
}
_TELLING = 2
"""So many small words of one language more than of any other tell which it is."""


class Small(NamedTuple):
    """Sets to look words up in."""

    leaning: frozenset[str]
    clinging: frozenset[str]
    starting: frozenset[str]
    blamed: frozenset[str]


@cache
def small_words(language: str) -> Small:
    """The small words of a language (`en`, `pt-BR`): of every one when it is unknown, none without a table."""
    primary = language.lower().replace("_", "-").split("-")[0]
    if primary in TABLES:
        return _small(TABLES[primary])
    every = [_small(table) for table in TABLES.values()] if not primary else []
    return Small(*(frozenset().union(*(small[place] for small in every)) for place in range(4)))


def _small(table: Leaning) -> Small:
    articles, prepositions, conjunctions, clinging, loose = (frozenset(words.split()) for words in table)
    leaning = articles | prepositions | conjunctions
    return Small(leaning, clinging - leaning, prepositions | conjunctions, leaning - loose)


def likely_language(words: Iterable[str]) -> str:
    """The language whose small words a text has most of; empty when that is not clear."""
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(_known_to().get(word.lower(), ()))
    ranked = [*counts.most_common(2), ("", 0), ("", 0)]
    return ranked[0][0] if ranked[0][1] >= ranked[1][1] + _TELLING else ""


@cache
def _known_to() -> dict[str, tuple[str, ...]]:
    known: dict[str, tuple[str, ...]] = {}
    for language in TABLES:
        small = small_words(language)
        for word in small.leaning | small.clinging:
            known[word] = (*known.get(word, ()), language)
    return known
