"""Consent walls in several languages are known by how they speak; news about them is news."""

import json

import pytest

from streams.normalize.consent import consent_words
from streams.normalize.extract import extract_body
from streams.normalize.gate import judge_page
from streams.normalize.normalize import Rejection, normalize
from streams.normalize.page import parse_page
from tests.support.require import ROOT, require_shared
from tests.unit.normalize.normalize_parts import PARAGRAPHS, URL, item, page

WALLS = {
    "en": [
        (
            "We and our 847 partners store and access information on your device, such as cookies and unique "
            "identifiers, to show you personalised advertising and content."
        ),
        "You can change your choices at any time in our privacy centre.",
    ],
    "en, short": ["This site uses cookies to give you the best experience and to personalise what you see."],
    "en, its purposes": [
        "Harbour Media and its vendors use data for the following purposes, and we need your consent for them.",
        (
            "Store and/or access information on a device. Use limited data to select advertising. Create profiles "
            "for personalised advertising. Measure content performance."
        ),
        "Some vendors rely on legitimate interest. You can object to that under “Manage options”.",
    ],
    "de": [
        (
            "Wir und unsere 212 Partner speichern Informationen auf Ihrem Gerät oder greifen darauf zu, zum Beispiel "
            "mit Cookies, um Ihnen personalisierte Werbung zu zeigen."
        ),
        "Ihre Einwilligung können Sie jederzeit in der Datenschutzerklärung widerrufen.",
    ],
    "de, pay or agree": [
        "Mit Werbung weiterlesen: Besuchen Sie uns wie gewohnt mit Werbung und Tracking.",
        (
            "Dafür brauchen wir Ihre Zustimmung, die Sie jederzeit widerrufen können. Details stehen in unserer "
            "Datenschutzerklärung."
        ),
    ],
    "fr": [
        (
            "Nous et nos 120 partenaires stockons ou accédons à des informations sur votre appareil, par exemple à "
            "l’aide de cookies, pour vous proposer des publicités personnalisées."
        ),
        "Vous pouvez modifier vos choix à tout moment dans notre politique de confidentialité.",
    ],
    "es": [
        (
            "Nosotros y nuestros 93 socios almacenamos información en su dispositivo, como las cookies, para mostrar "
            "publicidad personalizada."
        ),
        "Puede cambiar sus preferencias en cualquier momento en nuestra política de privacidad.",
    ],
    "it": [
        (
            "Noi e i nostri fornitori archiviamo informazioni su un dispositivo, come i cookie, per mostrare "
            "pubblicità personalizzata."
        ),
        "Puoi revocare il tuo consenso in qualsiasi momento tramite le impostazioni.",
    ],
    "nl": [
        (
            "Wij en onze partners slaan informatie op een apparaat op, zoals cookies, om je gepersonaliseerde "
            "advertenties te tonen."
        ),
        "Je kunt je toestemming op elk moment intrekken via onze instellingen.",
    ],
    "pl": [
        (
            "My i nasi partnerzy przechowujemy informacje na urządzeniu, takie jak pliki cookie, aby wyświetlać "
            "spersonalizowane reklamy."
        ),
        "Swoją zgodę możesz wycofać w dowolnym momencie w ustawieniach prywatności.",
    ],
    "pt": [
        (
            "Nós e os nossos parceiros armazenamos informações num dispositivo, tais como cookies, para mostrar "
            "publicidade personalizada."
        ),
        "Pode alterar as suas preferências a qualquer momento na nossa política de privacidade.",
    ],
    "sv": [
        "Vi och våra partner lagrar information på din enhet, till exempel cookies, för att visa anpassade annonser.",
        "Du kan när som helst ändra ditt samtycke i våra inställningar.",
    ],
    "da": [
        (
            "Vi og vores partnere gemmer oplysninger på din enhed, for eksempel cookies, for at vise dig tilpassede "
            "reklamer."
        ),
        "Du kan når som helst trække dit samtykke tilbage under vores indstillinger.",
    ],
}
BUTTONS = "<div><button>Accept all</button> <button>Manage options</button> <button>Reject all</button></div>"
NEWS = {
    "a fine": [
        (
            "A regulator fined the social network Plover 40 million crowns on Tuesday because it had stored cookies "
            "on users’ devices before they consented."
        ),
        (
            "The data protection authority of Velland said that the consent dialogue, which opened with “We value "
            "your privacy”, offered a button to accept all cookies but none to reject them."
        ),
        (
            "Plover and its 600 advertising partners had also used legitimate interest as a pretext, the decision "
            "says. “Your choices were made for you,” said the authority’s head, Marit Sollen."
        ),
        (
            "The company said it would appeal. “We and our partners respect your privacy at any time,” a "
            "spokesman said."
        ),
    ],
    "short": [
        (
            "Cookie banners may soon disappear from Velland’s websites: the government wants browsers to send "
            "consent once for all sites, the ministry for digital affairs said on Monday. Advertisers and their "
            "partners oppose the plan."
        )
    ],
    "advice": [
        (
            "Cookie banners are back in court. What does the new ruling mean for readers, and how can you reject "
            "tracking without giving up half an hour?"
        ),
        (
            "The judges found that a site must make it as easy to refuse as to accept. In practice that means two "
            "buttons of the same size, said Ilka Brandt, who teaches privacy law in Tarnmouth."
        ),
        (
            "You can change your choices at any time on most sites, but few people do. A survey by the consumer "
            "union found that four in five never open the settings."
        ),
        (
            "Browsers help. Two of the four largest block third-party cookies unless you allow them, and a third "
            "will follow in spring."
        ),
        "The union expects hundreds of complaints. It has filed 31 itself, most against publishers.",
    ],
    "de": [
        (
            "Die Datenschutzbehörde hat dem Netzwerk Plover untersagt, ohne Einwilligung Cookies auf Geräten zu "
            "speichern."
        ),
        (
            "Das Unternehmen und seine Partner hätten personenbezogene Daten für Werbung genutzt, teilte die Behörde "
            "am Dienstag mit. „Wir haben Ihre Zustimmung jederzeit geachtet“, sagte ein Sprecher."
        ),
    ],
    "es": [
        (
            "La autoridad de protección de datos multó a la empresa y a sus socios por instalar cookies en los "
            "dispositivos de sus usuarios sin su consentimiento, según informó el martes."
        ),
        "La compañía mostraba publicidad personalizada y no permitía rechazar todo en la primera pantalla.",
    ],
}


