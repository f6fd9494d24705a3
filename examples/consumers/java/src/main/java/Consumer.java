import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import newswire.events.*; // made from the JSON Schema: README.md says how
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Prints every claim that holds as a line of JSON, and again when it holds no more. */
public final class Consumer {
  static final String CLAIMS = "news.claims.v1", ENRICHED = "news.enriched.v1";
  static final ObjectMapper JSON = new ObjectMapper();

  // State is in memory, so no offset is committed and every start reads from the beginning. A program with
  // a database has these ids as keys there, and commits offsets after writing.
  static final Set<String> seen = new HashSet<>(); // ids of events
  static final Map<UUID, EnrichedArticle> articles = new HashMap<>(); // the current revision of each
  static final Map<UUID, Map<UUID, Claim>> claims = new HashMap<>(); // all that came, by article
  static final Map<UUID, Boolean> shown = new HashMap<>(); // whether a claim was last printed as holding

  public static void main(String[] args) throws Exception {
    var options = Map.<String, Object>of("bootstrap.servers", args[0], "group.id", "newswire-example-java",
        "enable.auto.commit", false, "auto.offset.reset", "earliest");
    var main = Thread.currentThread();
    try (var consumer = new KafkaConsumer<>(options, new StringDeserializer(), new StringDeserializer())) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        consumer.wakeup();
        try { main.join(); } catch (InterruptedException impatient) { main.interrupt(); }
      }));
      consumer.subscribe(List.of(CLAIMS, ENRICHED));
      while (true)
        for (var record : consumer.poll(Duration.ofSeconds(1)))
          if (record.value() != null) // else a tombstone
            take(record.topic(), new String(record.headers().lastHeader("ce_id").value()), record.value());
    } catch (WakeupException stopped) { /* by the hook */ }
  }

  /** Takes in one event; the two topics come in any order. */
  static void take(String topic, String eventId, String value) throws Exception {
    if (!seen.add(eventId)) return; // delivery is at least once
    if (topic.equals(CLAIMS)) {
      var claim = JSON.readValue(value, Claim.class);
      claims.computeIfAbsent(claim.getArticleId(), id -> new HashMap<>()).put(claim.getClaimId(), claim);
      settle(claim.getArticleId());
      return;
    }
    var article = JSON.readValue(value, EnrichedArticle.class);
    var current = articles.getOrDefault(article.getArticleId(), article);
    // A withdrawal has no number, and ends what was current.
    var withdrawn = article.getPubStatus().equals("canceled");
    var older = article.getRevisionNumber() < current.getRevisionNumber() && !withdrawn;
    if (older || article.getIsLate() || article.getSynthetic()) return;
    articles.put(article.getArticleId(), article);
    settle(article.getArticleId());
  }

  /** Prints which claims hold now and which hold no more: exactly the listed ones do. */
  static void settle(UUID articleId) throws Exception {
    var article = articles.get(articleId);
    if (article == null) return;
    var listed = article.getPubStatus().equals("usable") ? article.getClaimIds() : List.of();
    for (var claim : claims.getOrDefault(articleId, Map.of()).values()) {
      var id = claim.getClaimId();
      var holds = listed.contains(id) && claim.getEnrichmentId().equals(article.getEnrichmentId());
      if (holds == shown.getOrDefault(id, false)) continue;
      shown.put(id, holds);
      var line = JSON.writeValueAsString(Map.of(
          "claim_id", id, "holds", holds, "pub_status", article.getPubStatus(), "polarity", claim.getPolarity(),
          "who", claim.getChain().get(claim.getChain().size() - 1).getSources().stream().map(s -> s.getName()).toList(),
          "what", claim.getContent().stream().map(Span::getExact).toList(),
          "verified", holds && claim.getContent().stream().allMatch(span -> stands(span, article))));
      System.out.writeBytes((line + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Says whether the span's words are at its offsets: code points, where strings count UTF-16 units. */
  static boolean stands(Span span, EnrichedArticle article) {
    var field = JSON.valueToTree(article).path(span.getField()).asText().codePoints();
    var points = field.skip(span.getStart()).limit(span.getEnd() - span.getStart()).toArray();
    return span.getExact().equals(new String(points, 0, points.length));
  }
}
