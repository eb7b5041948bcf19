"""Text: conversions, comparison and splitting, on any input."""

import re
import sys
import time
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.sandbox.intercom.bodies import sanitise
from mappings.characters import carries_nothing, clean
from mappings.html.markup import Image, read_html
from mappings.languages import Language
from mappings.text import (
    address_key,
    comparison_text,
    html_to_text,
    pieces,
    split_text,
    tag_key,
    text_hash,
    text_to_html,
)

PLAIN = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("\n\r \t\xa0<>&-*|`1.:/()htps\u200d\ud83d\ude00\u0338\u0301\x00\x1c\x0b\u2028\ufeff"),
    )
)
TAGS = (
    "p",
    "div",
    "b",
    "ul",
    "ol",
    "li",
    "blockquote",
    "table",
    "tr",
    "td",
    "pre",
    "a href='http://x'",
    "a href='https://y/?a=1&b'",
    "br",
    "img src='https://x/y.png'",
    "script",
    "style",
    "span",
    "h1",
)
PIECES = [f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS]
MARKUP = st.lists(
    st.one_of(
        st.sampled_from([*PIECES, "x", " ", "\n", "&nbsp;", "&lt;", "&#11;", "http://z"]), st.text(max_size=3)
    ),
    max_size=25,
).map("".join)
HIDING = ("<script>", "</script>", "<style>", "</style>")
BORDERED = st.text("ab \n", max_size=300) | st.text(max_size=200)


@given(PLAIN)
@settings(deadline=None)
def test_comparison_survives_the_other_side(text: str) -> None:
    """A text compares equal to itself after it went through HTML and back."""
    assert comparison_text(html_to_text(text_to_html(text))) == comparison_text(text)


@given(PLAIN)
@settings(deadline=None)
def test_comparison_is_idempotent(text: str) -> None:
    """Comparing what is already reduced changes nothing, and hashing it neither."""
    assert comparison_text(comparison_text(text)) == comparison_text(text)
    assert text_hash(comparison_text(text)) == text_hash(text)


@given(PLAIN)
@settings(deadline=None)
def test_text_is_stable_after_one_pass(text: str) -> None:
    """Through HTML and back, a text settles after one pass."""
    once = html_to_text(text_to_html(text))
    assert html_to_text(text_to_html(once)) == once


@given(MARKUP)
@settings(max_examples=300, deadline=None)
def test_markup_is_stable_after_one_pass(html: str) -> None:
    """The text of any markup survives being written as HTML and read again."""
    text = html_to_text(html)
    assert html_to_text(text_to_html(text)) == text


@given(PLAIN | MARKUP)
@settings(deadline=None)
def test_html_holds_no_foreign_markup(text: str) -> None:
    """HTML made of text has only the tags that we write."""
    tags = set(re.findall(r"<(/?\w+)", text_to_html(text)))
    assert tags <= {"p", "/p", "br", "a", "/a"}


@given(MARKUP, st.sampled_from(["script", "style"]))
@settings(deadline=None)
def test_scripts_are_dropped(html: str, tag: str) -> None:
    """What stands inside a script or style never becomes text."""
    html = html.replace("<style>", "").replace("<script>", "")
    assert "evil" not in html_to_text(f"<div>{html}</div></pre><{tag}>evil()</{tag}>")


SOUP = (
    *PIECES,
    *(
        "<section>",
        "</section>",
        "<dt>",
        "<dd>",
        "<option>",
        "<text>",
        "</text>",
        "<svg>",
        "<math>",
        "<mtext>",
    ),
    *(
        "<template>",
        "<select>",
        "<textarea>",
        "<title>",
        "<iframe>",
        "<noscript>",
        "<plaintext>",
        "<frameset>",
    ),
    *(
        "<![CDATA[",
        "]]>",
        "</",
        "<b <i>",
        "<",
        ">",
        "</nothing>",
        "<o:p>",
        "<!doctype html>",
        "&lt;",
        "&",
        "&#",
    ),
)