def finding(paragraphs, *, head="", title="example.org", url=URL):
    parsed = parse_page(page(paragraphs, title=title, head=head, tail=BUTTONS), url)
    return judge_page(parsed, extract_body(parsed, url).text, url)


@pytest.mark.parametrize("name", WALLS)
def test_a_wall(name):
    assert finding(WALLS[name]) == "consent_wall"


def test_the_wall_among_the_samples_is_rejected():
    html = (ROOT / "seeds" / "articles" / "07-consent-wall.html").read_bytes()
    found = normalize(item(html, "text/html", source_kind="page", url=URL))
    assert isinstance(found, Rejection)
    assert found.reason == "consent_wall"


@pytest.mark.parametrize("name", NEWS)
def test_news_about_cookies_is_news(name):
    assert finding(NEWS[name]) is None
    # Beside a banner that was taken for text, too.
    assert finding([*NEWS[name], *PARAGRAPHS, *WALLS["en"]]) is None


def test_a_page_that_calls_itself_an_article():
    said = f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle"})}</script>'
    assert finding(WALLS["en"], head=said) == "consent_wall"
    assert finding([*WALLS["en"], *NEWS["short"]], head=said) is None
    assert finding(PARAGRAPHS, head=said) is None


def test_a_short_article_under_a_banner():
    assert finding(["The harbour is closed until noon."]) == "thin"


@pytest.mark.parametrize(
    "text", ["“" * 4_000, "a." * 2_000, "wir" * 1_300, "we use cookies " * 260, "", "\n \n"]
)
def test_any_text_is_measured(text):
    words = consent_words(text)
    assert 0 <= words.own <= words.share <= 1


def texts_of_others():
    for path in sorted(require_shared("bbc-news").glob("*/*.txt")):
        yield path.name, path.read_text("utf-8", errors="replace")
    for path in sorted(require_shared("reuters21578").glob("*.json")):
        yield from ((path.name, entry["body"]) for entry in json.loads(path.read_text()) if entry.get("body"))


@pytest.mark.slow
@pytest.mark.shared
def test_no_news_text_speaks_like_a_wall():
    measured = [(consent_words(text), name) for name, text in texts_of_others()]
    assert len(measured) > 10_000
    assert [name for words, name in measured if words.share > 0.3 or len(words.families) > 3] == []
