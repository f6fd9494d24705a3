// Code generated from JSON Schema using quicktype. DO NOT EDIT.
// To parse and unparse this JSON data, add this code to your project and do:
//
//    enrichedArticle, err := UnmarshalEnrichedArticle(bytes)
//    bytes, err = enrichedArticle.Marshal()

package main

import "time"

import "encoding/json"

func UnmarshalEnrichedArticle(data []byte) (EnrichedArticle, error) {
	var r EnrichedArticle
	err := json.Unmarshal(data, &r)
	return r, err
}

func (r *EnrichedArticle) Marshal() ([]byte, error) {
	return json.Marshal(r)
}

// One revision of one article, with who said what in it. Its claims are exactly
// “claim_ids“. What a reader of version 1 may rely on: unknown fields and unknown values
// pass.
type EnrichedArticle struct {
	// other links to it
	Alternates []string `json:"alternates,omitempty"`
	// whether anyone looked
	Analysis Analysis `json:"analysis"`
	// the article
	ArticleID string `json:"article_id"`
	// 1, and one more for each requeue
	Attempt *int64 `json:"attempt,omitempty"`
	// authors as named
	Bylines []string `json:"bylines,omitempty"`
	// what the article is identified by
	CanonicalURL *string `json:"canonical_url"`
	// exactly this revision's claims
	ClaimIDS []string `json:"claim_ids,omitempty"`
	// the same events as in news.claims
	Claims []Claim `json:"claims,omitempty"`
	// explicit notices in the text
	Corrections []Correction `json:"corrections,omitempty"`
	// notices of who contributed or supplied copy
	Credits []Span `json:"credits,omitempty"`
	// place and date that open the text
	Dateline *Span `json:"dateline"`
	// standfirst or summary
	Description *string `json:"description"`
	// what made entities and claims
	Enricher ModelVersion `json:"enricher"`
	// UUIDv5 of revision, extractor, version, weights
	EnrichmentID string `json:"enrichment_id"`
	// the same events as in news.entities
	Entities []Entity `json:"entities,omitempty"`
	// what made the text
	Extractor Extractor `json:"extractor"`
	// when a source first showed us this content
	FirstSeenAt *Dated `json:"first_seen_at,omitempty"`
	// as in the Sighting; history_unknown: numbers began anew, earlier revisions are forgotten
	Flags []string `json:"flags,omitempty"`
	// what kind of writing it is
	Form *string `json:"form,omitempty"`
	// older than the newest known: never current
	IsLate *bool `json:"is_late,omitempty"`
	// the item that showed it
	ItemID string `json:"item_id"`
	// live or backfill
	Lane *string `json:"lane,omitempty"`
	// of the text
	Language *LanguageTag `json:"language,omitempty"`
	// last change, as claimed
	ModifiedAt *Dated `json:"modified_at,omitempty"`
	// the source's own identity of the item
	NativeID string `json:"native_id"`
	// the most similar content seen before
	NearCopyOf *Relation `json:"near_copy_of"`
	// who supplied it; null until tracked
	Origin *Origin `json:"origin"`
	// article_id of the live blog it is an entry of
	PartOf *string `json:"part_of"`
	// what it follows
	PreviousRevisionID *string `json:"previous_revision_id"`
	// as in ninjs
	PubStatus *string `json:"pub_status,omitempty"`
	// first publication, as claimed
	PublishedAt *Dated `json:"published_at,omitempty"`
	// who published it
	Publisher *Publisher `json:"publisher,omitempty"`
	// what is wrong with the body
	Quality []string `json:"quality,omitempty"`
	// number of the earlier revision with this content
	RevertsTo *int64 `json:"reverts_to"`
	// this content of it: the key
	RevisionID string `json:"revision_id"`
	// what kind of change
	RevisionKind string `json:"revision_kind"`
	// from 1; 0 for a withdrawal
	RevisionNumber int64 `json:"revision_number"`
	// what the publisher asks of machines
	Rights *Rights `json:"rights"`
	// the source that showed it: a definition's id, or files: and a name
	SourceID string `json:"source_id"`
	// cluster of articles on one event; null until tracked
	StoryID *string `json:"story_id"`
	// categories and keywords as given
	Subjects []string `json:"subjects,omitempty"`
	// a canary
	Synthetic *bool `json:"synthetic,omitempty"`
	// body as stored: offsets refer to it
	Text *string `json:"text,omitempty"`
	// where the text is from
	TextBasis string `json:"text_basis"`
	// of the text's UTF-8, hexadecimal
	TextSha256 string `json:"text_sha256"`
	// headline
	Title *string `json:"title"`
	// the text was longer
	Truncated *bool `json:"truncated,omitempty"`
	// link as the source gave it
	URL *string `json:"url"`
}

