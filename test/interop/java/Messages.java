import com.alibaba.fastjson.JSONObject;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.rocketmq.client.producer.SendResult;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.common.message.MessageQueue;

/** Messages, queues and results as JSON; bodies in base64. */
final class Messages {
    private Messages() {
    }

    static Message message(JSONObject json) {
        Message message = new Message(json.getString("topic"), Base64.getDecoder().decode(json.getString("body")));
        if (json.containsKey("tags")) {
            message.setTags(json.getString("tags"));
        }
        if (json.containsKey("keys")) {
            message.setKeys(json.getString("keys"));
        }
        if (json.containsKey("flag")) {
            message.setFlag(json.getIntValue("flag"));
        }
        if (json.containsKey("delayLevel")) {
            message.setDelayTimeLevel(json.getIntValue("delayLevel"));
        }
        JSONObject properties = json.getJSONObject("properties");
        if (properties != null) {
            for (String name : properties.keySet()) {
                message.putUserProperty(name, properties.getString(name));
            }
        }
        return message;
    }

    static MessageQueue queue(JSONObject json) {
        return new MessageQueue(json.getString("topic"), json.getString("brokerName"), json.getIntValue("queueId"));
    }

    static Map<String, Object> json(MessageQueue queue) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", queue.getTopic());
        json.put("brokerName", queue.getBrokerName());
        json.put("queueId", queue.getQueueId());
        return json;
    }

    static Map<String, Object> json(SendResult result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("status", result.getSendStatus().name());
        json.put("msgId", result.getMsgId());
        json.put("offsetMsgId", result.getOffsetMsgId());
        json.put("queue", json(result.getMessageQueue()));
        json.put("queueOffset", result.getQueueOffset());
        return json;
    }

    static Map<String, Object> json(MessageExt message) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", message.getTopic());
        json.put("body", message.getBody() == null ? "" : Base64.getEncoder().encodeToString(message.getBody()));
        json.put("tags", message.getTags());
        json.put("keys", message.getKeys());
        json.put("flag", message.getFlag());
        json.put("properties", new TreeMap<>(message.getProperties()));
        json.put("msgId", message.getMsgId());
        json.put("brokerName", message.getBrokerName());
        json.put("queueId", message.getQueueId());
        json.put("queueOffset", message.getQueueOffset());
        json.put("commitLogOffset", message.getCommitLogOffset());
        json.put("storeSize", message.getStoreSize());
        json.put("sysFlag", message.getSysFlag());
        json.put("bodyCRC", message.getBodyCRC());
        json.put("reconsumeTimes", message.getReconsumeTimes());
        json.put("bornTimestamp", message.getBornTimestamp());
        json.put("bornHost", String.valueOf(message.getBornHost()).substring(1));
        json.put("storeTimestamp", message.getStoreTimestamp());
        json.put("storeHost", String.valueOf(message.getStoreHost()).substring(1));
        return json;
    }
}
