"""Words that name the same: acronyms and their long forms, countries and their adjectives.

A text that has one of them is also found by the other. Left out, since they would join different
things: acronyms that are words (ICE, AIDS), adjectives of several countries (Korean is of Korea),
"Georgian", peoples ("Poles", "Finns"), and "American" after "Latin" or "South".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from newsqa.text.folding import HEALTH, STATES

_LONG_FORMS = f"""
ai: artificial intelligence
asean: association of southeast asian nations
bbc: british broadcasting corporation
cdc: centers for disease control
ceo: chief executive officer
cia: central intelligence agency
ecb: european central bank
epa: environmental protection agency
esa: european space agency
eu: european union
faa: federal aviation administration
fbi: federal bureau of investigation
fcc: federal communications commission
fda: food and drug administration
fema: federal emergency management agency
gdp: gross domestic product
hiv: human immunodeficiency virus
iaea: international atomic energy agency
icc: international criminal court
icj: international court of justice
imf: international monetary fund
ioc: international olympic committee
irs: internal revenue service
lng: liquefied natural gas
mlb: major league baseball
nasa: national aeronautics and space administration
nato: north atlantic treaty organization, north atlantic treaty organisation
nba: national basketball association
nfl: national football league
nhl: national hockey league
nhs: national health service
oecd: organisation for economic co operation and development, organization for economic
 cooperation and development
opec: organization of the petroleum exporting countries
osce: organization for security and co operation in europe
tv: television
uae: united arab emirates
uefa: union of european football associations
uk: united kingdom
un: united nations
wfp: world food programme, world food program
wto: world trade organization, world trade organisation
{HEALTH}: world health organization, world health organisation
{STATES}: united states
"""

_ADJECTIVES = """
afghanistan afghan; albania albanian; algeria algerian; angola angolan; argentina argentine
argentinian; armenia armenian; australia australian; austria austrian; azerbaijan azerbaijani;
bahrain bahraini; bangladesh bangladeshi; belarus belarusian; belgium belgian; bolivia bolivian;
bosnia bosnian; brazil brazilian; bulgaria bulgarian; cambodia cambodian; cameroon cameroonian;
canada canadian; chile chilean; china chinese; colombia colombian; croatia croatian; cuba cuban;
cyprus cypriot; czechia czech; denmark danish; ecuador ecuadorian; egypt egyptian; england
english; estonia estonian; ethiopia ethiopian; finland finnish; france french; germany german;
ghana ghanaian; greece greek; guatemala guatemalan; haiti haitian; hungary hungarian; iceland
icelandic; india indian; indonesia indonesian; iran iranian; iraq iraqi; ireland irish; israel
israeli; italy italian; jamaica jamaican; japan japanese; jordan jordanian; kazakhstan kazakh;
kenya kenyan; korea korean; kosovo kosovar; kuwait kuwaiti; laos laotian; latvia latvian; lebanon
lebanese; libya libyan; lithuania lithuanian; luxembourg luxembourgish; malaysia malaysian; mali
malian; malta maltese; mexico mexican; moldova moldovan; mongolia mongolian; montenegro
montenegrin; morocco moroccan; mozambique mozambican; myanmar burmese burma; namibia namibian;
nepal nepalese nepali; netherlands dutch; nicaragua nicaraguan; niger nigerien; nigeria nigerian;
norway norwegian; pakistan pakistani; panama panamanian; paraguay paraguayan; peru peruvian;
philippines filipino philippine; poland polish; portugal portuguese; qatar qatari; romania
romanian; russia russian; rwanda rwandan; scotland scottish; senegal senegalese; serbia serbian;
singapore singaporean; slovakia slovak; slovenia slovenian slovene; somalia somali; spain spanish
spaniard; sudan sudanese; sweden swedish; switzerland swiss; syria syrian; taiwan taiwanese;
tanzania tanzanian; thailand thai; tunisia tunisian; turkey turkish turkiye; uganda ugandan;
ukraine ukrainian; uruguay uruguayan; uzbekistan uzbek; venezuela venezuelan; vietnam vietnamese;
wales welsh; yemen yemeni; zambia zambian; zimbabwe zimbabwean; uk british britain briton
"""
_CAPITAL_ONLY = "polish"  # in small letters a verb
_NOT_OF_THE_STATES = frozenset("latin south central north inter pan native all".split())

Equivalents = tuple[list[str], set[int]]


def equivalents(words: Sequence[str], *, capitals: bool = True) -> Equivalents:
    """Return the other names of what folded words name, and the places that these stand for.

    Args:
        words: The words of a text or a question, folded, in order.
        capitals: Whether "polish" among them is written with a capital.
    """
    added: list[str] = []
    places: set[int] = set()
    for at, word in enumerate(words):
        for form, acronym in _long_forms().get(word, ()):
            if tuple(words[at : at + len(form)]) == form:
                added.append(acronym)
                places.update(range(at, at + len(form)))
        country = _adjectives().get(word) or _adjectives().get(word.removesuffix("s"))
        if country is not None and (word != _CAPITAL_ONLY or capitals):
            added.append(country)
            places.add(at)
        elif word in ("american", "americans") and not _of_another_america(words, at):
            added.append(STATES)
            places.add(at)
    return added, places


def _of_another_america(words: Sequence[str], at: int) -> bool:
    return at > 0 and words[at - 1] in _NOT_OF_THE_STATES


@cache
def _long_forms() -> Mapping[str, Sequence[tuple[tuple[str, ...], str]]]:
    """The long forms by their first word, each with its acronym."""
    forms: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for line in _LONG_FORMS.replace("\n ", " ").strip().splitlines():
        acronym, _, texts = line.partition(":")
        for text in texts.split(","):
            form = tuple(text.split())
            forms.setdefault(form[0], []).append((form, acronym))
    return forms


@cache
def _adjectives() -> Mapping[str, str]:
    """The country of each adjective."""
    rows = (row.split() for row in _ADJECTIVES.split(";"))
    return {adjective: country for country, *adjectives in rows for adjective in adjectives}
