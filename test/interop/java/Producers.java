import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.QueryResult;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** The calls on producers, and the questions a producer can ask a broker. */
final class Producers {
    private final Map<String, DefaultMQProducer> producers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("producer");
        if ("start".equals(call)) {
            start(id, arguments);
            return null;
        }
        DefaultMQProducer producer = producers.get(id);
        switch (call) {
            case "stop":
                producers.remove(id).shutdown();
                return null;
            case "send":
                return send(producer, arguments);
            case "sendBatch":
                return Messages.json(producer.send(messages(arguments)));
            case "sendOneway":
                producer.sendOneway(Messages.message(arguments.getJSONObject("message")));
                return null;
            case "queues":
                return queues(producer.fetchPublishMessageQueues(arguments.getString("topic")));
            case "offsets":
                return offsets(producer, Messages.queue(arguments.getJSONObject("queue")));
            case "searchOffset":
                return producer.searchOffset(Messages.queue(arguments.getJSONObject("queue")), arguments.getLongValue("timestamp"));
            case "view":
                return Messages.json(producer.viewMessage(arguments.getString("topic"), arguments.getString("msgId")));
            case "query":
                return query(producer, arguments);
            default:
                throw new IllegalArgumentException("unknown call producer." + call);
        }
    }

    private void start(String id, JSONObject arguments) throws Exception {
        DefaultMQProducer producer = Security.producer(arguments);
        producer.setNamesrvAddr(arguments.getString("nameServer"));
        producer.setInstanceName(id);
        producer.setSendMsgTimeout(30_000);
        producer.start();
        producers.put(id, producer);
    }

    private static Object send(DefaultMQProducer producer, JSONObject arguments) throws Exception {
        Message message = Messages.message(arguments.getJSONObject("message"));
        if (arguments.containsKey("queueId")) {
            int queueId = arguments.getIntValue("queueId");
            return Messages.json(producer.send(message, (queues, ignored, argument) -> find(queues, queueId), null));
        }
        return Messages.json(producer.send(message));
    }

    private static MessageQueue find(List<MessageQueue> queues, int queueId) {
        return queues.stream().filter(queue -> queue.getQueueId() == queueId).findFirst().orElseThrow(IllegalStateException::new);
    }

    private static List<Message> messages(JSONObject arguments) {
        List<Message> messages = new ArrayList<>();
        for (Object message : arguments.getJSONArray("messages")) {
            messages.add(Messages.message((JSONObject) message));
        }
        return messages;
    }

    private static Object queues(List<MessageQueue> queues) {
        List<Object> json = new ArrayList<>();
        queues.forEach(queue -> json.add(Messages.json(queue)));
        return json;
    }

    private static Object offsets(DefaultMQProducer producer, MessageQueue queue) throws Exception {
        JSONObject json = new JSONObject();
        json.put("min", producer.minOffset(queue));
        json.put("max", producer.maxOffset(queue));
        return json;
    }

    private static Object query(DefaultMQProducer producer, JSONObject arguments) throws Exception {
        QueryResult result = producer.queryMessage(
            arguments.getString("topic"), arguments.getString("key"), 64, 0, System.currentTimeMillis() + 60_000);
        List<Object> json = new ArrayList<>();
        for (MessageExt message : result.getMessageList()) {
            json.add(Messages.json(message));
        }
        return json;
    }
}
