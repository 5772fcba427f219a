import com.alibaba.fastjson.JSONObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultMQPullConsumer;
import org.apache.rocketmq.client.consumer.MessageSelector;
import org.apache.rocketmq.client.consumer.PullResult;
import org.apache.rocketmq.client.exception.MQClientException;
import org.apache.rocketmq.client.impl.factory.MQClientInstance;
import org.apache.rocketmq.common.message.MessageQueue;

/** Pulls that carry an SQL92 expression. A pull consumer is kept until the process ends. */
@SuppressWarnings("deprecation")
final class Filters {
    private static final int PULL_SIZE = 32;
    private static final long VERSION_MILLIS = 10_000;
    private static final long POLL_MILLIS = 50;

    private final Map<String, DefaultMQPullConsumer> consumers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = consumers.computeIfAbsent(arguments.getString("group"), group -> started(group, arguments));
        PullResult pulled = pull(consumer, Messages.queue(arguments.getJSONObject("queue")), arguments);
        List<String> bodies = new ArrayList<>();
        if (pulled.getMsgFoundList() != null) {
            pulled.getMsgFoundList().forEach(message -> bodies.add(new String(message.getBody(), StandardCharsets.UTF_8)));
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("status", pulled.getPullStatus().name());
        json.put("nextBeginOffset", pulled.getNextBeginOffset());
        json.put("bodies", bodies);
        return json;
    }

    /**
     * The client sends no expression before it knows the broker's version, which a heartbeat tells it; one that begins while
     * another is under way is dropped.
     */
    private static PullResult pull(DefaultMQPullConsumer consumer, MessageQueue queue, JSONObject arguments) throws Exception {
        MQClientInstance instance = consumer.getDefaultMQPullConsumerImpl().getRebalanceImpl().getmQClientFactory();
        MessageSelector selector = MessageSelector.bySql(arguments.getString("expression"));
        for (long end = System.currentTimeMillis() + VERSION_MILLIS;; Thread.sleep(POLL_MILLIS)) {
            instance.updateTopicRouteInfoFromNameServer(queue.getTopic());
            instance.sendHeartbeatToAllBrokerWithLock();
            try {
                return consumer.pull(queue, selector, arguments.getLongValue("offset"), PULL_SIZE);
            } catch (MQClientException error) {
                if (!String.valueOf(error.getMessage()).contains("does not upgrade") || System.currentTimeMillis() > end) {
                    throw error;
                }
            }
        }
    }

    private static DefaultMQPullConsumer started(String group, JSONObject arguments) {
        DefaultMQPullConsumer consumer = new DefaultMQPullConsumer(group);
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName("filter-" + System.nanoTime());
        try {
            consumer.start();
        } catch (Exception error) {
            throw new IllegalStateException(error);
        }
        return consumer;
    }
}
