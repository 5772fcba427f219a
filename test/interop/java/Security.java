import com.alibaba.fastjson.JSONObject;
import org.apache.rocketmq.acl.common.AclClientRPCHook;
import org.apache.rocketmq.acl.common.SessionCredentials;
import org.apache.rocketmq.client.ClientConfig;
import org.apache.rocketmq.client.consumer.DefaultMQPushConsumer;
import org.apache.rocketmq.client.consumer.rebalance.AllocateMessageQueueAveragely;
import org.apache.rocketmq.client.producer.DefaultMQProducer;
import org.apache.rocketmq.remoting.RPCHook;

/** Clients with credentials, TLS, a namespace or a compression of their own, as the arguments say. */
final class Security {
    private static final String COMPRESS_TYPE = "rocketmq.message.compressType";

    private Security() {
    }

    static DefaultMQProducer producer(JSONObject arguments) {
        // The clients read the type of the compression from there when they are made, and have no other setting in common.
        synchronized (Security.class) {
            String type = arguments.getString("compressType");
            if (type != null) {
                System.setProperty(COMPRESS_TYPE, type);
            }
            try {
                return configured(new DefaultMQProducer(arguments.getString("group"), hook(arguments)), arguments);
            } finally {
                System.clearProperty(COMPRESS_TYPE);
            }
        }
    }

    static DefaultMQPushConsumer consumer(JSONObject arguments) {
        String group = arguments.getString("group");
        return configured(new DefaultMQPushConsumer(group, hook(arguments), new AllocateMessageQueueAveragely()), arguments);
    }

    private static RPCHook hook(JSONObject arguments) {
        String accessKey = arguments.getString("accessKey");
        return accessKey == null ? null : new AclClientRPCHook(new SessionCredentials(accessKey, arguments.getString("secretKey")));
    }

    private static <T extends ClientConfig> T configured(T client, JSONObject arguments) {
        client.setMqClientApiTimeout(30_000);
        client.setUseTLS(arguments.getBooleanValue("useTLS"));
        if (arguments.containsKey("namespace")) {
            client.setNamespace(arguments.getString("namespace"));
        }
        return client;
    }
}
