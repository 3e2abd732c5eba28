"""Phones for English words no dictionary holds: letters by longest rule, in the CMU alphabet."""

_RULES = {
    # whole endings; `$` is the end of the word, `^` its beginning
    "tion$": "SH AH N", "tions$": "SH AH N Z", "sion$": "ZH AH N", "sions$": "ZH AH N Z", "ssion$": "SH AH N",
    "cian$": "SH AH N", "cious$": "SH AH S", "tious$": "SH AH S", "ous$": "AH S", "ture$": "CH ER",
    "tures$": "CH ER Z", "sure$": "ZH ER", "able$": "AH B AH L", "ible$": "AH B AH L", "ally$": "AH L IY",
    "ing$": "IH NG", "ings$": "IH NG Z", "ism$": "IH Z AH M", "ies$": "IY Z", "ied$": "IY D", "ful$": "F AH L",
    "ness$": "N AH S", "ment$": "M AH N T", "age$": "IH JH", "ed$": "D", "ted$": "T AH D", "ded$": "D AH D",
    "es$": "Z", "ses$": "S AH Z", "ches$": "CH AH Z", "shes$": "SH AH Z", "le$": "AH L", "les$": "AH L Z",
    "er$": "ER", "ers$": "ER Z", "or$": "ER", "ors$": "ER Z", "al$": "AH L", "ly$": "L IY", "y$": "IY",
    "e$": "", "'s$": "Z", "s'$": "Z", "'": "", "que$": "K", "gue$": "G", "ium$": "IY AH M", "ia$": "IY AH",
    "a$": "AH", "i$": "IY", "o$": "OW", "u$": "UW", "mb$": "M",
    # a long vowel before one consonant and a silent e
    "ame$": "EY M", "ane$": "EY N", "ate$": "EY T", "ates$": "EY T S", "ated$": "EY T AH D", "ase$": "EY S",
    "ake$": "EY K", "ade$": "EY D", "ale$": "EY L", "ave$": "EY V", "ape$": "EY P", "aze$": "EY Z",
    "ice$": "AY S", "ide$": "AY D", "ike$": "AY K", "ile$": "AY L", "ime$": "AY M", "ine$": "AY N",
    "ipe$": "AY P", "ire$": "AY ER", "ise$": "AY Z", "ite$": "AY T", "ive$": "IH V", "ize$": "AY Z",
    "izes$": "AY Z AH Z", "ized$": "AY Z D", "obe$": "OW B", "ode$": "OW D", "oke$": "OW K", "ole$": "OW L",
    "ome$": "OW M", "one$": "OW N", "ope$": "OW P", "ore$": "AO R", "ose$": "OW Z", "ote$": "OW T",
    "ube$": "UW B", "ude$": "UW D", "uke$": "UW K", "ule$": "UW L", "ume$": "UW M", "une$": "UW N",
    "ure$": "Y UH R", "use$": "Y UW Z", "ute$": "UW T", "ete$": "IY T", "ene$": "IY N", "ere$": "IH R",
    # beginnings
    "^x": "Z", "^kn": "N", "^gn": "N", "^wr": "R", "^ps": "S", "^pn": "N", "^rh": "R", "^wh": "W", "^y": "Y",
    "^mc": "M AH K", "^re": "R IY", "^de": "D IH", "^be": "B IH", "^pre": "P R IY", "^th": "TH", "^e": "IH",
    # letters that belong together
    "tch": "CH", "ch": "CH", "chr": "K R", "ck": "K", "sch": "SH", "sh": "SH", "ph": "F", "th": "TH",
    "gh": "G", "ght": "T", "igh": "AY", "eigh": "EY", "ough": "AO", "augh": "AO", "ng": "NG", "nk": "NG K",
    "dge": "JH", "dg": "JH", "qu": "K W", "wh": "W", "sc": "S K", "sce": "S EH", "sci": "S AY", "xc": "K S",
    "zz": "Z", "ss": "S", "ll": "L", "tt": "T", "pp": "P", "bb": "B", "dd": "D", "ff": "F", "gg": "G",
    "mm": "M", "nn": "N", "rr": "R", "cc": "K", "cce": "K S EH", "cci": "K S IH", "kk": "K", "vv": "V",
    "ce": "S EH", "ci": "S IH", "cy": "S IY", "ge": "JH EH", "gi": "JH IH", "gy": "JH IY", "ces$": "S AH Z",
    "ges$": "JH AH Z", "ce$": "S", "ge$": "JH", "cia": "SH AH", "tia": "SH AH",
    "ai": "EY", "ay": "EY", "au": "AO", "aw": "AO", "ea": "IY", "ee": "IY", "ei": "IY", "ey": "IY",
    "eu": "Y UW", "ew": "Y UW", "ie": "IY", "oa": "OW", "oi": "OY", "oy": "OY", "oo": "UW", "ou": "AW",
    "ow": "OW", "ue": "UW", "ui": "UW", "uy": "AY", "eau": "OW", "io": "IY OW", "ia": "IY AH", "ae": "EY",
    "ar": "AA R", "er": "ER", "ir": "ER", "or": "AO R", "ur": "ER", "ear": "IH R", "air": "EH R",
    "oor": "AO R", "our": "AO R", "war": "W AO R", "wor": "W ER", "all": "AO L", "alk": "AO K",
    # single letters
    "a": "AE", "b": "B", "c": "K", "d": "D", "e": "EH", "f": "F", "g": "G", "h": "HH", "i": "IH", "j": "JH",
    "k": "K", "l": "L", "m": "M", "n": "N", "o": "AA", "p": "P", "q": "K", "r": "R", "s": "S", "t": "T",
    "u": "AH", "v": "V", "w": "W", "x": "K S", "y": "IH", "z": "Z",
}  # fmt: skip
_LONGEST = max(map(len, _RULES))

_NAMES = {
    "a": "EY", "b": "B IY", "c": "S IY", "d": "D IY", "e": "IY", "f": "EH F", "g": "JH IY", "h": "EY CH",
    "i": "AY", "j": "JH EY", "k": "K EY", "l": "EH L", "m": "EH M", "n": "EH N", "o": "OW", "p": "P IY",
    "q": "K Y UW", "r": "AA R", "s": "EH S", "t": "T IY", "u": "Y UW", "v": "V IY",
    "w": "D AH B AH L Y UW", "x": "EH K S", "y": "W AY", "z": "Z IY",
}  # fmt: skip


def letters(word: str) -> str:
    """The phones of a word spelled out: `GPU` is JH IY P IY Y UW."""
    return " ".join(_NAMES[char] for char in word.lower() if char in _NAMES)


def phones(word: str) -> str:
    """A guess at the phones of an unknown word; empty when it has no letters from a to z."""
    marked = f"^{word.lower()}$"
    found: list[str] = []
    here = 1
    while here < len(marked) - 1:
        rule = _rule_at(marked, here)
        if rule is not None:
            found += _RULES[rule].split()
        here += len(rule.strip("^$")) if rule else 1
    return " ".join(found) or letters(word)


def _rule_at(marked: str, here: int) -> str | None:
    """The longest rule that fits here; one that names the word's edge beats one that does not."""
    for size in range(_LONGEST, 0, -1):
        piece = marked[here : here + size]
        start = "^" if here == 1 else ""
        for rule in (start + piece, piece):
            if rule in _RULES and here > 0 and rule.strip("^$"):
                return rule
    return None
