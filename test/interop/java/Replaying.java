import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.rocketmq.client.AccessChannel;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.listener.ConsumeConcurrentlyStatus;
import org.apache.rocketmq.client.consumer.listener.MessageListenerConcurrently;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.RequestCallback;
import org.apache.rocketmq.client.trace.TraceContext;
import org.apache.rocketmq.client.trace.TraceDataEncoder;
import org.apache.rocketmq.client.utils.MessageUtil;
import org.apache.rocketmq.common.consumer.ConsumeFromWhere;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** The calls on requests and replies, on message traces, and those that consoles make on consumers. */
final class Replaying {
    private final Map<String, DefaultMQProducer> producers = new ConcurrentHashMap<>();
    private final Map<String, DefaultMQPushConsumer> consumers = new ConcurrentHashMap<>();
    private final Map<String, DefaultMQAdminExt> admins = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("id");
        switch (call) {
            case "startProducer":
                startProducer(id, arguments);
                return null;
            case "startConsumer":
                startConsumer(id, arguments);
                return null;
            case "stop":
                stop(id);
                return null;
            case "send":
                return Messages.json(producers.get(id).send(Messages.message(arguments.getJSONObject("message"))));
            case "request":
                return Messages.json((MessageExt) producers.get(id).request(message(arguments), arguments.getLongValue("timeout")));
            case "requestWithCallback":
                return requestWithCallback(producers.get(id), arguments);
            case "reencodeTrace":
                return reencode(arguments.getString("data"));
            case "runningInfo":
                return runningInfo(admin(arguments), arguments);
            case "consumeDirectly":
                return admin(arguments).consumeMessageDirectly(arguments.getString("group"), arguments.getString("clientId"),
                    arguments.getString("topic"), arguments.getString("msgId")).getConsumeResult().name();
            case "consumerStatus":
                return consumerStatus(admin(arguments), arguments);
            default:
                throw new IllegalArgumentException("unknown call replay." + call);
        }
    }

    private static Message message(JSONObject arguments) {
        return Messages.message(arguments.getJSONObject("message"));
    }

    private void startProducer(String id, JSONObject arguments) throws Exception {
        DefaultMQProducer producer = new DefaultMQProducer(id, null, arguments.containsKey("traceTopic"), arguments.getString("traceTopic"));
        producer.setNamesrvAddr(arguments.getString("nameServer"));
        producer.setInstanceName(id);
        producer.setSendMsgTimeout(30_000);
        producer.start();
        producers.put(id, producer);
    }

    /** A consumer that replies to requests, upper case, with a producer of its own. */
    private void startConsumer(String id, JSONObject arguments) throws Exception {
        DefaultMQProducer replier = new DefaultMQProducer(id + "-replier");
        replier.setNamesrvAddr(arguments.getString("nameServer"));
        replier.setInstanceName(id + "-replier");
        replier.setSendMsgTimeout(30_000);
        replier.start();
        producers.put(id, replier);
        DefaultMQPushConsumer consumer = new DefaultMQPushConsumer(arguments.getString("group"), null,
            new AllocateMessageQueueAveragely(), arguments.containsKey("traceTopic"), arguments.getString("traceTopic"));
        consumer.setNamesrvAddr(arguments.getString("nameServer"));
        consumer.setInstanceName(id);
        consumer.setHeartbeatBrokerInterval(1_000);
        consumer.setConsumeFromWhere(ConsumeFromWhere.CONSUME_FROM_FIRST_OFFSET);
        consumer.subscribe(arguments.getString("topic"), "*");
        consumer.registerMessageListener((MessageListenerConcurrently) (messages, context) -> {
            for (MessageExt message : messages) {
                if (message.getProperty("REPLY_TO_CLIENT") == null) {
                    continue;
                }
                try {
                    byte[] body = new String(message.getBody()).toUpperCase().getBytes();
                    replier.send(MessageUtil.createReplyMessage(message, body), 3000);
                } catch (Exception error) {
                    error.printStackTrace();
                }
            }
            return ConsumeConcurrentlyStatus.CONSUME_SUCCESS;
        });
        consumer.start();
        consumers.put(id, consumer);
    }

    private void stop(String id) {
        DefaultMQPushConsumer consumer = consumers.remove(id);
        if (consumer != null) {
            consumer.shutdown();
        }
        DefaultMQProducer producer = producers.remove(id);
        if (producer != null) {
            producer.shutdown();
        }
    }

    /** With a queue selector: without one, the callback of some versions is called when the request is sent. */
    private static Object requestWithCallback(DefaultMQProducer producer, JSONObject arguments) throws Exception {
        CompletableFuture<Message> reply = new CompletableFuture<>();
        long timeout = arguments.getLongValue("timeout");
        producer.request(message(arguments), (queues, message, argument) -> queues.get(0), null, new RequestCallback() {
            @Override
            public void onSuccess(Message message) {
                reply.complete(message);
            }

            @Override
            public void onException(Throwable error) {
                reply.completeExceptionally(error);
            }
        }, timeout);
        return Messages.json((MessageExt) reply.get(timeout + 5_000, TimeUnit.MILLISECONDS));
    }

    /** Reads the traces of a message and writes them again. */
    private static Object reencode(String data) {
        List<TraceContext> contexts = TraceDataEncoder.decoderFromTraceDataString(data);
        StringBuilder text = new StringBuilder();
        for (TraceContext context : contexts) {
            context.setAccessChannel(AccessChannel.LOCAL);
            text.append(TraceDataEncoder.encoderFromContextBean(context).getTransData());
        }
        return Base64.getEncoder().encodeToString(text.toString().getBytes());
    }

    private synchronized DefaultMQAdminExt admin(JSONObject arguments) throws Exception {
        String nameServer = arguments.getString("nameServer");
        DefaultMQAdminExt known = admins.get(nameServer);
        if (known != null) {
            return known;
        }
        DefaultMQAdminExt admin = new DefaultMQAdminExt(30_000);
        admin.setNamesrvAddr(nameServer);
        admin.setInstanceName("console-" + nameServer);
        admin.start();
        admins.put(nameServer, admin);
        return admin;
    }

    private static Object runningInfo(DefaultMQAdminExt admin, JSONObject arguments) throws Exception {
        var info = admin.getConsumerRunningInfo(arguments.getString("group"), arguments.getString("clientId"), true);
        JSONObject json = new JSONObject();
        json.put("properties", new TreeMap<>(info.getProperties()));
        List<String> topics = new ArrayList<>();
        info.getSubscriptionSet().forEach(subscription -> topics.add(subscription.getTopic()));
        json.put("topics", topics);
        JSONArray queues = new JSONArray();
        info.getMqTable().keySet().forEach(queue -> queues.add(Messages.json(queue)));
        json.put("queues", queues);
        json.put("jstack", info.getJstack());
        json.put("printed", info.formatString());
        return json;
    }

    private static Object consumerStatus(DefaultMQAdminExt admin, JSONObject arguments) throws Exception {
        Map<String, Map<MessageQueue, Long>> status =
            admin.getConsumeStatus(arguments.getString("topic"), arguments.getString("group"), arguments.getString("clientId"));
        JSONObject json = new JSONObject();
        status.forEach((client, offsets) -> json.put(client, offsets.values().stream().mapToLong(Long::longValue).sum()));
        return json;
    }
}
