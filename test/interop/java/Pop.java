import com.alibaba.fastjson.JSONObject;
import java.lang.reflect.Method;
import java.util.List;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.common.message.MessageExt;

/** What a push consumer needs to pop. 4.x has none of it, so it is found by its names. */
final class Pop {
    private static final String INVISIBLE_TIME = "popInvisibleTime";

    private Pop() {
    }

    /** Has the brokers share the queues, and say which are popped. */
    static void configure(DefaultMQPushConsumer consumer, JSONObject arguments) throws Exception {
        if (arguments.containsKey(INVISIBLE_TIME)) {
            set(consumer, "setClientRebalance", false);
            set(consumer, "setPopInvisibleTime", arguments.getLong(INVISIBLE_TIME));
        }
    }

    /** After which delay a message comes again that failed: the shortest. When popped, 0 is shorter than 1. */
    static int delayLevel(JSONObject arguments) {
        return arguments.containsKey(INVISIBLE_TIME) ? 0 : 1;
    }

    /** Takes long over the first try of a message. */
    static void hang(List<MessageExt> messages, JSONObject arguments) {
        if (messages.get(0).getReconsumeTimes() > 0) {
            return;
        }
        try {
            Thread.sleep(arguments.getLongValue("hangMs"));
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private static void set(Object target, String setter, Object value) throws Exception {
        for (Method method : target.getClass().getMethods()) {
            if (method.getName().equals(setter)) {
                method.invoke(target, value);
            }
        }
    }
}
