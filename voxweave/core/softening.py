"""Harsh words that filters of picture services trip over, and gentler ones that show the same."""

import re

# Category, harsh words, gentler words; the second list answers the first word by word.
_TABLE = {
    "violence": {
        "kill": "defeat", "kills": "defeats", "killed": "fallen", "killing": "defeat", "killer": "stranger",
        "murder": "tragedy", "murdered": "lost", "murderer": "stranger", "massacre": "tragedy", "genocide": "tragedy",
        "slaughter": "tragedy", "stabbed": "struck", "stabbing": "struggle", "shooting": "commotion",
        "shot dead": "fallen", "bomb": "distant smoke", "bombs": "distant smoke", "bombing": "distant smoke",
        "explosion": "burst of light", "terrorist": "stranger", "terrorists": "strangers", "terrorism": "unrest",
        "torture": "hardship", "tortured": "weary", "execution": "solemn hour", "executed": "remembered",
        "beheaded": "remembered", "corpse": "empty coat", "corpses": "empty coats", "dead body": "empty coat",
        "dead bodies": "empty coats", "gun": "tool", "guns": "tools", "rifle": "tool",
        "asesinato": "tragedia", "asesino": "desconocido", "matar": "vencer", "bomba": "humo lejano",
        "meurtre": "tragédie", "tuer": "vaincre", "bombe": "fumée lointaine", "cadavre": "manteau vide",
        "mord": "tragödie", "mörder": "fremder", "töten": "besiegen", "leiche": "leerer mantel",
        "omicidio": "tragedia", "assassino": "sconosciuto", "uccidere": "vincere", "matou": "venceu",
    },
    "gore": {
        "blood": "red dye", "bloody": "red", "bleeding": "weary", "gore": "ruins", "wound": "bandage",
        "wounds": "bandages", "wounded": "bandaged", "severed": "broken", "dismembered": "broken", "guts": "courage",
        "sangre": "tinte rojo", "sang": "teinture rouge", "blut": "rote farbe", "sangue": "tinta rossa",
    },
    "self-harm": {
        "suicide": "deep sorrow", "suicidal": "sorrowful", "self-harm": "deep sorrow", "overdose": "deep sleep",
        "suicidio": "profundo dolor", "selbstmord": "tiefe trauer", "suizid": "tiefe trauer",
        "suicídio": "profunda tristeza",
    },
    "sexual": {
        "naked": "draped in cloth", "nude": "draped in cloth", "nudity": "classical drapery", "sex": "tenderness",
        "sexual": "tender", "sexy": "graceful", "rape": "tragedy", "porn": "theatre", "erotic": "tender",
        "desnuda": "envuelta en tela", "desnudo": "envuelto en tela", "nackt": "in tuch gehüllt",
    },
    "drugs": {
        "cocaine": "white powder", "heroin": "poppy", "drugs": "medicine", "drug": "medicine", "meth": "crystal",
    },
    "hate": {"nazi": "regime", "nazis": "regime", "swastika": "banner", "slave": "captive", "slaves": "captives"},
}  # fmt: skip

_GENTLER = {harsh: gentle for words in _TABLE.values() for harsh, gentle in words.items()}
_CATEGORY = {harsh: category for category, words in _TABLE.items() for harsh in words}
_HARSH = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _GENTLER), key=len, reverse=True)) + r")\b", re.IGNORECASE
)


def soften(prompt: str) -> str:
    """The prompt in gentler words; the same text when it holds no harsh one we know."""
    return _HARSH.sub(_gentler, prompt)


def harsh(prompt: str) -> tuple[str, ...]:
    """The categories of the harsh words in a prompt, each once, in their order."""
    return tuple(dict.fromkeys(_CATEGORY[found[0].lower()] for found in _HARSH.finditer(prompt)))


def _gentler(found: re.Match[str]) -> str:
    gentle = _GENTLER[found[0].lower()]
    return gentle[0].upper() + gentle[1:] if found[0][0].isupper() else gentle
