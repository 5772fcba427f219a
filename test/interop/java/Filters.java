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
import org.apache.rocketmq.client.impl.factory.MQClientInstance;

/** Pulls that carry an SQL92 expression. A pull consumer is kept until the process ends. */
@SuppressWarnings("deprecation")
final class Filters {
    private static final int PULL_SIZE = 32;

    private final Map<String, DefaultMQPullConsumer> consumers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        DefaultMQPullConsumer consumer = consumers.computeIfAbsent(arguments.getString("group"), group -> started(group, arguments));
        // The route and the broker's version, without which the client doesn't send an expression.
        MQClientInstance instance = consumer.getDefaultMQPullConsumerImpl().getRebalanceImpl().getmQClientFactory();
        instance.updateTopicRouteInfoFromNameServer(arguments.getJSONObject("queue").getString("topic"));
        instance.sendHeartbeatToAllBrokerWithLock();
        MessageSelector selector = MessageSelector.bySql(arguments.getString("expression"));
        PullResult pulled = consumer.pull(Messages.queue(arguments.getJSONObject("queue")), selector, arguments.getLongValue("offset"), PULL_SIZE);
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
