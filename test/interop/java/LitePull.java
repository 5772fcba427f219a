import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.consumer.DefaultLitePullConsumer;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;

/** The calls on pull consumers. */
final class LitePull {
    private final Map<String, DefaultLitePullConsumer> consumers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("consumer");
        DefaultLitePullConsumer consumer = consumers.get(id);
        switch (call) {
            case "start":
                start(id, arguments);
                return null;
            case "poll":
                List<Object> json = new ArrayList<>();
                consumer.poll(arguments.getLongValue("timeout")).forEach(message -> json.add(Messages.json(message)));
                return json;
            case "commit":
                consumer.commitSync();
                return null;
            case "seek":
                consumer.seek(Messages.queue(arguments.getJSONObject("queue")), arguments.getLongValue("offset"));
                return null;
            case "stop":
                consumers.remove(id).shutdown();
                return null;
            default:
                throw new IllegalArgumentException("unknown call litePull." + call);
        }
    }

    private void start(String id, JSONObject arguments) throws Exception {
        DefaultLitePullConsumer consumer = new DefaultLitePullConsumer(arguments.getString("group"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(id);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.setAutoCommit(false);
        String topic = arguments.getString("topic");
        if (arguments.getBooleanValue("assigned")) {
            consumer.start();
            consumer.assign(consumer.fetchMessageQueues(topic));
        } else {
            consumer.subscribe(topic, arguments.getString("expression"));
            consumer.start();
        }
        consumers.put(id, consumer);
    }
}
