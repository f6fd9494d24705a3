import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.normalize.clean import storable
from streams.normalize.markup import fragment_text, has_markup, is_page, line_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\nTwo"),
        ("<p>One\n   wrapped <b>bold</b>word</p>\n\n<p>Two", "One wrapped boldword\nTwo"),
        ("One<br>Two<br/><br/>Three", "One\nTwo\nThree"),
        ("<ul><li>a</li><li>b</li></ul>after", "a\nb\nafter"),
        ("<p>a<script>alert(1)</script>b<style>x</style><img src=x alt=y>c</p>", "abc"),
        ("<!-- no --><p>a &amp; b &lt;c&gt; &#8211; d</p>", "a & b <c> – d"),
        ("<h2>Head</h2>text<blockquote><p>q</p></blockquote>", "Head\ntext\nq"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("", ""),
        ("<p></p>", ""),
        ("a\x00b", "a\ufffdb"),
    ],
)
def test_the_text_of_a_fragment(html, text):
    assert fragment_text(html) == text


@given(st.text(st.sampled_from("<>/&;#pbraliv !-='\"x0\x00\ud800\n") | st.characters()))
def test_no_fragment_raises(html):
    text = fragment_text(html)
    assert storable(text)
    assert "\n\n" not in text
    assert text == text.strip()


def test_lines_with_and_without_markup():
    assert line_of("AT&amp;T <i>wins</i>\n again") == "AT&T wins again"
    assert line_of("5 < 6 & 7 > 3") == "5 < 6 & 7 > 3"
    assert not has_markup("a < b & c; d > e")


def test_pages_and_fragments():
    assert is_page("<!DOCTYPE html><p>x")
    assert is_page("<head></head>x")
    assert not is_page("<p>the <header>html</header></p>")
    assert not is_page("")
