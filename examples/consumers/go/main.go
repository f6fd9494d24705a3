// Prints every claim that holds as a line of JSON, and again when it holds no more.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/twmb/franz-go/pkg/kgo"
)

// State is in memory, so no offset is committed and every start reads from the beginning. A program with a
// database has these ids as keys there, and commits offsets after writing.
var seen, shown = map[string]bool{}, map[string]bool{} // ids of events, and of claims printed as holding
var articles = map[string]EnrichedArticle{}            // the current revision of each
var claims = map[string]map[string]Claim{}             // all that came, by article

// take takes in one event; the two topics come in any order.
func take(topic string, value []byte) {
	usable, affirmed, empty, late, canary := "usable", "affirmed", "", false, false // where a field is missing
	if topic == "news.claims.v1" {
		claim := Claim{Polarity: &affirmed}
		check(json.Unmarshal(value, &claim))
		if claims[claim.ArticleID] == nil {
			claims[claim.ArticleID] = map[string]Claim{}
		}
		claims[claim.ArticleID][claim.ClaimID] = claim
		settle(claim.ArticleID)
		return
	}
	article := EnrichedArticle{PubStatus: &usable, IsLate: &late, Synthetic: &canary, Text: &empty}
	check(json.Unmarshal(value, &article))
	// A withdrawal has no number, and ends what was current.
	older := article.RevisionNumber < articles[article.ArticleID].RevisionNumber && *article.PubStatus != "canceled"
	if older || *article.IsLate || *article.Synthetic {
		return
	}
	articles[article.ArticleID] = article
	settle(article.ArticleID)
}

// settle prints which claims hold now and which hold no more: exactly the listed ones do.
func settle(articleID string) {
	article, listed := articles[articleID], map[string]bool{}
	for _, id := range article.ClaimIDS {
		listed[id] = *article.PubStatus == "usable"
	}
	for id, claim := range claims[articleID] {
		holds := listed[id] && claim.EnrichmentID == article.EnrichmentID
		if holds == shown[id] {
			continue
		}
		shown[id] = holds
		who, what, verified := []*string{}, []string{}, holds
		for _, source := range claim.Chain[len(claim.Chain)-1].Sources {
			who = append(who, source.Name)
		}
		for _, span := range claim.Content {
			what, verified = append(what, span.Exact), verified && stands(span, article)
		}
		check(json.NewEncoder(os.Stdout).Encode(map[string]any{"claim_id": id, "holds": holds,
			"pub_status": article.PubStatus, "who": who, "polarity": claim.Polarity, "what": what, "verified": verified}))
	}
}

// stands says whether the span's words are at its offsets: code points, where strings count bytes.
func stands(span Span, article EnrichedArticle) bool {
	fields := map[string]*string{"title": article.Title, "description": article.Description, "text": article.Text}
	if fields[span.Field] == nil {
		return false
	}
	text := []rune(*fields[span.Field])
	return span.End <= int64(len(text)) && string(text[span.Start:span.End]) == span.Exact
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	stopped, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	client, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ConsumerGroup("newswire-example-go"),
		kgo.ConsumeTopics("news.claims.v1", "news.enriched.v1"), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	check(err)
	defer client.Close()
	for fetches := client.PollFetches(stopped); stopped.Err() == nil; fetches = client.PollFetches(stopped) {
		check(fetches.Err())
		fetches.EachRecord(func(record *kgo.Record) {
			for _, header := range record.Headers {
				// Delivery is at least once; a record without a value is a tombstone.
				if id := string(header.Value); header.Key == "ce_id" && record.Value != nil && !seen[id] {
					seen[id] = true
					take(record.Topic, record.Value)
				}
			}
		})
	}
}