// whether anyone looked
//
// Whether anyone looked: an empty list never means "not looked".
type Analysis struct {
	// of the claims
	Claims string `json:"claims"`
	// of the entities
	Entities string `json:"entities"`
	// why partial or failed
	Reason *string `json:"reason"`
}

// Who said what, how certain, through whom, at which offsets.
type Claim struct {
	// who was told
	Addressee []Span `json:"addressee,omitempty"`
	// the article
	ArticleID string `json:"article_id"`
	// what the originator commits to, never truth
	Certainty *string `json:"certainty,omitempty"`
	// outermost first; the last is the originator
	Chain []Link `json:"chain"`
	// by which medium: on Telegram, at a press conference
	Channel []Span `json:"channel,omitempty"`
	// UUIDv5 of revision, content spans and chain spans
	ClaimID string `json:"claim_id"`
	// the content holds only under a condition
	Conditional *bool `json:"conditional,omitempty"`
	// probability that content and originator are right; null where not calibrated
	Confidence *float64 `json:"confidence"`
	// what is claimed; more than one span where it is split
	Content []Span `json:"content"`
	// hash of the normalised words: the same across outlets
	ContentKey string `json:"content_key"`
	// the whole sentences
	Context []Span `json:"context,omitempty"`
	// the enrichment that made it
	EnrichmentID string `json:"enrichment_id"`
	// what made it
	Extractor ModelVersion `json:"extractor"`
	// unbalanced_quotes, plural_speaker, …
	Flags []string `json:"flags,omitempty"`
	// what is done by saying it
	Force *string `json:"force,omitempty"`
	// the words that lower certainty
	Hedges []Span `json:"hedges,omitempty"`
	// direct: all of it quoted; mixed; indirect: none of it
	Kind string `json:"kind"`
	// live or backfill
	Lane *string `json:"lane,omitempty"`
	// of the article; BCP 47
	Language *string `json:"language"`
	// the claim whose content this stands in
	ParentClaimID *string `json:"parent_claim_id"`
	// of the content as quoted
	Polarity *string `json:"polarity,omitempty"`
	// of the article, as claimed, for citing
	PublishedAt *time.Time `json:"published_at"`
	// of the article, for citing
	Publisher *Publisher `json:"publisher,omitempty"`
	// hash of the verbatim words; null under five
	QuoteKey *string `json:"quote_key"`
	// the content that the offsets are in
	RevisionID string `json:"revision_id"`
	// from 1
	RevisionNumber int64 `json:"revision_number"`
	// when, where the text tells
	SaidAt *SaidAt `json:"said_at"`
	// the publication's
	Stance *string `json:"stance,omitempty"`
	// a canary
	Synthetic *bool `json:"synthetic,omitempty"`
	// past, present or future of the content
	Tense *string `json:"tense"`
	// of the article, for citing
	Title *string `json:"title"`
	// of the article, for citing
	URL *string `json:"url"`
	// what stands in quotation marks: all that may be quoted
	Verbatim []Span `json:"verbatim,omitempty"`
}

// A piece of an article: offsets count Unicode code points of the stored field (W3C Web
// Annotation's TextPositionSelector), and the piece itself stands beside them so that any
// reader can check.
//
// the words that tell
//
// the notice
type Span struct {
	// the code point after the last
	End int64 `json:"end"`
	// field[start:end], exactly
	Exact string `json:"exact"`
	// the field of the article that the offsets are in
	Field string `json:"field"`
	// first code point, from 0
	Start int64 `json:"start"`
}

