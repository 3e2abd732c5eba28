"""Words that carry no picture, per language: articles, pronouns, auxiliaries, verbs of talk, fillers."""

_LISTS = {
    "en": """a about above across actually after afterwards again against ago all almost along already also although
        always am among an and another any anybody anyone anything anyway anywhere are aren't around as at away back
        be became because become becomes been before began begin begins behind being below beneath beside besides
        best better between beyond both but by call called calls came can can't cannot come comes coming could
        couldn't course did didn't do does doesn't doing don't done down during each easy either else enough even
        ever every everybody everyone everything everywhere exactly far few find finds first for found from further
        gave get gets getting give given gives go goes going gone gonna good got had hadn't happen happened happens
        has hasn't have haven't having he he'd he'll he's hello her here here's hers herself hey hi him himself his
        how however i i'd i'll i'm i've if in indeed inside instead into is isn't it it'd it'll it's its itself just
        keep keeps kept kind knew know known knows last lately later least less let let's like little look looked
        looking looks lot lots made make makes making many may maybe me mean means meant might more most mostly much
        must my myself near nearly need needs neither never next no nobody none nor not nothing now nowhere of off
        often oh ok okay on once one ones only onto or other others our ours ourselves out outside over own part
        perhaps please put puts quite rather ready really right said same saw say saying says see seem seemed seems
        seen sent several shall she she'd she'll she's should shouldn't simply since so some somebody someone
        something sometimes somewhere soon sort still such sure take taken takes taking tell tells tend than thank
        thanks that that's the their theirs them themselves then there there's therefore these they they'd they'll
        they're they've thing things think this those though thought through throughout thus to today together told
        tomorrow tonight too took toward towards tried try trying under until up upon us use used uses using usually
        very via want wanted wants was wasn't way ways we we'd we'll we're we've welcome well went were weren't what
        what's whatever when whenever where where's wherever whether which while who who's whole whom whose why will
        with within without won't would wouldn't yeah yes yesterday yet you you'd you'll you're you've your yours
        yourself episode episodes podcast show listen listening listener listeners minute minutes notice sure glad
        send sends miss maybe hold grab imagine picture long""",
    "es": """a acaba acaso acá además ahora ahí al algo alguien alguna algunas alguno algunos algún allá allí ambos
        ante antes aquel aquella aquellas aquello aquellos aquí así aun aunque aún bajo bien cada casi como con
        conmigo consigo contigo contra cosa cosas cual cuales cualquier cuando cuanto cuál cuándo cuánto cómo da dan
        dar de debe deben debería decir dejar del demasiado dentro desde despacio después dice dicen dicho dijo
        donde dos durante dónde e el ella ellas ello ellos empezar empieza en encima entonces entre era eran eres
        es esa esas ese eso esos esta estaba estaban estado estamos estar estas este esto estos estoy está están
        estás fin fue fueran fueron fui fuera ha haber habla hablar había habían hace hacen hacer hacerlo hacia haga
        han has hasta hay hecho hizo hola hoy iba igual ir jamás junto la las le les lejos listo lo los luego lugar
        mal mas me mejor menos mi mientras mis misma mismas mismo mismos mucha muchas mucho muchos muy más mí mía
        mío nada nadie ni ninguna ninguno ningún no nos nosotros nuestra nuestras nuestro nuestros nunca o os otra
        otras otro otros para parece pero poca pocas poco pocos poder podemos podía por porque pronto propio pude
        pudo puede pueden puedes pues puso que quien quienes quiere quiero quizá quizás quién qué sabe saber sale
        se sea sean ser si sido siempre sin sino sobre sola solamente solo somos son soy su sucede suele sus suya
        suyo sí sólo tal también tampoco tan tanta tanto te tener tenemos tengo tenido tenía ti tiene tienen toda
        todas todavía todo todos tras tu tus tuvo tuya tuyo tú un una unas uno unos usted ustedes va vamos van varias
        varios vas ve veces ver vez viene vienen vosotros voy y ya yo él""",
    "fr": """a afin ai ainsi alors après as assez au aucun aucune aujourd'hui auparavant aussi autour autre autres aux
        avaient avais avait avant avec avez avoir avons beaucoup bien bon bonjour c ce ceci cela celle celles celui
        cependant certain certaine certaines certains ces cet cette ceux chaque chez chose choses combien comme
        comment contre d dans de dehors depuis derrière des dessous dessus deux devant devrait dire dit dois doit
        doivent donc dont du durant elle elles en encore enfin ensuite entre environ es est et eu eux existe faire
        fait fait-on fallait faut font fut hier hors hui ici il ils j jamais je jusqu jusque l la laisse le les leur
        leurs lors lorsque lui là m ma maintenant mais malgré me mes mieux moi moins mon même mêmes n ne ni non nos
        notre nous on ont ou oui où par parce parfois parmi pas pendant personne petit peu peut peuvent peut-être
        plus plusieurs plutôt pour pourquoi pourtant pouvait presque prend pris près puis puisque qu quand que quel
        quelle quelles quelqu quelque quelques quels qui quoi rien s sa sais sait sans se selon sera serait ses seul
        seule seulement si sien soi soit sommes son sont sous souvent suis sur t ta tandis tant te tel telle tes toi
        ton toujours tous tout toute toutes trop très tu un une va vais vers veut viens vient voici voilà voit vos
        votre vous vraiment y à ça étaient étais était étant été être""",
    "de": """ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus außer bald
        bei beide beiden beim bereits bin bis bist bleibt da dabei dadurch dafür dagegen daher dahin damals damit
        danach daneben dann daran darauf daraus darf darin darum darunter darüber das dass davon davor dazu dein
        deine deinem deinen deiner dem den denen denn dennoch der deren des deshalb dessen desto deswegen dich die
        dies diese diesem diesen dieser dieses dir doch dort du durch dürfen ebenso eben eigentlich ein eine einem
        einen einer eines einfach einige einigen einmal er erst etwa etwas euch euer eure fast fort für ganz gar geben
        gegen gehen geht gemacht genau genug gerade gern gewesen gibt ging gut haben hallo hast hat hatte hatten heißt
        her heute hier hin hinter hätte hätten ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem
        ins ist ja je jede jedem jeden jeder jedes jedoch jemals jemand jene jenem jenen jener jenes jetzt kam kann
        kannst kaum kein keine keinem keinen keiner kommen kommt konnte konnten können könnte lange lassen lässt
        lediglich machen macht mag man manche manchen manchmal mehr mein meine meinem meinen meiner meist mich mir
        mit muss musste mussten möchte müssen nach nachdem nahe neben nein nicht nichts nie niemals niemand noch nun
        nur ob oben obwohl oder oft ohne paar sagen sagt sagte schon sehen sehr sei sein seine seinem seinen seiner
        seit selbst sich sicher sie sieht sind so sobald sogar solche solchen soll sollen sollte sollten sondern
        sonst soweit sowie später statt stets tun tut um und uns unser unsere unserem unseren unter viel viele vielen
        vielleicht vom von vor war waren warum was weil weit weiter weitere welche welchem welchen welcher wenig wenn
        wer werde werden weshalb wie wieder will wir wird wirklich wissen wo wohl wollen wollte worden wurde wurden
        während wäre würde würden zu zum zur zurück zusammen zwar zwei zwischen über überhaupt""",
    "it": """a abbiamo adesso affatto agli ai al alcuna alcune alcuni alla alle allo allora altra altre altri altro anche
        ancora appena aveva avevano avere avete avuto basta bene c che chi chiunque ci ciao ciascuno ciò codesto cogli
        coi col come comunque con contro cosa cose così cui da dagli dai dal dalla dalle dallo davanti davvero de
        degli dei del dell della delle dello dentro detto deve devono di dice dietro dire dopo dov dove due dunque
        durante e ecco ed egli era erano essa esse essere essi fa fanno fare fatto fino fra fu fuori furono già gli
        ha hai hanno ho i ieri il in infatti infine insieme intanto invece io l la le lei li lo loro lontano lui là
        ma mai me meglio meno mentre mi mia mie miei mio molta molte molti molto ne nei nel nell nella nelle nello
        nemmeno neppure nessun nessuna nessuno niente no noi non nostra nostre nostri nostro nulla o oggi ogni ognuno
        oltre oppure ora parte per perché perciò perfino però più po poca poche pochi poco poi possiamo possono prima
        proprio può qua qual qualche qualcosa qualcuno quale quali quando quanto quasi quella quelle quelli quello
        quest questa queste questi questo qui quindi sa sarà se sei sembra sempre senza si sia siamo sino solo
        soltanto sono sopra sotto sta stata state stati stato stava su sua subito sue sugli sui sul sulla sulle sullo
        suo suoi tale tali tanto te ti tra troppo tu tua tue tuo tuoi tutta tutte tutti tutto un una uno va vai vanno
        verso vi viene voi volta vostra vostro vuole è""",
    "pt": """a acaba acho agora ainda algo alguma algumas alguns algum alguém ali além antes ao aos apenas aquela aquelas
        aquele aqueles aqui aquilo as assim até através bem boa bom cada casi coisa coisas com como contra contudo cuja
        cujo da dali daquele das de debaixo dela delas dele deles demais dentro depois desde dessa desse desta deste
        deve devem diz dizer do dois donde dos durante e ela elas ele eles em embora enquanto entre então era eram
        essa essas esse esses esta estamos estar estas estava estavam este estes estou está estão eu faz fazem fazer
        feito fez foi for fora foram fosse há hoje ia ir isso isto já jamais lá lhe lhes logo longe mais mas me mesma
        mesmo mesmos meu meus minha minhas muita muitas muito muitos na nada nas nela nele nem nenhum nenhuma nessa
        nesse nesta neste ninguém no nos nossa nossas nosso nossos num numa nunca não nós o olá onde ontem os ou outra
        outras outro outros para parece pela pelas pelo pelos perto pode podem poder pois por porque portanto porém
        pouca pouco poucos primeiro próprio pôr quais qual qualquer quando quanto quase que quem quer quê se seja sem
        sempre sendo ser será seu seus si sido sim sob sobre sua suas são só tal talvez também tampouco tanto te tem
        temos tenho ter teu teve tinha tinham toda todas todavia todo todos tu tua tudo tão têm um uma umas uns vai
        vamos vem ver vez vezes você vocês vos vou vão à às é""",
}

STOP_WORDS: dict[str, frozenset[str]] = {tag: frozenset(words.split()) for tag, words in _LISTS.items()}
"""Lower-case words by primary language tag."""

_JOINING = "of de del di du da do dos das des della van von der den la le el y e the"
_ELIDED = "l d j m n s t c qu jusqu lorsqu puisqu quoiqu un all dell nell dall sull quell quest"

JOINING: frozenset[str] = frozenset(_JOINING.split())
"""Small words that may stand within a name or a thing: `strand of glass`, `Rio de Janeiro`."""

ELIDED: frozenset[str] = frozenset(_ELIDED.split())
"""What French and Italian words lose before an apostrophe, as in `l'eau` and `dell'acqua`."""