@given(
    st.lists(st.sampled_from([piece for piece in SOUP if piece not in HIDING]), max_size=30),
    st.sampled_from(["", "<a href='", '<b title="', "<!--", "<b", "<b class=x ", "</"]),
)
@settings(max_examples=300, deadline=None)
def test_no_word_of_tag_soup_is_lost(pieces: list[str], tail: str) -> None:
    """However broken the markup is, the words between its tags come out in order, those behind it too."""
    html = "".join(f"{piece} word{number} " for number, piece in enumerate(pieces)) + f"{tail} wordlast"
    inside_tags = set(re.findall(r"word\w+", " ".join(re.findall(r"<[a-zA-Z/!][^<>]*>", html))))
    expected = [word for word in re.findall(r"word\w+", html) if word not in inside_tags]
    found = [word for word in re.findall(r"word\w+", html_to_text(html)) if word not in inside_tags]
    moved = "<table>" in pieces  # words outside its cells are shown before a table, as browsers do
    assert (sorted(found), moved or found) == (sorted(expected), moved or expected)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<section>a</section><section>b</section>", "a\nb"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\nb"),
        ("<text>word</text> <svg><style>p{}</style><title>t</title></svg>z", "word\nt\nz"),
        ("a<![CDATA[word]]>b", "awordb"),
        ("a<![CDATA[<b>word</b>]]>b", "awordb"),
        ("a<![CDATA[<p>>", "a\n\n>"),
        ("a <b and more", "a <b and more"),
        ("a<!-->b <a href='x>word</a> more", "ab word more"),
        ("a<!--->b <a href='x>word</a> more", "ab word more"),
        ("a<!--> x -->b <a href='x>word</a> more", "a x -->b word more"),
        ("a<!-- x --!>b <a href='x>word</a> more", "ab word more"),
        ("<a href='x>word</a> more", "word more"),
        ("<img src='x><script>evil()</script> word", "word"),
        ("a<!-- word", "a<!-- word"),
        ('<script>var s = "it\'s <b"</script>z', "z"),
        ("x<script>evil()", "x"),
    ],
)
def test_broken_markup(html: str, text: str) -> None:
    """Foreign, unclosed and glued markup gives its words, and never a script."""
    assert html_to_text(html) == text


@given(PLAIN, st.booleans())
@settings(deadline=None)
def test_comparison_survives_the_sanitiser(text: str, note: bool) -> None:  # noqa: FBT001 - given by Hypothesis
    """What Intercom stores of a text of ours compares equal to the text."""
    stored = sanitise(text_to_html(text), note=note)
    assert comparison_text(html_to_text(stored)) == comparison_text(text)


@given(MARKUP, st.booleans())
@settings(max_examples=200, deadline=None)
def test_comparison_of_markup_survives_the_sanitiser(html: str, note: bool) -> None:  # noqa: FBT001 - given by Hypothesis
    """The text of any markup is still the same after a copy of it was sanitised and read back."""
    text = html_to_text(html)
    stored = sanitise(text_to_html(text), note=note)
    assert comparison_text(html_to_text(stored)) == comparison_text(text)