// One link of the chain between the publication and the statement.
type Link struct {
	// what the cue commits to
	CueClass string `json:"cue_class"`
	// dictionary form
	CueLemma *string `json:"cue_lemma"`
	// the words that attribute; empty for a floating quotation
	Cues []Span `json:"cues,omitempty"`
	// how this link relates to what follows
	Relation string `json:"relation"`
	// joint speakers stand together
	Sources []ClaimSource `json:"sources,omitempty"`
}

// One who says, reports or is cited.
type ClaimSource struct {
	// the mention that resolves it
	Antecedent []Span `json:"antecedent,omitempty"`
	// of the resolution, 0 to 1
	Confidence *float64 `json:"confidence"`
	// the entity of this document
	EntityID *string `json:"entity_id"`
	// resolved in the document: a pronoun's or surname's full name
	Name *string `json:"name"`
	// as stated in the text
	Role *string `json:"role"`
	// where the text names it; empty where it does not
	Spans []Span `json:"spans,omitempty"`
	// what kind of source
	Type string `json:"type"`
}

// what made it
//
// Which extractor, version and weights made something.
//
// what made entities and claims
type ModelVersion struct {
	// extractor
	Name string `json:"name"`
	// changes when its output may
	Version string `json:"version"`
	// of its weights; null where it has none
	WeightsSha256 *string `json:"weights_sha256"`
}

// of the article, for citing
//
// Who published it, apart from whom it quotes.
//
// who published it
type Publisher struct {
	// ISO 3166-1 alpha-2
	Country *string `json:"country"`
	// registrable domain
	Domain *string `json:"domain"`
	// owner or group that shares its copy
	Family *string `json:"family"`
	// as it calls itself
	Name *string `json:"name"`
}

// When it was said, where the text tells.
type SaidAt struct {
	// resolved; RFC 3339 date or time
	Date *string `json:"date"`
	// the unit it is known to
	Precision *string `json:"precision,omitempty"`
	// the words that tell
	Span Span `json:"span"`
}

// An explicit notice in the text that something was changed or withdrawn.
type Correction struct {
	// what it says it is
	Kind string `json:"kind"`
	// the notice
	Span Span `json:"span"`
}

// One entity of one document, its variants merged.
type Entity struct {
	// the article
	ArticleID string `json:"article_id"`
	// 0 to 1; null where not calibrated
	Confidence *float64 `json:"confidence"`
	// number of mentions
	Count int64 `json:"count"`
	// ISO 3166-1 alpha-2, for countries and demonyms
	Country *string `json:"country"`
	// the enrichment that made it
	EnrichmentID string `json:"enrichment_id"`
	// of this document: two John Smiths differ
	EntityID string `json:"entity_id"`
	// live or backfill
	Lane *string `json:"lane,omitempty"`
	// of the article; BCP 47
	Language *string `json:"language"`
	// null where nothing is sure
	Link *EntityLink `json:"link"`
	// in text order
	Mentions []Mention `json:"mentions"`
	// fullest form in the document
	Name string `json:"name"`
	// for grouping across documents, never identity
	NameKey string `json:"name_key"`
	// of the article, as claimed, for citing
	PublishedAt *time.Time `json:"published_at"`
	// the content that the offsets are in
	RevisionID string `json:"revision_id"`
	// from 1
	RevisionNumber int64 `json:"revision_number"`
	// 0 to 1: half its share of mentions, half how early the first one stands
	Salience *float64 `json:"salience,omitempty"`
	// a canary
	Synthetic *bool `json:"synthetic,omitempty"`
	// of the article, for citing
	Title *string `json:"title"`
	// titles and roles that stand before the name
	Titles []string `json:"titles,omitempty"`
	// what it is
	Type string `json:"type"`
	// of the article, for citing
	URL *string `json:"url"`
}

// What an entity is in the world, where a packaged source tells.
type EntityLink struct {
	// what linked it
	Method string `json:"method"`
	// 0 to 1
	Score float64 `json:"score"`
	// Wikidata URI or another authority's
	URI string `json:"uri"`
}

