"""Countries by the names and demonyms that English news uses, as ISO 3166-1 alpha-2.

Names are pycountry's (ISO's own, common and official) and a table of what newspapers write instead.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import pycountry

from streams.enrich.names import name_words
from streams.enrich.places import country_place

__all__ = [
    "country_key",
    "country_name",
    "country_of_demonym",
    "country_of_name",
    "demonyms",
    "region_of_demonym",
]

_NAMES: Final[dict[str, str]] = {
    "BO": "bolivia",
    "BN": "brunei",
    "BQ": "bonaire",
    "CD": "democratic republic of congo|democratic republic of the congo|dr congo|drc|congo-kinshasa",
    "CG": "republic of the congo|congo-brazzaville",
    "CI": "ivory coast|cote d'ivoire",
    "CV": "cape verde",
    "CZ": "czech republic",
    "DE": "west germany",
    "FK": "falkland islands|falklands",
    "FM": "micronesia",
    "GB": "uk|u.k.|britain|great britain",
    "IR": "iran",
    "KN": "st kitts and nevis",
    "KP": "north korea|n korea|n. korea|dprk",
    "KR": "south korea|s korea|s. korea",
    "LA": "laos",
    "LC": "st lucia",
    "MD": "moldova",
    "MM": "burma",
    "MO": "macau",
    "MK": "macedonia",
    "NL": "holland",
    "PS": "palestine|palestinian territories",
    "RU": "russia",
    "ST": "sao tome",
    "SY": "syria",
    "SZ": "swaziland",
    "TL": "east timor",
    "TR": "turkey|turkiye",
    "TW": "taiwan",
    "TZ": "tanzania",
    "US": "us|u.s.|usa|u.s.a.|america|united states of america",
    "VA": "vatican|vatican city|holy see",
    "VC": "st vincent and the grenadines",
    "VE": "venezuela",
    "VN": "vietnam",
}

_DEMONYMS: Final[dict[str, str]] = {
    "AE": "Emirati",
    "AF": "Afghan",
    "AL": "Albanian",
    "AM": "Armenian",
    "AO": "Angolan",
    "AR": "Argentine|Argentinian",
    "AT": "Austrian",
    "AU": "Australian",
    "AZ": "Azerbaijani",
    "BA": "Bosnian",
    "BD": "Bangladeshi",
    "BE": "Belgian",
    "BF": "Burkinabe",
    "BG": "Bulgarian",
    "BH": "Bahraini",
    "BI": "Burundian",
    "BJ": "Beninese",
    "BO": "Bolivian",
    "BR": "Brazilian",
    "BW": "Botswanan",
    "BY": "Belarusian",
    "CA": "Canadian",
    "CD": "Congolese",
    "CH": "Swiss",
    "CI": "Ivorian",
    "CL": "Chilean",
    "CM": "Cameroonian",
    "CN": "Chinese",
    "CO": "Colombian",
    "CR": "Costa Rican",
    "CU": "Cuban",
    "CY": "Cypriot",
    "CZ": "Czech",
    "DE": "German|West German",
    "DK": "Danish|Dane",
    "DO": "Dominican",
    "DZ": "Algerian",
    "EC": "Ecuadorian|Ecuadorean",
    "EE": "Estonian",
    "EG": "Egyptian",
    "ER": "Eritrean",
    "ES": "Spanish|Spaniard",
    "ET": "Ethiopian",
    "FI": "Finnish|Finn",
    "FJ": "Fijian",
    "FR": "French|Frenchman|Frenchwoman|Frenchmen",
    "GA": "Gabonese",
    "GB": "British|Briton|Brit",
    "GE": "Georgian",
    "GH": "Ghanaian",
    "GM": "Gambian",
    "GN": "Guinean",
    "GR": "Greek",
    "GT": "Guatemalan",
    "GY": "Guyanese",
    "HN": "Honduran",
    "HR": "Croatian|Croat",
    "HT": "Haitian",
    "HU": "Hungarian",
    "ID": "Indonesian",
    "IE": "Irish|Irishman|Irishmen",
    "IL": "Israeli",
    "IN": "Indian",
    "IQ": "Iraqi",
    "IR": "Iranian",
    "IS": "Icelandic|Icelander",
    "IT": "Italian",
    "JM": "Jamaican",
    "JO": "Jordanian",
    "JP": "Japanese",
    "KE": "Kenyan",
    "KG": "Kyrgyz",
    "KH": "Cambodian",
    "KP": "North Korean",
    "KR": "South Korean",
    "KW": "Kuwaiti",
    "KZ": "Kazakh",
    "LA": "Laotian",
    "LB": "Lebanese",
    "LK": "Sri Lankan",
    "LR": "Liberian",
    "LT": "Lithuanian",
    "LU": "Luxembourger",
    "LV": "Latvian",
    "LY": "Libyan",
    "MA": "Moroccan",
    "MD": "Moldovan",
    "ME": "Montenegrin",
    "MG": "Malagasy",
    "MK": "Macedonian",
    "ML": "Malian",
    "MM": "Burmese",
    "MN": "Mongolian",
    "MR": "Mauritanian",
    "MT": "Maltese",
    "MU": "Mauritian",
    "MV": "Maldivian",
    "MW": "Malawian",
    "MX": "Mexican",
    "MY": "Malaysian",
    "MZ": "Mozambican",
    "NA": "Namibian",
    "NE": "Nigerien",
    "NG": "Nigerian",
    "NI": "Nicaraguan",
    "NL": "Dutch|Dutchman",
    "NO": "Norwegian",
    "NP": "Nepalese|Nepali",
    "NZ": "New Zealander",
    "OM": "Omani",
    "PA": "Panamanian",
    "PE": "Peruvian",
    "PG": "Papua New Guinean",
    "PH": "Philippine|Filipino",
    "PK": "Pakistani",
    "PL": "Polish|Pole",
    "PR": "Puerto Rican",
    "PS": "Palestinian",
    "PT": "Portuguese",
    "PY": "Paraguayan",
    "QA": "Qatari",
    "RO": "Romanian",
    "RS": "Serbian|Serb",
    "RU": "Russian",
    "RW": "Rwandan",
    "SA": "Saudi|Saudi Arabian",
    "SD": "Sudanese",
    "SE": "Swedish|Swede",
    "SG": "Singaporean",
    "SI": "Slovenian|Slovene",
    "SK": "Slovak|Slovakian",
    "SL": "Sierra Leonean",
    "SN": "Senegalese",
    "SO": "Somali",
    "SS": "South Sudanese",
    "SV": "Salvadoran",
    "SY": "Syrian",
    "TD": "Chadian",
    "TG": "Togolese",
    "TH": "Thai",
    "TJ": "Tajik",
    "TM": "Turkmen",
    "TN": "Tunisian",
    "TR": "Turkish|Turk",
    "TW": "Taiwanese",
    "TZ": "Tanzanian",
    "UA": "Ukrainian",
    "UG": "Ugandan",
    "US": "American",
    "UY": "Uruguayan",
    "UZ": "Uzbek",
    "VE": "Venezuelan",
    "VN": "Vietnamese",
    "YE": "Yemeni",
    "ZA": "South African",
    "ZM": "Zambian",
    "ZW": "Zimbabwean",
}

_REGIONS: Final[dict[str, str]] = {
    "Africa": "African",
    "Asia": "Asian",
    "Europe": "European",
    "Latin America": "Latin American",
    "Scotland": "Scottish",
    "Soviet Union": "Soviet",
    "Wales": "Welsh",
    "Yugoslavia": "Yugoslav|Yugoslavian",
}
"""Peoples of what is no country by ISO 3166-1."""

_AMBIGUOUS: Final = frozenset(("georgia", "jersey", "congo", "korea", "guernsey"))
"""As often a state, a county or two countries: no code without knowing which."""

_KEYS: Final[dict[str, str]] = {
    "BN": "brunei",
    "CD": "democratic republic of the congo",
    "CG": "republic of the congo",
    "CI": "ivory coast",
    "CV": "cape verde",
    "FK": "falkland islands",
    "RU": "russia",
    "TR": "turkey",
    "VA": "vatican",
    "VG": "british virgin islands",
    "VI": "us virgin islands",
}
"""Keys where ISO's name is not the common one."""


