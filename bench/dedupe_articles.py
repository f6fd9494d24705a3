"""Synthetic articles with the sizes of real ones, made quickly: fingerprints are drawn, not taken."""

from __future__ import annotations

import random
import uuid

import msgspec
import numpy as np

from schemas import Article, Extractor, Fingerprints, Publisher, Relation, Sighting, Sketch, Standing, ids
from schemas.wire import encode
from streams.dedupe.times import rfc3339

SHINGLES = 398
KEPT = 4096
_NAMES = [f"Name{i}" for i in range(5000)]
_WORDS = [f"word{i}" for i in range(1000)]


class Articles:
    """A stream of articles; the last few thousand contents are remembered, to be shown again."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)
        self._numbers = np.random.default_rng(seed)
        self._recent: list[Article] = []
        self.made = 0

    def draw_anew(self, seed: int) -> None:
        """Go on with what *seed* draws; what was made so far is remembered."""
        self._draw = random.Random(seed)
        self._numbers = np.random.default_rng(seed)

    def fresh(self, count: int, at_ms: int) -> list[Article]:
        """Make articles of which each says something new."""
        shingles = self._numbers.integers(0, 2**32, (count, SHINGLES), dtype=np.uint32)
        signatures = self._numbers.integers(0, 2**32, (count, 128), dtype=np.uint32)
        made = [
            self._article(self._fingerprints(shingles[i].tobytes(), signatures[i].tobytes()), at_ms)
            for i in range(count)
        ]
        self._recent = [*self._recent, *made][-KEPT:]
        return made

    def copy(self, at_ms: int) -> Article:
        """Show a recent content at another address."""
        return self._article(self._draw.choice(self._recent).fingerprints, at_ms)

    def near(self, at_ms: int) -> Article:
        """Make a near-copy of a recent content: some 8 % of its shingles are others, in one run, as where a
        paragraph was rewritten, and so are as many of the MinHash values.
        """
        old = self._draw.choice(self._recent).fingerprints
        assert old.sketch is not None
        assert old.minhash is not None
        shingles = np.frombuffer(old.sketch.shingles, dtype="<u4").copy()
        begin = self._draw.randrange(SHINGLES - 32)
        shingles[begin : begin + 32] = self._numbers.integers(0, 2**32, 32, dtype=np.uint32)
        signature = np.frombuffer(old.minhash, dtype="<u4").copy()
        other = self._numbers.random(128) > 366 / 430
        signature[other] = self._numbers.integers(0, 2**32, int(other.sum()), dtype=np.uint32)
        return self._article(self._fingerprints(shingles.tobytes(), signature.tobytes()), at_ms)

    def again(self, at_ms: int) -> Article:
        """Show a recent article as it was, a little later."""
        return msgspec.structs.replace(
            self._draw.choice(self._recent), item_id=self._id(), fetched_at=rfc3339(at_ms)
        )

    def revised(self, at_ms: int) -> Article:
        """Show a recent article with another content."""
        old = self._draw.choice(self._recent)
        new = self.near(at_ms)
        return msgspec.structs.replace(
            new, article_id=old.article_id, link_key=old.link_key, canonical_url=old.canonical_url
        )

    def mixed(self, count: int, at_ms: int) -> list[Article]:
        """Make articles as they come: 60 % new, 15 % exact copies, 10 % near-copies, 10 % unchanged, 5 %
        revised.
        """
        fresh = self.fresh(count, at_ms)
        kinds = self._draw.choices(
            (None, self.copy, self.near, self.again, self.revised), (60, 15, 10, 10, 5), k=count
        )
        return [article if kind is None else kind(at_ms) for kind, article in zip(kinds, fresh, strict=True)]

    def _id(self) -> str:
        return str(uuid.UUID(int=self._draw.getrandbits(128), version=4))

    def _fingerprints(self, shingles: bytes, signature: bytes) -> Fingerprints:
        draw = self._draw
        return Fingerprints(
            words=SHINGLES + 2,
            exact=f"{draw.getrandbits(256):064x}",
            minhash=signature,
            sketch=Sketch(
                shingles=shingles,
                sentences=list(range(0, SHINGLES, 20)),
                numbers=sorted({str(draw.randrange(3000)) for _ in range(8)}),
                names=sorted(draw.sample(_NAMES, 25)),
                negations=[f"not {word}" for word in draw.sample(_WORDS, 3)],
            ),
        )

    def _article(self, fingerprints: Fingerprints, at_ms: int) -> Article:
        self.made += 1
        url = f"https://site{self.made % 5000}.example/2026/11/24/some-headline-as-a-path-{self.made}"
        content = f"{self._draw.getrandbits(256):064x}"
        return Article(
            item_id=self._id(),
            article_id=ids.article_id(url, "", ""),
            source_id=f"source {self.made % 5000}",
            source_kind="feed",
            native_id=url,
            link_key=url,
            fetched_at=rfc3339(at_ms),
            url=url,
            canonical_url=url,
            publisher=Publisher(domain=f"site{self.made % 5000}.example"),
            title="A headline of about the usual length, with a name in it",
            text_basis="page",
            raw_hash=content,
            content_hash=content,
            fingerprints=fingerprints,
            extractor=Extractor(name="trafilatura", version="2.3.1+1"),
        )


def sightings(articles: Articles, count: int, *, copying: bool, at_ms: int) -> list[bytes]:
    """Encode the sightings of new articles, or of exact copies of recent ones, as dedupe would write them."""
    made = [articles.copy(at_ms) for _ in range(count)] if copying else articles.fresh(count, at_ms)
    return [encode(_sighting(article, at_ms, copying=copying)) for article in made]


def _sighting(article: Article, at_ms: int, *, copying: bool) -> Sighting:
    revision = ids.revision_id(article.article_id, article.content_hash)
    fingerprints = article.fingerprints
    identical = Relation(
        article_id=article.article_id,
        revision_id=revision,
        item_id=article.item_id,
        kind="identical",
        jaccard=1.0,
        containment_of_this=1.0,
        containment_of_other=1.0,
        publisher=article.publisher.domain,
        first_seen_at=article.fetched_at,
        lag_s=0.0,
    )
    return Sighting(
        item_id=article.item_id,
        native_id=article.native_id,
        source_id=article.source_id,
        link_key=article.link_key,
        article_id=article.article_id,
        revision_id=revision,
        revision_number=1,
        revision_kind="first",
        observed_at=article.fetched_at,
        judged_record_at=rfc3339(at_ms),
        title=article.title,
        url=article.canonical_url,
        publisher=article.publisher,
        verdict="duplicate" if copying else "new",
        enrich=not copying,
        relations=[identical] if copying else [],
        window_start=rfc3339(at_ms - 30 * 86_400_000),
        content_hash=article.content_hash,
        fingerprints=msgspec.structs.replace(fingerprints, sketch=None) if copying else fingerprints,
        extractor="trafilatura/2.3.1+1",
        raw_hash=article.raw_hash,
        text_basis="page",
        standing=Standing(
            current_number=1,
            current_revision_id=revision,
            current_at=article.fetched_at,
            highest_number=1,
            first_number=1,
            first_item_id=article.item_id,
            first_seen_at=article.fetched_at,
        ),
    )
