package interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.spring.annotation.RocketMQMessageListener;
import org.apache.rocketmq.spring.annotation.RocketMQTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQListener;
import org.apache.rocketmq.spring.core.RocketMQLocalRequestCallback;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionListener;
import org.apache.rocketmq.spring.core.RocketMQLocalTransactionState;
import org.apache.rocketmq.spring.core.RocketMQReplyListener;
import org.apache.rocketmq.spring.core.RocketMQTemplate;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.MessageBuilder;
import org.springframework.stereotype.Component;

/**
 * A Spring Boot application with rocketmq-spring-boot-starter. It takes a JSON command a line, answers each with a line, and
 * tells of what its listeners get by lines of their own.
 */
@SpringBootApplication
public class SpringApp {
    static final ObjectMapper JSON = new ObjectMapper();
    private static PrintStream out;

    public static void main(String[] arguments) throws Exception {
        out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        SpringApplication application = new SpringApplication(SpringApp.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setBannerMode(org.springframework.boot.Banner.Mode.OFF);
        try (ConfigurableApplicationContext context = application.run(arguments)) {
            RocketMQTemplate template = context.getBean(RocketMQTemplate.class);
            print(Map.of("event", "started"));
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonNode command = JSON.readTree(line);
                try {
                    print(answer(command, "result", run(template, command.get("call").asText(), command.get("arguments"))));
                } catch (Throwable error) {
                    print(answer(command, "error", String.valueOf(error)));
                }
            }
        }
    }

    private static Map<String, Object> answer(JsonNode command, String name, Object value) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("id", command.get("id").asInt());
        answer.put(name, value);
        return answer;
    }

    private static Object run(RocketMQTemplate template, String call, JsonNode command) throws Exception {
        String destination = command.get("destination").asText();
        switch (call) {
            case "syncSend":
                return sent(template.syncSend(destination, message(command)));
            case "syncSendOrderly":
                return sent(template.syncSendOrderly(destination, message(command), command.get("hashKey").asText()));
            case "syncSendBatch": {
                List<Message<?>> messages = new ArrayList<>();
                command.get("payload").forEach(one -> messages.add(MessageBuilder.withPayload(one.asText()).build()));
                return sent(template.syncSend(destination, messages));
            }
            case "syncSendDelayTimeSeconds":
                return sent(template.syncSendDelayTimeSeconds(destination, payload(command), 1));
            case "sendAndReceive": {
                // Client 5.3.2 waits for the reply only with a callback and a hash key.
                ReplyCallback callback = new ReplyCallback();
                template.sendAndReceive(destination, payload(command), callback, command.get("hashKey").asText(), 60_000L);
                return callback.reply.get(30, TimeUnit.SECONDS);
            }
            case "sendMessageInTransaction":
                return template
                    .sendMessageInTransaction(destination, message(command), command.get("arg").asText())
                    .getLocalTransactionState()
                    .name();
            default:
                throw new IllegalArgumentException("unknown call");
        }
    }

    /** Text is sent as text, anything else as a map that Jackson writes. */
    private static Object payload(JsonNode command) {
        JsonNode payload = command.get("payload");
        return payload.isTextual() ? payload.asText() : JSON.convertValue(payload, Object.class);
    }

    private static Message<?> message(JsonNode command) {
        MessageBuilder<?> builder = MessageBuilder.withPayload(payload(command));
        if (command.has("headers"))
            command.get("headers").fields().forEachRemaining(one -> builder.setHeader(one.getKey(), one.getValue().asText()));
        return builder.build();
    }

    private static Map<String, Object> sent(SendResult result) {
        return Map.of(
            "status", result.getSendStatus().name(),
            "queueId", result.getMessageQueue().getQueueId(),
            "msgId", result.getMsgId());
    }

    static synchronized void print(Object line) throws Exception {
        out.println(JSON.writeValueAsString(line));
    }

    static void heard(String listener, Object what) {
        try {
            print(Map.of("event", "heard", "listener", listener, "what", what));
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
    }

    public static class Order {
        public int id;
        public String name;
    }

    public static class Quote {
        public String sku;
        public int price;
    }

    static class ReplyCallback implements RocketMQLocalRequestCallback<Quote> {
        final CompletableFuture<Quote> reply = new CompletableFuture<>();

        @Override
        public void onSuccess(Quote quote) {
            reply.complete(quote);
        }

        @Override
        public void onException(Throwable error) {
            reply.completeExceptionally(error);
        }
    }

    @Component
    @RocketMQMessageListener(topic = "${interop.raw}", consumerGroup = "${interop.raw}-spring", selectorExpression = "a || b")
    static class RawListener implements RocketMQListener<MessageExt> {
        @Override
        public void onMessage(MessageExt message) {
            Map<String, Object> what = new LinkedHashMap<>();
            what.put("body", new String(message.getBody(), StandardCharsets.UTF_8));
            what.put("tags", message.getTags());
            what.put("keys", message.getKeys());
            what.put("flag", message.getFlag());
            what.put("queueId", message.getQueueId());
            what.put("properties", message.getProperties());
            heard("raw", what);
        }
    }

    @Component
    @RocketMQMessageListener(topic = "${interop.orders}", consumerGroup = "${interop.orders}-spring")
    static class OrderListener implements RocketMQListener<Order> {
        @Override
        public void onMessage(Order order) {
            heard("orders", order);
        }
    }

    @Component
    @RocketMQMessageListener(topic = "${interop.texts}", consumerGroup = "${interop.texts}-spring")
    static class TextListener implements RocketMQListener<String> {
        @Override
        public void onMessage(String text) {
            heard("texts", text);
        }
    }

    @Component
    @RocketMQMessageListener(topic = "${interop.quotes}", consumerGroup = "${interop.quotes}-spring")
    static class QuoteListener implements RocketMQReplyListener<Quote, Quote> {
        @Override
        public Quote onMessage(Quote question) {
            question.price = question.sku.length();
            return question;
        }
    }

    @RocketMQTransactionListener
    static class TransactionListener implements RocketMQLocalTransactionListener {
        @Override
        public RocketMQLocalTransactionState executeLocalTransaction(Message message, Object state) {
            heard("executed", String.valueOf(message.getHeaders().get("rocketmq_KEYS")));
            return RocketMQLocalTransactionState.valueOf(String.valueOf(state));
        }

        @Override
        public RocketMQLocalTransactionState checkLocalTransaction(Message message) {
            heard("checked", String.valueOf(message.getHeaders().get("rocketmq_KEYS")));
            return RocketMQLocalTransactionState.COMMIT;
        }
    }
}
