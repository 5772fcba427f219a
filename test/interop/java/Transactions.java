import com.alibaba.fastjson.JSONObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.rocketmq.client.producer.LocalTransactionState;
import org.apache.rocketmq.client.producer.TransactionListener;
import org.apache.rocketmq.client.producer.TransactionMQProducer;
import org.apache.rocketmq.client.producer.TransactionSendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;

/**
 * The calls on producers of transactions. What becomes of a transaction stands in its message's properties: {@code execute}, and
 * {@code check} for when the broker asks.
 */
final class Transactions {
    private final Map<String, Producer> producers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("producer");
        switch (call) {
            case "start":
                producers.put(id, new Producer(id, arguments));
                return null;
            case "send":
                return producers.get(id).send(Messages.message(arguments.getJSONObject("message")));
            case "checked":
                return producers.get(id).checked;
            case "stop":
                producers.remove(id).client.shutdown();
                return null;
            default:
                throw new IllegalArgumentException("unknown call transaction." + call);
        }
    }

    private static final class Producer implements TransactionListener {
        final List<String> checked = new CopyOnWriteArrayList<>();
        final TransactionMQProducer client;

        Producer(String id, JSONObject arguments) throws Exception {
            client = new TransactionMQProducer(arguments.getString("group"));
            client.setNamesrvAddr(arguments.getString("nameServer"));
            client.setInstanceName(id);
            client.setSendMsgTimeout(30_000);
            // The first one is due a second after the start, whether there is a broker to send it to by then or not.
            client.setHeartbeatBrokerInterval(1_000);
            client.setTransactionListener(this);
            client.start();
        }

        Object send(Message message) throws Exception {
            TransactionSendResult result = client.sendMessageInTransaction(message, null);
            Map<String, Object> json = Messages.json(result);
            json.put("state", result.getLocalTransactionState().name());
            return json;
        }

        @Override
        public LocalTransactionState executeLocalTransaction(Message message, Object argument) {
            return LocalTransactionState.valueOf(message.getProperty("execute"));
        }

        @Override
        public LocalTransactionState checkLocalTransaction(MessageExt message) {
            checked.add(message.getTopic() + " " + message.getQueueId() + " " + message.getTransactionId() + " " + new String(message.getBody()));
            return LocalTransactionState.valueOf(message.getProperty("check"));
        }
    }
}