// One place where an article names an entity.
type Mention struct {
	// the code point after the last
	End int64 `json:"end"`
	// field[start:end], exactly
	Exact string `json:"exact"`
	// the field of the article that the offsets are in
	Field string `json:"field"`
	// how it is named there
	Form *string `json:"form,omitempty"`
	// first code point, from 0
	Start int64 `json:"start"`
}

// what made the text
//
// What made a text out of a body.
type Extractor struct {
	// method
	Name string `json:"name"`
	// changes when its output may
	Version string `json:"version"`
}

// when a source first showed us this content
//
// A moment in time with where it was read and how far it can be trusted.
//
// last change, as claimed
//
// first publication, as claimed
type Dated struct {
	// what is wrong with it: future, missing, implausible, no_timezone, disagrees
	Flags []string `json:"flags,omitempty"`
	// where it was read: feed, page, url, http, item, text
	From *string `json:"from"`
	// the unit it is known to
	Precision *string `json:"precision,omitempty"`
	// RFC 3339, UTC, with Z; what is finer than the precision is zero
	Value *time.Time `json:"value"`
}

// of the text
//
// A language with where it was read.
type LanguageTag struct {
	// 0 to 1; null where declared, not detected
	Confidence *float64 `json:"confidence"`
	// detected, page, feed, source
	From *string `json:"from"`
	// BCP 47; null where nobody can tell
	Tag *string `json:"tag"`
}

// How alike this content is to one seen before, with what differs. "First seen here", never
// "the original".
type Relation struct {
	// the article it is compared with
	ArticleID string `json:"article_id"`
	// share of the other found in this
	ContainmentOfOther *float64 `json:"containment_of_other"`
	// share of this content found in the other
	ContainmentOfThis *float64 `json:"containment_of_this"`
	// fetched_at of the item that showed it first
	FirstSeenAt *time.Time `json:"first_seen_at"`
	// the item that showed that content first
	ItemID string `json:"item_id"`
	// of the sets of word 3-shingles, exact, 0 to 1
	Jaccard *float64 `json:"jaccard"`
	// identical, near copy, excerpt of it, or contains it
	Kind string `json:"kind"`
	// by how much this was seen later
	LagS *float64 `json:"lag_s"`
	// names that only one of the two has
	NamesChanged []string `json:"names_changed,omitempty"`
	// their negations differ
	NegationChanged *bool `json:"negation_changed,omitempty"`
	// numbers that only one of the two has
	NumbersChanged []string `json:"numbers_changed,omitempty"`
	// registrable domain of the other's publisher
	Publisher *string `json:"publisher"`
	// the content it is compared with
	RevisionID string `json:"revision_id"`
	// both have one registrable domain
	SamePublisher *bool `json:"same_publisher,omitempty"`
	// sentences of this content with less than 0.8 of their shingles in the other
	UnmatchedSentences []int64 `json:"unmatched_sentences,omitempty"`
}

// Who wrote or supplied a text first, so far as it shows.
type Origin struct {
	// its article, where seen
	ArticleID *string `json:"article_id"`
	// credit, dateline, byline, canonical, feed_source
	Basis *string `json:"basis"`
	// wire service or publisher family
	Name *string `json:"name"`
}

// What the publisher asks of readers by machine, recorded and never interpreted.
type Rights struct {
	// false where an AI-training opt-out was found
	AITraining *bool `json:"ai_training"`
	// copyright notice that the source declares
	Copyright *string `json:"copyright"`
	// licence URL or text that the page declares
	License *string `json:"license"`
	// robots meta elements, as received
	MetaRobots []string `json:"meta_robots,omitempty"`
	// what robots.txt says of this URL to our agent
	RobotsAllowed *bool `json:"robots_allowed"`
	// TDM Reservation Protocol: true is reserved
	TdmReservation *bool `json:"tdm_reservation"`
	// X-Robots-Tag headers, as received
	XRobotsTag []string `json:"x_robots_tag,omitempty"`
}
