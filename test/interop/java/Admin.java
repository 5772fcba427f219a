import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.rocketmq.common.TopicConfig;
import org.apache.rocketmq.remoting.protocol.RemotingSerializable;
import org.apache.rocketmq.tools.admin.DefaultMQAdminExt;

/** The administration calls of rocketmq-tools; one admin client for each NameServer that is named. */
final class Admin {
    private final Map<String, DefaultMQAdminExt> admins = new ConcurrentHashMap<>();

    Object call(String call, JSONObject arguments) throws Exception {
        DefaultMQAdminExt admin = admin(arguments.getString("nameServer"));
        String topic = arguments.getString("topic");
        String group = arguments.getString("group");
        switch (call) {
            case "brokers":
                return brokers(admin);
            case "createTopic":
                TopicConfig config = new TopicConfig(topic);
                config.setReadQueueNums(arguments.getIntValue("queues"));
                config.setWriteQueueNums(arguments.getIntValue("queues"));
                admin.createAndUpdateTopicConfig(arguments.getString("broker"), config);
                return null;
            case "topics":
                return new JSONArray(new java.util.ArrayList<>(admin.fetchAllTopicList().getTopicList()));
            case "route":
                return RemotingSerializable.toJson(admin.examineTopicRouteInfo(topic), false);
            case "consumeStats":
                return consumeStats(admin, group, topic);
            case "consumers":
                return admin.examineConsumerConnectionInfo(group).getConnectionSet().size();
            case "resetOffset":
                return admin.resetOffsetByTimestamp(topic, group, arguments.getLongValue("timestamp"), true).size();
            default:
                throw new IllegalArgumentException("unknown call admin." + call);
        }
    }

    private synchronized DefaultMQAdminExt admin(String nameServer) throws Exception {
        DefaultMQAdminExt known = admins.get(nameServer);
        if (known != null) {
            return known;
        }
        DefaultMQAdminExt admin = new DefaultMQAdminExt(30_000);
        admin.setNamesrvAddr(nameServer);
        admin.setInstanceName("admin-" + nameServer);
        admin.start();
        admins.put(nameServer, admin);
        return admin;
    }

    private static Object brokers(DefaultMQAdminExt admin) throws Exception {
        var info = admin.examineBrokerClusterInfo();
        Map<String, Object> brokers = new TreeMap<>();
        if (info.getBrokerAddrTable() != null) {
            info.getBrokerAddrTable().forEach((name, broker) -> brokers.put(name, broker.getBrokerAddrs().get(0L)));
        }
        return brokers;
    }

    private static Object consumeStats(DefaultMQAdminExt admin, String group, String topic) throws Exception {
        JSONArray rows = new JSONArray();
        admin.examineConsumeStats(group, topic).getOffsetTable().forEach((queue, offsets) -> {
            JSONObject row = new JSONObject();
            row.put("queue", Messages.json(queue));
            row.put("brokerOffset", offsets.getBrokerOffset());
            row.put("consumerOffset", offsets.getConsumerOffset());
            rows.add(row);
        });
        return rows;
    }
}
