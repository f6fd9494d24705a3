// Prints every claim that holds as a line of JSON, and again when it holds no more.
import { Consumer, stringDeserializers } from '@platformatic/kafka'
import type { Claim, EnrichedArticle, Span } from './build/events.js' // made from the JSON Schema: see README.md

const CLAIMS = 'news.claims.v1'
const ENRICHED = 'news.enriched.v1'

// State is in memory, so no offset is committed and every start reads from the beginning. A program with
// a database has these ids as keys there, and commits offsets after writing.
const seen = new Set<string>() // ids of events
const articles = new Map<string, EnrichedArticle>() // the current revision of each
const claims = new Map<string, Map<string, Claim>>() // all that came, by article
const shown = new Map<string, boolean>() // whether a claim was last printed as holding

/** Takes in one event; the two topics come in any order. */
function take(topic: string, eventId: string, value: string): void {
  if (seen.has(eventId)) return // delivery is at least once
  seen.add(eventId)
  if (topic === CLAIMS) {
    const claim: Claim = JSON.parse(value)
    const others = claims.get(claim.article_id) ?? new Map<string, Claim>()
    claims.set(claim.article_id, others.set(claim.claim_id, claim))
    settle(claim.article_id)
    return
  }
  const article: EnrichedArticle = JSON.parse(value)
  const current = articles.get(article.article_id) ?? article
  // A withdrawal has no number, and ends what was current.
  const older = article.revision_number < current.revision_number && article.pub_status !== 'canceled'
  if (older || article.is_late || article.synthetic) return
  articles.set(article.article_id, article)
  settle(article.article_id)
}

/** Prints which claims hold now and which hold no more: exactly the listed ones do. */
function settle(articleId: string): void {
  const article = articles.get(articleId)
  if (article === undefined) return
  const status = article.pub_status ?? 'usable'
  const listed = new Set(status === 'usable' ? article.claim_ids : [])
  for (const [claimId, claim] of claims.get(articleId) ?? []) {
    const holds = listed.has(claimId) && claim.enrichment_id === article.enrichment_id
    if (holds === (shown.get(claimId) ?? false)) continue
    shown.set(claimId, holds)
    console.log(JSON.stringify({
      claim_id: claimId,
      holds,
      pub_status: status,
      who: claim.chain.at(-1)?.sources?.map((source) => source.name ?? null),
      polarity: claim.polarity ?? 'affirmed',
      what: claim.content.map((span) => span.exact),
      verified: holds && claim.content.every((span) => stands(span, article)),
    }))
  }
}

/** Says whether the span's words are at its offsets: code points, where strings count UTF-16 units. */
function stands(span: Span, article: EnrichedArticle): boolean {
  const text = article[span.field as 'title' | 'description' | 'text'] ?? ''
  return Array.from(text).slice(span.start, span.end).join('') === span.exact
}

const groupId = 'newswire-example-javascript'
const bootstrapBrokers = [process.argv[2]]
const consumer = new Consumer({ clientId: groupId, groupId, bootstrapBrokers, deserializers: stringDeserializers })
const stream = await consumer.consume({ topics: [CLAIMS, ENRICHED], mode: 'earliest', autocommit: false })
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stream.close())
for await (const { topic, headers, value } of stream) {
  if (value) take(topic, headers.get('ce_id')!, value) // else a tombstone
}
await consumer.close()
