"""Consent walls by how they speak: a site asks its reader, in words that are the same everywhere.

Most of these words are the law's and the industry framework's (IAB Europe's Transparency & Consent Framework
prescribes its phrases in every language), so that a wall has several of them close together.  News about cookies
and privacy has them, too, but tells of others: a wall says "we" and "you", outside quotation marks.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["ConsentWords", "consent_words"]


def _any(*words: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile("|".join(words), flags)


_ACCEPT: Final = _any(
    r"\b(?:accept|reject|allow|decline|refuse|agree to) (?:all|cookies)\b|\b(?:accept|agree) (?:and|&) (?:continue|close)\b",
    r"\balle (?:cookies )?(?:akzeptieren|ablehnen|annehmen|zulassen)|\b(?:akzeptieren|zustimmen) (?:und|&) weiter",
    r"\btout (?:accepter|refuser)|\bcontinuer sans accepter|\baccepter et (?:continuer|fermer)",
    r"\b(?:aceptar|rechazar) (?:todo|todas|y )|\b(?:accetta|rifiuta) (?:tutt[oi]|e (?:continua|chiudi))",
    r"\balle(?:s| cookies) (?:accepteren|weigeren|toestaan)|\b(?:za)?akceptuj[ęe]? wszystk|\bodrzuć wszystk",
    r"\b(?:aceitar|rejeitar) tud?o|\b(?:godkänn|acceptera|avvisa) alla|\b(?:accept[eé]r|tillad|godta|aksepter|avvis) alle",
)
"""Labels of buttons."""
_HEADING: Final = _any(
    r"\bbefore you continue\b|\bwe (?:value|care about|respect) your privacy|\byour privacy (?:choices|matters|is important)",
    r"\bbevor (?:sie|du) (?:fortfahren|fortfährst|weiter)|\bmit werbung (?:weiterlesen|nutzen)|\bavant de continuer",
    r"\bantes de continuar|\bprima di continuare|\bvoordat (?:je|u) (?:verder|doorgaat)|\bzanim przejdziesz",
    r"\binnan du fortsätter|\bfør du fortsætter|\bfør du fortsetter",
)
_PURPOSE: Final = _any(
    r"\bstore and(?:/or)? access information on|\buse limited data to select|\bcreate profiles (?:for|to) personali[sz]e",
    r"\buse profiles to select personali[sz]ed|\bmeasure (?:advertising|content|ad) performance|\bunderstand audiences through",
    r"\binformationen auf einem gerät speichern|\bspeichern von oder zugriff auf informationen|\berstellung von profilen",
    r"\bmessung der (?:werbe|performance)|\bstocker et(?:/ou)? accéder à des informations|\bcréer des profils",
    r"\bmesurer la performance des (?:publicités|contenus)|\balmacenar (?:o|y/o) acceder a|\bcrear un? perfil",
    r"\barchiviare (?:informazioni|e/o accedere)|\bcreare profili|\binformatie op een apparaat opslaan|\bprofielen (?:aanmaken|opstellen)",
)
"""What data is wanted for, as the framework has it."""
_FAMILIES: Final = (
    _ACCEPT,
    _HEADING,
    _PURPOSE,
    _any(
        r"cookie|\b(?:similar|tracking|ähnliche|vergelijkbare) techn|technologies similaires|tecnolog\w+ (?:sim|semel)",
        r"\bunique identifiers|eindeutige kennungen|identifiants uniques|identificador\w* únic",
    ),
    _any(
        r"\b(?:your|a|the|this) device|\b(?:end)?gerät|\bappareil|\bdispositiv[oi]|\bapparaat|\burządzeni|\benhe[td]",
        r"\bbrowsing data|\bip[- ]address|\bip-adress|\badresses? ip\b",
    ),
    _any(
        r"\bpartner(?:s|n|ów|zy|e|es|i|ami|ji|are|e[rn]e)?\b|\bpartenaires|\bsocios\b|\bparceiros|\bvendors|\bdrittanbieter",
        r"\bfornitori\b|\bleveranciers|\bthird[- ]part(?:y|ies)",
    ),
    _any(
        r"\bpersonali[sz]|\bpersonnalis|\bgepersonaliseerd|\bspersonaliz|\banpassa|\btilpass|\btargeted|\badvertis",
        r"\bwerbung|\bpublici[td]|\bpubblicit|\badvertenties|\breklam|\bannons",
    ),
    _any(
        r"\byour (?:\w+ )?(?:choices?|preferences|settings)|\bchange your mind|\b(?:manage|more) (?:options|preferences|settings|cookies)",
        r"\bwithdraw|\bopt(?:ing)?[- ]out|\bat any time|\bcookie settings|\bjederzeit|\beinstellungen|\bwiderruf|\bà tout moment",
        r"\bparamétr|\bmes choix|\bvos choix|\bpréférences|\ben cualquier momento|\bpreferencias|\bconfigur|\bin qualsiasi momento",
        r"\bpreferenze|\bimpostazioni|\bop elk moment|\bvoorkeuren|\binstellingen|\bw (?:dowolnym|każdym) (?:momencie|czasie)",
        r"\bustawieni|\ba qualquer momento|\bpreferências|\bnär som helst|\binställningar|\bnår som helst|\bindstillinger|\binnstillinger",
    ),
    _any(
        r"\bconsent|\bprivacy\b|\blegitimate interest|\bpersonal data|\bdata protection|\bgdpr\b|\bdsgvo\b|\brgpd\b|\bavg-",
        r"\beinwillig|\bzustimm|\bdatenschutz|berechtigte[sn]? interesse|\bpersonenbezogen|\bvie privée|\bconfidentialité",
        r"\bintérêt légitime|\bdonnées (?:à caractère )?personnel|\bprivacidad|\binter[eé]s legítimo|\bdatos personales|\bconsenso",
        r"\bdati personali|\binteresse legittimo|\btoestemming|\bgerechtvaardigd belang|\bpersoonsgegevens|\bzgod[ęaąy]\b|\bprywatnoś",
        r"\bdan(?:e|ych) osobow|\bprivacidade|\binteresse legítimo|\bdados pessoais|\bsamtyck|\bsamtykke|\bintegritet|\bpersonuppgift",
        r"\bpersonoplysning|\bpersonopplysning|\bprivatliv|\bpersonvern",
    ),
)  # fmt: skip
"""What a wall speaks of, each by itself found in other texts."""
_PLAIN: Final = 3
"""The first of them are a wall's own words even where they are said to nobody."""
_WE: Final = _any(
    r"\b(?:we|our|us|this (?:web)?site|this page|wir|uns(?:er\w*)?|diese[rn]? (?:web)?(?:seite|site)|nous|notre|nos|ce site",
    r"nosotros|nuestr[oa]s?|este sitio|esta (?:web|página)|noi|nostr[oaie]|questo sito|wij|onze|ons|deze (?:web)?site|nasz\w*",
    r"nasi|ta strona|nós|noss[oa]s?|este site|vi|vår[at]?|våre|vores|denna webbplats|denne (?:nettsiden|hjemmeside)",
    r"\w{3,}[aei]mos|\w{3,}iamo|\w{3,}(?:uje|wa|zna)my)\b",
)
"""Who speaks for itself; a verb's ending says so where the pronoun is left out."""
_YOU: Final = _any(
    r"\b(?:you|your|du|dein\w*|dir|vous|votre|vos|usted|ustedes|tus?|tuo|tua|tuoi|tue|uw?|je|jouw|jij|twoj\w+|twój|swoj\w+",
    r"państwa|você|din|ditt|dina|dine|deg|dig|(?-i:Sie|Ihr(?:e[nmrs]?)?|Ihnen))\b",
)
_SENTENCE: Final = re.compile(r"[^\n]*?[.!?…](?=\s)|[^\n]+")
_QUOTED: Final = re.compile(r"“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»|\"[^\"\n]*\"")


class ConsentWords(NamedTuple):
    """How much of a text is a wall's."""

    families: frozenset[int]
    """Of what a wall speaks of, those that occur."""
    share: float
    """Of the text's characters, those in sentences that speak of it to somebody."""
    own: float
    """Those in sentences in which the site speaks of itself."""


def consent_words(text: str) -> ConsentWords:
    """Measure how much of *text* speaks as consent walls do.  In time linear in the text."""
    families: set[int] = set()
    whole = asked = own = 0
    for match in _SENTENCE.finditer(text):
        sentence = match[0].strip()
        whole += len(sentence)
        told = _QUOTED.sub(" ", sentence)
        found = [number for number, words in enumerate(_FAMILIES) if words.search(told)]
        families.update(found)
        if not found:
            continue
        speaks = bool(_WE.search(told))
        if speaks or _YOU.search(told) or found[0] < _PLAIN:
            asked += len(sentence)
        if speaks:
            own += len(sentence)
    whole = whole or 1
    return ConsentWords(frozenset(families), asked / whole, own / whole)