@given(BORDERED, st.integers(32, 80))
@settings(deadline=None)
def test_split_loses_no_word(text: str, limit: int) -> None:
    """Pieces fit, are numbered, and together hold every word in order."""
    pieces = split_text(text, limit)
    assert all(len(piece) <= limit for piece in pieces)
    if len(pieces) > 1:
        numbered = [re.fullmatch(r"\((\d+)/(\d+)\) (.*)", piece, re.DOTALL) for piece in pieces]
        assert [n and n[1] for n in numbered] == [str(i + 1) for i in range(len(pieces))]
        assert "".join("".join(n[3] for n in numbered if n).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("short", ("short",)),
        ("a" * 20 + "\n\n" + "b" * 20, ("(1/2) " + "a" * 20, "(2/2) " + "b" * 20)),
        ("a" * 20 + "\n" + "b " * 10, ("(1/2) " + "a" * 20, "(2/2) " + "b " * 9 + "b")),
        ("one two three four five six seven", ("(1/2) one two three four five", "(2/2) six seven")),
        (" " * 50, ("",)),
        (" " * 50 + "x", ("x",)),
    ],
)
def test_split_borders(text: str, pieces: tuple[str, ...]) -> None:
    """Paragraphs are preferred to lines and lines to words; a single piece has no number."""
    assert split_text(text, 32) == pieces


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<b>bold</b> and <a href='https://x.example/a", "bold and <a href='https://x.example/a"),
        ("<p>one</p><!-- hidden --><i>two</i> <b", "one\n\ntwo <b"),
        ("<!-->one <b", "one <b"),
        ("<!DOCTYPE html>one <b", "one <b"),
        ("<script>a < b</script>one <b", "one <b"),
        ("one <script>a", "one"),
        ("1 < 2 <b", "1 < 2 <b"),
    ],
    ids=["address", "comment", "empty comment", "doctype", "script", "script without an end", "no tag"],
)
def test_markup_that_breaks_off_keeps_what_stands_before(html: str, text: str) -> None:
    """Tags, comments and scripts that end are read; a tag that does not is text."""
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("text", "first", "cut"),
    [
        ("one two", None, ("one two",)),
        ("one two three", None, ("one two", "three")),
        ("one two", 6, ("one", "two")),
        ("one\n\ntwo", 8, ("one\n\ntwo",)),
    ],
    ids=["fills a piece", "one more word", "fills more than the first", "fills the first"],
)
def test_a_text_that_fits_exactly_is_not_cut(text: str, first: int | None, cut: tuple[str, ...]) -> None:
    """Of seven letters in a piece; the first may be of another size."""
    assert pieces(text, 7, first) == cut


def test_split_keeps_whole_words() -> None:
    """Words that fit a piece are never cut."""
    words = [f"word{n}" for n in range(3000)]
    pieces = split_text(" ".join(words), 120)
    assert [w for piece in pieces for w in piece.split()[1:]] == words


def test_split_needs_room() -> None:
    """A limit without room for text is refused."""
    with pytest.raises(ValueError, match="no room"):
        split_text("x", 5)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hi Alice,</p>\n\n<p> We noticed</p> \n<p>- Jane</p>", "Hi Alice,\n\nWe noticed\n\n- Jane"),
        ("a<br>b<br/><br>c", "a\nb\n\nc"),
        ("<ul><li>a<ul><li>b</li></ul></li><li><p>c</p></li></ul>d", "- a\n  - b\n- c\n\nd"),
        ("<ol start=3><li>x</li><li>y<br>z</li></ol>", "3. x\n4. y\n   z"),
        ("<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n\n> b\n\nc"),
        (
            "<table><tr><th>A</th><th>B</th></tr><tr><td><p>1</p></td><td><p>2</p></td></tr></table>",
            "A | B\n1 | 2",
        ),
        ("<pre>def f():\n    x</pre>", "def f():\n    x"),
        ('<a href="https://z.com/a">site</a>', "site (https://z.com/a)"),
        ('<a href="https://z.com/">z.com</a>', "z.com"),
        ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
        ('<a href="https://z.com"></a>', "https://z.com"),
        ('<a href="javascript:alert(1)">x</a>', "x"),
        ('a <img src="https://x/y.png"> b', "a b"),
        ("&lt;b&gt; &amp;amp; &#128512;", "<b> &amp; 😀"),
        ("<p>שלום <b>עולם</b></p><p>ok</p>", "שלום עולם\n\nok"),
        ("<h1>T</h1>text", "T\n\ntext"),
        ("plain\ntext &amp;\tmore", "plain\ntext &  more"),
        ("<p>&nbsp;</p><p>a&nbsp;b</p>", "a b"),
        ("<unknown>kept</unknown><!-- gone -->", "kept"),
        ("a\ud800b", "a\ufffdb"),
        ("", ""),
    ],
)
def test_html_to_text(html: str, text: str) -> None:
    """Markup becomes text as people would write it."""
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\nb\n\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>"),
        (
            "(see https://x.y/?a=1&b=2).",
            '<p>(see <a href="https://x.y/?a=1&amp;b=2">https://x.y/?a=1&amp;b=2</a>).</p>',
        ),
        ("  code", "<p>\xa0\xa0code</p>"),
        (" \n ", ""),
    ],
)
def test_text_to_html(text: str, html: str) -> None:
    """Text becomes paragraphs with linked addresses, everything else escaped."""
    assert text_to_html(text) == html


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a\r\nb", "a b"),
        ("e\u0301", "\u00e9"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("- a\n- b", "• a\n* b"),
        ("> quoted", "quoted"),
        ("a | b", "a b"),
        ("☺\ufe0f", "☺"),
        ("x\x07y", "xy"),
    ],
)
def test_comparison_ignores(one: str, other: str) -> None:
    """White space, composition, invisible characters and markers make no difference."""
    assert comparison_text(one) == comparison_text(other)