def _folded(name: str) -> str:
    return " ".join(name.replace("’", "'").casefold().split()).removeprefix("the ")


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            if value := getattr(country, field, None):
                codes[_folded(value)] = country.alpha_2
    for code, names in _NAMES.items():
        codes.update(dict.fromkeys(names.split("|"), code))
    return {name: code for name, code in codes.items() if name not in _AMBIGUOUS}


def demonyms() -> list[str]:
    """Return the adjectives and peoples' names of all countries and some regions, in the singular."""
    return [word for words in (*_DEMONYMS.values(), *_REGIONS.values()) for word in words.split("|")]


@cache
def _demonym_codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for code, words in _DEMONYMS.items():
        for word in words.split("|"):
            codes[word.casefold()] = codes[word.casefold() + "s"] = code
    return codes


def country_of_name(name: str) -> str | None:
    """Return the code of the country called *name*, null where it is none or may be another place.

    The two-letter forms of the United States and the United Kingdom count in capitals only.
    """
    folded = _folded(name)
    if len(folded) == 2 and not name.isupper():
        return None
    return _codes().get(folded)


def country_of_demonym(word: str) -> str | None:
    """Return the code of the country that an adjective or people's name belongs to ("Ukrainians")."""
    return _demonym_codes().get(_folded(word))


def region_of_demonym(word: str) -> str | None:
    """Return the name of the region that is no country whose adjective or people this is ("Europeans")."""
    folded = _folded(word)
    return next(
        (name for name, words in _REGIONS.items() if folded.removesuffix("s") in words.casefold().split("|")),
        None,
    )


def country_name(code: str) -> str:
    """Return a country's common English name."""
    place = country_place(code)
    return place.name if place else country_key(code).title()


@cache
def country_key(code: str) -> str:
    """Return a country's key for grouping: its common English name in lower case."""
    if code in _KEYS:
        return _KEYS[code]
    country: Any = pycountry.countries.get(alpha_2=code)
    name: str = getattr(country, "common_name", None) or country.name
    return " ".join(name_words(name.partition(",")[0]))
