package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.apis.ClientConfiguration;
import org.apache.rocketmq.client.apis.ClientServiceProvider;
import org.apache.rocketmq.client.apis.consumer.ConsumeResult;
import org.apache.rocketmq.client.apis.consumer.FilterExpression;
import org.apache.rocketmq.client.apis.consumer.FilterExpressionType;
import org.apache.rocketmq.client.apis.consumer.SimpleConsumer;
import org.apache.rocketmq.client.apis.message.Message;
import org.apache.rocketmq.client.apis.message.MessageBuilder;
import org.apache.rocketmq.client.apis.message.MessageView;
import org.apache.rocketmq.client.apis.producer.Producer;
import org.apache.rocketmq.client.apis.producer.SendReceipt;
import org.apache.rocketmq.client.apis.producer.Transaction;
import org.apache.rocketmq.client.apis.producer.TransactionResolution;

/**
 * RocketMQ's gRPC client. It takes a JSON command a line, answers each with a line, and tells of what its push consumers get
 * by lines of their own. Arguments: the proxy's address, and the topics that are sent to.
 */
public class GrpcClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ClientServiceProvider PROVIDER = ClientServiceProvider.loadService();
    private static PrintStream out;
    private static ClientConfiguration configuration;
    private static Producer producer;
    private static final Map<String, SimpleConsumer> CONSUMERS = new HashMap<>();
    /** By message id, as they came last: what an acknowledgement needs. */
    private static final Map<String, MessageView> VIEWS = new ConcurrentHashMap<>();

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        configuration = ClientConfiguration.newBuilder()
            .setEndpoints(arguments[0])
            .enableSsl(false)
            .setRequestTimeout(Duration.ofSeconds(30))
            .build();
        producer = PROVIDER.newProducerBuilder()
            .setClientConfiguration(configuration)
            .setTopics(Arrays.copyOfRange(arguments, 1, arguments.length))
            .setTransactionChecker(view -> TransactionResolution.valueOf(view.getProperties().get("checked")))
            .build();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonNode command = JSON.readTree(line);
            Map<String, Object> answer = new LinkedHashMap<>();
            answer.put("id", command.get("id").asInt());
            try {
                answer.put("result", run(command.get("call").asText(), command.get("arguments")));
            } catch (Throwable error) {
                answer.put("error", String.valueOf(error));
            }
            print(answer);
        }
    }

    private static Object run(String call, JsonNode what) throws Exception {
        switch (call) {
            case "send":
                return send(what);
            case "recall":
                producer.recallMessage(text(what, "topic"), text(what, "handle"));
                return null;
            case "subscribe":
                CONSUMERS.put(text(what, "group"), PROVIDER.newSimpleConsumerBuilder()
                    .setClientConfiguration(configuration)
                    .setConsumerGroup(text(what, "group"))
                    .setAwaitDuration(Duration.ofSeconds(5))
                    .setSubscriptionExpressions(Collections.singletonMap(text(what, "topic"), filter(what)))
                    .build());
                return null;
            case "receive": {
                List<Object> seen = new ArrayList<>();
                for (MessageView view : CONSUMERS.get(text(what, "group")).receive(16, millis(what, "invisible"))) {
                    VIEWS.put(view.getMessageId().toString(), view);
                    seen.add(describe(view));
                }
                return seen;
            }
            case "ack":
                CONSUMERS.get(text(what, "group")).ack(VIEWS.get(text(what, "messageId")));
                return null;
            case "changeInvisible":
                CONSUMERS.get(text(what, "group"))
                    .changeInvisibleDuration(VIEWS.get(text(what, "messageId")), millis(what, "invisible"));
                return null;
            case "push":
                push(what);
                return null;
            default:
                throw new IllegalArgumentException(call);
        }
    }

    private static Object send(JsonNode what) throws Exception {
        MessageBuilder builder = PROVIDER.newMessageBuilder()
            .setTopic(text(what, "topic"))
            .setBody(text(what, "body").getBytes(StandardCharsets.UTF_8));
        if (what.has("tag")) builder.setTag(text(what, "tag"));
        if (what.has("key")) builder.setKeys(text(what, "key"));
        if (what.has("messageGroup")) builder.setMessageGroup(text(what, "messageGroup"));
        if (what.has("delay")) builder.setDeliveryTimestamp(System.currentTimeMillis() + what.get("delay").asLong());
        if (what.has("properties"))
            what.get("properties").fields().forEachRemaining(one -> builder.addProperty(one.getKey(), one.getValue().asText()));
        Message message = builder.build();
        SendReceipt receipt;
        if (what.has("end")) {
            Transaction transaction = producer.beginTransaction();
            receipt = producer.send(message, transaction);
            if (text(what, "end").equals("COMMIT")) transaction.commit();
            if (text(what, "end").equals("ROLLBACK")) transaction.rollback();
        } else {
            receipt = producer.send(message);
        }
        Map<String, Object> sent = new LinkedHashMap<>();
        sent.put("messageId", receipt.getMessageId().toString());
        sent.put("recallHandle", receipt.getRecallHandle());
        return sent;
    }

    /** Starts a push consumer; each body that begins with `fails` fails the first time. */
    private static void push(JsonNode what) throws Exception {
        String group = text(what, "group");
        PROVIDER.newPushConsumerBuilder()
            .setClientConfiguration(configuration)
            .setConsumerGroup(group)
            .setSubscriptionExpressions(Collections.singletonMap(text(what, "topic"), filter(what)))
            .setMessageListener(view -> {
                Map<String, Object> event = new LinkedHashMap<>();
                event.put("group", group);
                event.put("message", describe(view));
                print(event);
                boolean fails = body(view).startsWith("fails") && view.getDeliveryAttempt() == 1;
                return fails ? ConsumeResult.FAILURE : ConsumeResult.SUCCESS;
            })
            .build();
    }

    private static FilterExpression filter(JsonNode what) {
        return what.has("sql")
            ? new FilterExpression(text(what, "sql"), FilterExpressionType.SQL92)
            : new FilterExpression(what.has("tags") ? text(what, "tags") : "*", FilterExpressionType.TAG);
    }

    private static Map<String, Object> describe(MessageView view) {
        Map<String, Object> seen = new LinkedHashMap<>();
        seen.put("messageId", view.getMessageId().toString());
        seen.put("body", body(view));
        seen.put("tag", view.getTag().orElse(null));
        seen.put("keys", view.getKeys());
        seen.put("messageGroup", view.getMessageGroup().orElse(null));
        seen.put("properties", view.getProperties());
        seen.put("attempt", view.getDeliveryAttempt());
        return seen;
    }

    private static String body(MessageView view) {
        return StandardCharsets.UTF_8.decode(view.getBody().duplicate()).toString();
    }

    private static String text(JsonNode what, String name) {
        return what.get(name).asText();
    }

    private static Duration millis(JsonNode what, String name) {
        return Duration.ofMillis(what.get(name).asLong());
    }

    private static synchronized void print(Object what) {
        try {
            out.println(JSON.writeValueAsString(what));
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }
}