@pytest.mark.parametrize(("one", "other"), [("ok", "ok!"), ("-5", "5"), ("a", "A"), ("1. a", "2. a")])
def test_comparison_tells_apart(one: str, other: str) -> None:
    """Words that differ compare as different."""
    assert text_hash(one) != text_hash(other)


def test_images_and_layout() -> None:
    """Inline images are found with their names, and a lost layout is noticed."""
    reading = read_html('<b>x</b><img src="https://x/y.png" alt="Plan"><img src="/relative.png">')
    assert reading.images[0] == Image("Plan", "https://x/y.png")
    assert reading.layout
    assert not read_html("<p>x</p>").layout


HUGE = 1_000_000
HOSTILE = {
    "words": "word " * (HUGE // 5),
    "spaces": " " * HUGE,
    "one word": "x" * HUGE,
    "open tags": "<b>" * (HUGE // 3),
    "deep": "<div>" * (HUGE // 5),
    "brackets": "<" * HUGE,
    "entities": "&" * HUGE,
    "comments": "<!--" * (HUGE // 4),
    "scripts": "<script>" * (HUGE // 8),
    "attributes": "<a " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
    "formatting": "".join(f"<p><b id={n}>" for n in range(50_000)),
    "tables": "<table><tr><td>" * (HUGE // 15),
    "addresses": "http://" * (HUGE // 7),
    "dots": "http://" + "." * HUGE,
    "breaks": "\n" * HUGE,
    "flat": "<p>a</p>" * (HUGE // 8),
    "nearly too deep": "<b>" * 290 + "<p>x</p>" * 10_000,
    "emoji": "👩\u200d👩\u200d👧 " * (HUGE // 6),
}


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "function", [text_to_html, comparison_text, clean, carries_nothing, lambda text: split_text(text, 4000)]
)
def test_a_megabyte_takes_no_time(name: str, function: Callable[[str], object]) -> None:
    """A megabyte of anything is worked off in linear time."""
    began = time.process_time()
    function(HOSTILE[name])
    assert time.process_time() - began < 4


HOSTILE_MARKUP = HOSTILE | {
    "null bytes": "<b>\x00</b>" * (HUGE // 8),
    "raw text": "<plaintext><textarea><xmp>" * (HUGE // 26),
    "templates": "<template>" * (HUGE // 10),
    "sections": "<![CDATA[" * (HUGE // 9),
    "hidden": "<noscript><style></" * (HUGE // 18),
    "foreign": "<svg><math><mi>" * (HUGE // 15),
    "choices": "<select><option>" * (HUGE // 16),
    "links": "<a href=x><p>" * (HUGE // 13),
    "crossed": "<b><i></b></i>" * (HUGE // 14),
    "crossed links": "<a>" + "<div>" * (HUGE // 10) + "</a>" * (HUGE // 8),
    "ends": "<x>" * (HUGE // 6) + "</y>" * (HUGE // 8),
    "moved": "<table>" + "x<b>" * (HUGE // 4),
    "lists": "<ul><li>a" * (HUGE // 9),
    "quotes": "<blockquote>a" * (HUGE // 13),
    "half tags": "</" * (HUGE // 2),
    "open values": "<a b='" * (HUGE // 6),
    "mixed values": "<a b=\"'" * (HUGE // 7),
    "half comments": "<!" * (HUGE // 2) + "<!--",
    "films": "<video><source src=x>" * (HUGE // 21),
    "number": "&#x" * (HUGE // 3),
}


def steps_of(function: Callable[[str], object], given: str) -> int:
    """Return how many lines of Python a call runs, which unlike its time is the same on every machine."""
    ran = 0

    def count(*_: object) -> object:
        nonlocal ran
        ran += 1
        return count

    function("<p>x</p>")  # imports on its first use are no steps of the reading
    before = sys.gettrace()
    sys.settrace(count)  # type: ignore[arg-type]
    try:
        function(given)
    finally:
        sys.settrace(before)
    return ran


@pytest.mark.long
@pytest.mark.parametrize("name", HOSTILE_MARKUP)
def test_reading_takes_linear_time(name: str) -> None:
    """Four times as much markup of any kind costs about four times as many steps, and never a long text."""
    some, more = (HOSTILE_MARKUP[name][:size] for size in (3_000, 12_000))

    assert steps_of(html_to_text, more) < 6 * steps_of(html_to_text, some) + 2_000
    assert len(html_to_text(more)) < 40 * len(more)


@pytest.mark.long
def test_deep_markup_keeps_its_words() -> None:
    """However deep the markup is, it gives its words, and no scripts."""
    html = "<div>" * 100_000 + "hello<script>evil()</script><br>R&amp;D" + "</div>" * 100_000
    assert html_to_text(html) == "hello\nR&D"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('a<iframe src="https://v.io/1" title="Demo"></iframe>b', "a\nDemo (https://v.io/1)\nb"),
        ("<frameset><frame src='https://v.io/1'></frameset>", "embedded page (https://v.io/1)"),
        ('<video src="https://v.io/1.mp4">none</video>', "video (https://v.io/1.mp4)\nnone"),
        ('<audio><source src="https://v.io/1.ogg"></audio>', "audio (https://v.io/1.ogg)"),
        ('<object data="https://v.io/a.pdf">A plan</object>', "embedded object (https://v.io/a.pdf)\nA plan"),
        ('<embed src="https://v.io/a.swf">', "embedded object (https://v.io/a.swf)"),
        ('<map><area href="https://v.io/m" alt="North"></map>', "North (https://v.io/m)"),
        ('<a href="tg://resolve?domain=shop">write</a>', "write (tg://resolve?domain=shop)"),
        ('<a href="ftp://v.io/a">file</a>', "file (ftp://v.io/a)"),
        ('<a href="mailto:a@b.c">mail</a>', "mail (mailto:a@b.c)"),
        ('<a href="tel:+15550100">call</a>', "call (tel:+15550100)"),
        ('<a href="https://v.io/a\n b">x</a>', "x (https://v.io/a%20b)"),
        ('<svg><a xlink:href="https://v.io/1"><text>here</text></a></svg>', "here (https://v.io/1)"),
        ('<base href="https://v.io/a/"><a href="b.html">page</a>', "page (https://v.io/a/b.html)"),
        ('<form action="https://v.io/f">Vote</form>', "link (https://v.io/f)\nVote"),
        ('<button formaction="https://v.io/g">Go</button>', "link (https://v.io/g)\nGo"),
        ('<bgsound src="https://v.io/1.wav" title="Bell">', "Bell (https://v.io/1.wav)"),
        ('<input value="Send it" type="submit"><input type="hidden" value="no">', "Send it"),
        (
            '<ul><li><input type="checkbox" checked>done<li><input type="checkbox">not',
            "- [x] done\n- [ ] not",
        ),
        ("Write to <nora@v.io> or <https://v.io/1>.", "Write to <nora@v.io> or <https://v.io/1>."),
        ("Hello <!channel>", "Hello <!channel>"),
        ('a <a href="https://v.io/1>b</a> c', "a https://v.io/1 b c"),
        ("<xmp>a</xmp><listing>b</listing>", "a\nb"),
        ("<noscript>words</noscript><template>more</template>", "wordsmore"),
        ("<plaintext><b>x</b>", "x"),
        ("<textarea><b>x</textarea>y", "x\ny"),
        (
            "<a href='https://v.io/1'>one<p>two <a href='https://v.io/2'>three",
            "one\n\ntwo (https://v.io/1) three (https://v.io/2)",
        ),
    ],
)
def test_what_is_not_text_is_shown_by_its_address(html: str, text: str) -> None:
    """Frames, films, sounds, objects and links of any scheme are a label and an address."""
    reading = read_html(html)
    assert (reading.text, reading.left_out) == (text, ())


@pytest.mark.parametrize(
    ("html", "left_out"),
    [
        ('<a href="javascript:evil()">x</a>', "link"),
        ('<a href=" java\nscript:evil()">x</a>', "link"),
        ('<a href="JavaScript&colon;evil()">x</a>', "link"),
        ('<a href="vbscript:evil">x</a>', "link"),
        ('<a href="data:text/html,evil">x</a>', "link"),
        ('x<iframe srcdoc="<p>evil"></iframe>', "embedded page"),
        ("x<video></video>", "video"),
        ('x<audio src="data:audio/wav;base64,evil"></audio>', "audio"),
        ('x<object type="evil"></object>', "embedded object"),
        ('<form action="javascript:evil()">x</form>', "link"),
    ],
)
def test_what_cannot_be_shown_is_named(html: str, left_out: str) -> None:
    """A script is never a link, and what has no address is named as left out."""
    reading = read_html(html)
    assert (reading.text, reading.left_out) == ("x", (left_out,))


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ('<svg><image xlink:href="https://v.io/i.png"/></svg>', "https://v.io/i.png"),
        ('<img srcset="https://v.io/1.png 1x, https://v.io/2.png 2x">', "https://v.io/1.png"),
        ('<input type="image" src="https://v.io/i.png">', "https://v.io/i.png"),
        ('<base href="https://v.io/"><img src="i.png">', "https://v.io/i.png"),
    ],
)
def test_an_image_is_found_wherever_its_address_stands(html: str, url: str) -> None:
    """In a drawing, in a choice of sizes, on a button, or relative to the page."""
    assert [image.url for image in read_html(html).images] == [url]


WIKI = "https://ru.wikipedia.org/wiki/Ласточка_(значения)"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        (WIKI, [WIKI]),
        (f"({WIKI})", [WIKI]),
        (f"см. {WIKI}.", [WIKI]),
        ("(https://x.y/a)", ["https://x.y/a"]),
        ("(see https://x.y/(a)b), or [https://x.y/c]", ["https://x.y/(a)b", "https://x.y/c"]),
        ("«https://x.y/a»", ["https://x.y/a"]),
        ("“https://x.y/a”", ["https://x.y/a"]),
        (
            "„https://x.y/a“ \u2039https://x.y/b\u203a \u2018https://x.y/c\u2019",
            ["https://x.y/a", "https://x.y/b", "https://x.y/c"],
        ),
        ("'https://x.y/a' \"https://x.y/b\"", ["https://x.y/a", "https://x.y/b"]),
        ("「https://x.y/a」、『https://x.y/b』。", ["https://x.y/a", "https://x.y/b"]),
        ("（https://x.y/a）", ["https://x.y/a"]),  # noqa: RUF001 - wide brackets
        ("https://x.y/a/…/b", ["https://x.y/a/…/b"]),
        ("https://x.y/a…", ["https://x.y/a"]),
        ("https://…/…", []),
        ("https://пример.рф/путь?ключ=1", ["https://пример.рф/путь?ключ=1"]),
        ("http://例え.jp/引き割り", ["http://例え.jp/引き割り"]),
        ("http://[::1]:80/a", ["http://[::1]:80/a"]),
        ("HTTPS://X.Y/A!?", ["HTTPS://X.Y/A"]),
        ("https://x.y/a{b}", ["https://x.y/a{b}"]),
        ("https://x.y/a(", ["https://x.y/a"]),
        ("https://x.y/a؟ https://x.y/b\u06d4 https://x.y/c،", [f"https://x.y/{one}" for one in "abc"]),
        ("https://x.y/a। https://x.y/b\u0589 https://x.y/c។", [f"https://x.y/{one}" for one in "abc"]),
        ("https://ar.wikipedia.org/wiki/لندن،_أ", ["https://ar.wikipedia.org/wiki/لندن،_أ"]),
        (
            "⟨https://x.y/a⟩ ❝https://x.y/b❞ \u2768https://x.y/c\u2769",
            [f"https://x.y/{one}" for one in "abc"],
        ),
        ("https://x.y/a—", ["https://x.y/a"]),
        ("_https://x.y/a_ ~~https://x.y/b~~ `https://x.y/c`", [f"https://x.y/{one}" for one in "abc"]),
        ("https://x.y/?signed=a_", ["https://x.y/?signed=a_"]),
        ("https://x.y/a\u200bb", ["https://x.y/a"]),
        ("https://", []),
    ],
)
def test_linking(text: str, links: list[str]) -> None:
    """An address ends where a reader would end it, and the text is the same when it is read back."""
    html = text_to_html(text)
    assert [unescape(found) for found in re.findall(r'href="([^"]*)"', html)] == links
    assert html_to_text(html) == text


@given(
    st.lists(st.sampled_from([*PIECES, *SOUP, "<plaintext>", "\x00", "a"]) | st.text(max_size=4), max_size=25)
)
@settings(max_examples=300, deadline=None)
def test_reading_gives_text_only(pieces: list[str]) -> None:
    """Whatever the markup is, no tag of it is left in the text, and no script in its HTML."""
    text = html_to_text("".join(pieces).replace("&lt;", ""))
    assert not re.search(r"</?(?:p|div|b|ul|table|pre|a|script|style|iframe|template)>", text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n",
        "\u200b",
        "\ufeff",
        "\u2060",
        "\xad\u200f\u2028\u202e\u2064",
        "\xa0\u3000",
        "\x00\x7f",
        "\u2066\u2069",
    ],
)
def test_carries_nothing(text: str) -> None:
    """A text of which nobody sees anything carries nothing, and its comparison is empty too."""
    assert carries_nothing(text)
    assert comparison_text(text) == ""


@pytest.mark.parametrize("text", ["a", "\u200b.", "-", "😀", "\ufffd", "ㅤ0"])
def test_carries_something(text: str) -> None:
    """What anybody sees is something."""
    assert not carries_nothing(text)


@pytest.mark.parametrize("spelling", ["vip one", " VIP  one ", "Vip\tONE"])
def test_tags_are_compared_without_case_and_space(spelling: str) -> None:
    """A person's spelling makes no second tag."""
    assert tag_key(spelling) == "vip one"


@pytest.mark.parametrize(
    ("one", "other"), [("stra\xdfe@x.org", "strasse@x.org"), ("\u212a@x.org", "k@x.org")]
)
def test_addresses_of_two_people_stay_two(one, other):
    """Folding all letters would give one person's conversation to who typed the other's address."""
    assert address_key(one) != address_key(other)
    assert address_key("Ann@X.org") == "ann@x.org"


@pytest.mark.parametrize(
    ("html", "forms"),
    [("<p>words</p>", 1), ('<iframe src="https://v.io/e"></iframe>', len(Language))],
    ids=["none", "one"],
)
def test_only_words_of_ours_are_told_in_every_language(html: str, forms: int) -> None:
    """What a person wrote is the same in all."""
    assert len(read_html(html).told.forms) == forms


def test_a_source_is_named_after_its_player_and_nothing_else_is() -> None:
    """By itself it is a medium; what stands in a player is what it is."""
    reading = read_html(
        '<source src="https://v.io/1"><video><source src="https://v.io/2"></video>'
        '<audio><iframe src="https://v.io/3"></iframe></audio>'
    )

    assert reading.text.split("\n") == [
        "media (https://v.io/1)",
        "video (https://v.io/2)",
        "embedded page (https://v.io/3)",
    ]
