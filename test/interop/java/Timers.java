import com.alibaba.fastjson.JSONObject;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;

/** The calls on messages with a time of their own. 4.x has none of them, so they are found by their names. */
final class Timers {
    private static final String[] TIMES = {"delayTimeMs", "delayTimeSec", "deliverTimeMs"};

    private final Map<String, DefaultMQProducer> producers = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        String id = arguments.getString("producer");
        switch (call) {
            case "start":
                DefaultMQProducer producer = new DefaultMQProducer(id);
                producer.setNamesrvAddr(arguments.getString("nameServer"));
                producer.setInstanceName(id);
                producer.setSendMsgTimeout(30_000);
                producer.start();
                producers.put(id, producer);
                return null;
            case "stop":
                producers.remove(id).shutdown();
                return null;
            case "send":
                return send(producers.get(id), arguments.getJSONObject("message"));
            case "recall":
                Method recall = DefaultMQProducer.class.getMethod("recallMessage", String.class, String.class);
                return invoke(recall, producers.get(id), arguments.getString("topic"), arguments.getString("recallHandle"));
            default:
                throw new IllegalArgumentException("unknown call timer." + call);
        }
    }

    private static Object send(DefaultMQProducer producer, JSONObject json) throws Exception {
        Message message = Messages.message(json);
        for (String time : TIMES) {
            if (json.containsKey(time)) {
                String setter = "set" + Character.toUpperCase(time.charAt(0)) + time.substring(1);
                invoke(Message.class.getMethod(setter, long.class), message, json.getLongValue(time));
            }
        }
        SendResult result = producer.send(message);
        Map<String, Object> answer = Messages.json(result);
        try {
            answer.put("recallHandle", SendResult.class.getMethod("getRecallHandle").invoke(result));
        } catch (NoSuchMethodException older) {
            answer.put("recallHandle", null);
        }
        return answer;
    }

    /** Calls a method, and fails as it does. */
    private static Object invoke(Method method, Object target, Object... arguments) throws Exception {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException failure) {
            throw failure.getCause() instanceof Exception ? (Exception) failure.getCause() : failure;
        }
    }
}
