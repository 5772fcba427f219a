import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.parser.Feature;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.rocketmq.common.UtilAll;
import org.apache.rocketmq.common.message.Message;
import org.apache.rocketmq.common.message.MessageDecoder;
import org.apache.rocketmq.common.message.MessageExt;
import org.apache.rocketmq.remoting.CommandCustomHeader;
import org.apache.rocketmq.remoting.protocol.LanguageCode;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.remoting.protocol.SerializeType;

/**
 * Says what bytes RocketMQ's own classes make of a case. One case a line on stdin, {@code {"kind", "inputs"}}; one line on
 * stdout for each, {@code {"hex"}} plus what was left out, or {@code {"error"}}.
 */
public final class Golden {
    private Golden() {
    }

    public static void main(String[] args) throws Exception {
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        System.setOut(System.err);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JSONObject request = (JSONObject) JSON.parse(line, Feature.OrderedField);
            Map<String, Object> answer = new LinkedHashMap<>();
            Beans beans = new Beans();
            try {
                byte[] bytes = bytes(beans, request.getString("kind"), request.getJSONObject("inputs"));
                answer.put("hex", UtilAll.bytes2string(bytes).toLowerCase());
                answer.put("absent", new ArrayList<>(beans.absent));
            } catch (Throwable error) {
                answer.put("error", String.valueOf(error));
            }
            out.println(JSON.toJSONString(answer));
            out.flush();
        }
    }

    private static byte[] bytes(Beans beans, String kind, JSONObject inputs) throws Exception {
        switch (kind) {
            case "command":
                return command(beans, inputs);
            case "body":
                return RemotingSerializable.encode(beans.bean(Beans.find(inputs.getString("class")), inputs.getJSONObject("value")));
            case "standardBody":
                return standardBody(beans.bean(Beans.find(inputs.getString("class")), inputs.getJSONObject("value")));
            case "registerBrokerBody":
                return registerBrokerBody(beans, inputs);
            case "record":
                return MessageDecoder.encode(messageExt(inputs), false);
            case "batch":
                return batch(inputs.getJSONArray("messages"));
            case "messageId":
                return text(MessageDecoder.createMessageId(host(inputs.getString("storeHost")), inputs.getLongValue("physicalOffset")));
            case "properties":
                return text(MessageDecoder.messageProperties2String(strings(inputs.getJSONObject("properties"))));
            case "hashCode":
                return ByteBuffer.allocate(4).putInt(inputs.getString("text").hashCode()).array();
            case "crc32":
                return ByteBuffer.allocate(4).putInt(UtilAll.crc32(hex(inputs.getString("body")))).array();
            case "topicCheck":
                return text(validate(inputs.getString("name"), "checkTopic"));
            case "groupCheck":
                return text(validate(inputs.getString("name"), "checkGroup"));
            case "subscription":
                return RemotingSerializable.encode(subscription(inputs));
            default:
                throw new IllegalArgumentException("unknown kind " + kind);
        }
    }

    /** The frame as the Netty encoder writes it: the header in one go, then the body. */
    private static byte[] command(Beans beans, JSONObject inputs) throws Exception {
        CommandCustomHeader header = null;
        if (inputs.containsKey("header")) {
            Class<?> type = Beans.find(inputs.getString("header"));
            header = (CommandCustomHeader) beans.bean(type, inputs.getJSONObject("fields"));
        }
        RemotingCommand command = RemotingCommand.createRequestCommand(inputs.getIntValue("code"), header);
        command.setOpaque(inputs.getIntValue("opaque"));
        command.setVersion(inputs.getIntValue("version"));
        command.setFlag(inputs.getIntValue("flag"));
        if (inputs.containsKey("language")) {
            command.setLanguage(LanguageCode.valueOf(inputs.getString("language")));
        }
        command.setRemark(inputs.getString("remark"));
        command.setSerializeTypeCurrentRPC(SerializeType.valueOf(inputs.getString("serializeType")));
        if (inputs.containsKey("extFields")) {
            command.setExtFields(new HashMap<>(strings(inputs.getJSONObject("extFields"))));
        }
        if (inputs.containsKey("body")) {
            command.setBody(hex(inputs.getString("body")));
        }
        ByteBuf buffer = Unpooled.buffer();
        command.fastEncodeHeader(buffer);
        if (command.getBody() != null) {
            buffer.writeBytes(command.getBody());
        }
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }

    /** The JSON that the NameServer answers a client from 4.9.4 on with; the feature enum is another in each version. */
    private static byte[] standardBody(Object body) throws Exception {
        String[][] sets = {
            {"com.alibaba.fastjson2.JSONWriter$Feature", "BrowserCompatible", "MapSortField"},
            {"com.alibaba.fastjson.serializer.SerializerFeature", "BrowserCompatible", "QuoteFieldNames", "SkipTransientField", "MapSortField"},
        };
        for (String[] set : sets) {
            Class<?> type;
            try {
                type = Class.forName(set[0]);
            } catch (ClassNotFoundException next) {
                continue;
            }
            Object features = java.lang.reflect.Array.newInstance(type, set.length - 1);
            for (int i = 1; i < set.length; i++) {
                java.lang.reflect.Array.set(features, i - 1, type.getField(set[i]).get(null));
            }
            Method encode = RemotingSerializable.class.getMethod("encode", features.getClass());
            return (byte[]) encode.invoke(body, features);
        }
        throw new IllegalStateException("no fastjson");
    }

    private static byte[] registerBrokerBody(Beans beans, JSONObject inputs) throws Exception {
        Object body = beans.bean(Beans.find("RegisterBrokerBody"), inputs.getJSONObject("value"));
        return (byte[]) body.getClass().getMethod("encode", boolean.class).invoke(body, inputs.getBooleanValue("compressed"));
    }

    private static Object subscription(JSONObject inputs) throws Exception {
        Class<?> api;
        try {
            api = Class.forName("org.apache.rocketmq.remoting.protocol.filter.FilterAPI");
        } catch (ClassNotFoundException older) {
            api = Class.forName("org.apache.rocketmq.common.filter.FilterAPI");
        }
        Object data = api.getMethod("build", String.class, String.class, String.class)
            .invoke(null, inputs.getString("topic"), inputs.getString("expression"), inputs.getString("type"));
        data.getClass().getMethod("setSubVersion", long.class).invoke(data, inputs.getLongValue("subVersion"));
        return data;
    }

    private static MessageExt messageExt(JSONObject inputs) throws Exception {
        MessageExt message = new MessageExt();
        message.setTopic(inputs.getString("topic"));
        message.setQueueId(inputs.getIntValue("queueId"));
        message.setFlag(inputs.getIntValue("flag"));
        message.setQueueOffset(inputs.getLongValue("queueOffset"));
        message.setCommitLogOffset(inputs.getLongValue("physicalOffset"));
        message.setSysFlag(inputs.getIntValue("sysFlag"));
        message.setBornTimestamp(inputs.getLongValue("bornTimestamp"));
        message.setBornHost(host(inputs.getString("bornHost")));
        message.setStoreTimestamp(inputs.getLongValue("storeTimestamp"));
        message.setStoreHost(host(inputs.getString("storeHost")));
        message.setReconsumeTimes(inputs.getIntValue("reconsumeTimes"));
        message.setPreparedTransactionOffset(inputs.getLongValue("preparedTransactionOffset"));
        message.setBody(hex(inputs.getString("body")));
        message.setBodyCRC(UtilAll.crc32(message.getBody()));
        properties(message, inputs.getJSONObject("properties"));
        return message;
    }

    private static byte[] batch(JSONArray inputs) throws Exception {
        List<Message> messages = new ArrayList<>();
        for (Object item : inputs) {
            JSONObject fields = (JSONObject) item;
            Message message = new Message();
            message.setFlag(fields.getIntValue("flag"));
            message.setBody(hex(fields.getString("body")));
            properties(message, fields.getJSONObject("properties"));
            messages.add(message);
        }
        return MessageDecoder.encodeMessages(messages);
    }

    private static void properties(Message message, JSONObject properties) throws Exception {
        Method set = Message.class.getDeclaredMethod("setProperties", Map.class);
        set.setAccessible(true);
        set.invoke(message, strings(properties));
    }

    /** The text of the exception that RocketMQ's own check ends with; empty when the name is good. */
    private static String validate(String name, String method) throws Exception {
        try {
            Class.forName("org.apache.rocketmq.client.Validators").getMethod(method, String.class).invoke(null, name);
            return "";
        } catch (java.lang.reflect.InvocationTargetException refused) {
            return refused.getCause().getMessage();
        }
    }

    private static Map<String, String> strings(JSONObject json) {
        Map<String, String> map = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : json.entrySet()) {
            map.put(entry.getKey(), String.valueOf(entry.getValue()));
        }
        return map;
    }

    /** {@code ip:port}, where the ip may hold colons. */
    private static InetSocketAddress host(String text) throws Exception {
        int colon = text.lastIndexOf(':');
        return new InetSocketAddress(InetAddress.getByName(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
    }

    /** Unlike RocketMQ's own, which makes null of an empty text. */
    private static byte[] hex(String text) {
        return text.isEmpty() ? new byte[0] : UtilAll.string2bytes(text);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
