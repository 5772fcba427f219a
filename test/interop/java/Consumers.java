import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.ConsumeOrderlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.listener.MessageListenerOrderly;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** The calls on push consumers, and one on a pull consumer that reads a queue from its beginning. */
final class Consumers {
    private static final int PULL_SIZE = 32;

    private final Map<String, DefaultMQPushConsumer> consumers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("consumer");
        switch (call) {
            case "start":
                start(id, arguments);
                return null;
            case "stop":
                consumers.remove(id).shutdown();
                return null;
            case "assignment":
                return assignment(consumers.get(id), arguments.getString("topic"));
            case "read":
                return read(arguments);
            default:
                throw new IllegalArgumentException("unknown call consumer." + call);
        }
    }

    private void start(String id, JSONObject arguments) throws Exception {
        DefaultMQPushConsumer consumer = Security.consumer(arguments);
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(id);
        // A 5.5.0 consumer that rebalances while its heartbeat is under way has to wait for the next one before a broker,
        // Apache's too, accepts its pulls: they carry a newer subscription than the heartbeat did.
        consumer.setHeartbeatBrokerInterval(1_000);
        // What its listener has reported is consumed, and its offsets say so, when it has stopped.
        consumer.setAwaitTerminationMillisWhenShutdown(10_000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.valueOf(arguments.getString("consumeFromWhere")));
        // The enum moved between 4.9 and 5.x: set by reflection, so that one source serves both.
        for (java.lang.reflect.Method method : DefaultMQPushConsumer.class.getMethods()) {
            if (method.getName().equals("setMessageModel")) {
                Class<?> type = method.getParameterTypes()[0];
                method.invoke(consumer, type.getField(arguments.getString("messageModel")).get(null));
            }
        }
        String expression = arguments.getString("expression");
        if ("SQL92".equals(arguments.getString("expressionType"))) {
            consumer.subscribe(arguments.getString("topic"), MessageSelector.bySql(expression));
        } else {
            consumer.subscribe(arguments.getString("topic"), expression);
        }
        Pop.configure(consumer, arguments);
        int failures = arguments.getIntValue("failures");
        if (arguments.containsKey("maxReconsumeTimes")) {
            consumer.setMaxReconsumeTimes(arguments.getIntValue("maxReconsumeTimes"));
        }
        if (arguments.containsKey("suspendMillis")) {
            consumer.setSuspendCurrentQueueTimeMillis(arguments.getIntValue("suspendMillis"));
        }
        if (arguments.getBooleanValue("orderly")) {
            consumer.registerMessageListener((MessageListenerOrderly) (messages, context) -> {
                messages.forEach(message -> report(id, message));
                boolean fails = "fail".equals(messages.get(0).getTags()) && messages.get(0).getReconsumeTimes() < failures;
                return fails ? ConsumeOrderlyStatus.SUSPEND_CURRENT_QUEUE_A_MOMENT : ConsumeOrderlyStatus.SUCCESS;
            });
        } else {
            consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
                messages.forEach(message -> report(id, message));
                // The first tries of a message fail, as many as asked for; it comes again after the shortest delay.
                context.setDelayLevelWhenNextConsume(Pop.delayLevel(arguments));
                Pop.hang(messages, arguments);
                return messages.get(0).getReconsumeTimes() < failures
                    ? ConsumeConcurrentlyStatus.RECONSUME_LATER
                    : ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
            });
        }
        consumer.start();
        consumers.put(id, consumer);
    }

    private static void report(String id, MessageExt message) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("consumer", id);
        line.put("message", Messages.json(message));
        Driver.say(line);
    }

    private static Object assignment(DefaultMQPushConsumer consumer, String topic) {
        List<Object> json = new ArrayList<>();
        for (MessageQueue queue : consumer.getDefaultMQPushConsumerImpl().getRebalanceImpl().getProcessQueueTable().keySet()) {
            if (queue.getTopic().equals(topic)) {
                json.add(Messages.json(queue));
            }
        }
        return json;
    }

    /** All that a topic holds, queue by queue. */
    @SuppressWarnings("deprecation")
    private static Object read(JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName("read-" + System.nanoTime());
        consumer.start();
        try {
            List<Object> json = new ArrayList<>();
            for (MessageQueue queue : consumer.fetchSubscribeMessageQueues(arguments.getString("topic"))) {
                long offset = consumer.minOffset(queue);
                long end = consumer.maxOffset(queue);
                while (offset < end) {
                    PullResult pulled = consumer.pull(queue, "*", offset, PULL_SIZE);
                    if (pulled.getMsgFoundList() != null) {
                        pulled.getMsgFoundList().forEach(message -> json.add(Messages.json(message)));
                    }
                    if (pulled.getNextBeginOffset() <= offset) {
                        throw new IllegalStateException(queue + " at " + offset + ": " + pulled);
                    }
                    offset = pulled.getNextBeginOffset();
                }
            }
            return json;
        } finally {
            consumer.shutdown();
        }
    }
}
