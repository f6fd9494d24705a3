import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.strimzi.api.kafka.model.common.UnknownPropertyPreserving;
import io.strimzi.api.kafka.model.kafka.Kafka;
import io.strimzi.api.kafka.model.nodepool.KafkaNodePool;
import io.strimzi.api.kafka.model.topic.KafkaTopic;
import io.strimzi.api.kafka.model.user.KafkaUser;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;

/** Reads files of resources into the classes of Strimzi's operator, and tells what these do not know. */
class Check {
    private static final Map<String, Class<?>> KINDS = Map.of(
            "Kafka", Kafka.class,
            "KafkaNodePool", KafkaNodePool.class,
            "KafkaTopic", KafkaTopic.class,
            "KafkaUser", KafkaUser.class);
    private static int wrong = 0;

    public static void main(String[] files) throws Exception {
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        int read = 0;
        for (String file : files) {
            var documents = yaml.readerFor(JsonNode.class).<JsonNode>readValues(Path.of(file).toFile());
            while (documents.hasNext()) {
                JsonNode given = documents.next();
                String kind = given.path("kind").asText();
                if (!given.path("apiVersion").asText().startsWith("kafka.strimzi.io/")) {
                    continue;
                }
                String name = kind + " " + given.at("/metadata/name").asText();
                read++;
                if (!given.path("apiVersion").asText().equals("kafka.strimzi.io/v1") || !KINDS.containsKey(kind)) {
                    tell(name + ": " + given.path("apiVersion").asText() + " is not read");
                    continue;
                }
                try {
                    look(name, yaml.treeToValue(given, KINDS.get(kind)));
                } catch (JsonProcessingException error) {
                    tell(name + ": " + error.getOriginalMessage());
                }
            }
        }
        System.out.println(read + " read, " + wrong + " wrong");
        System.exit(wrong > 0 ? 1 : 0);
    }

    private static void tell(String what) {
        System.out.println(what);
        wrong++;
    }

    private static void look(String path, Object value) throws ReflectiveOperationException {
        if (value instanceof Collection<?> many) {
            for (Object one : many) {
                look(path + "[]", one);
            }
            return;
        }
        if (value == null || value.getClass().isEnum() || !value.getClass().getName().startsWith("io.strimzi.")) {
            return;
        }
        if (value instanceof UnknownPropertyPreserving known && known.getAdditionalProperties() != null) {
            for (String name : known.getAdditionalProperties().keySet()) {
                tell(path + ": unknown field " + name);
            }
        }
        for (Method method : value.getClass().getMethods()) {
            String name = method.getName();
            if (name.startsWith("get") && method.getParameterCount() == 0
                    && !name.equals("getClass") && !name.equals("getAdditionalProperties")) {
                look(path + "." + name.substring(3), method.invoke(value));
            }
        }
    }
}
