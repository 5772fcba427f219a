import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONObject;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.rocketmq.remoting.protocol.RemotingCommand;
import org.apache.rocketmq.remoting.protocol.SerializeType;
import org.apache.rocketmq.tools.command.MQAdminStartup;

/**
 * RocketMQ's Java client, driven by lines of JSON: {@code {"id", "call", "arguments"}} on stdin; on stdout one
 * {@code {"id", "result"}} or {@code {"id", "error"}} for each call, and between them {@code {"consumer", "message"}} for each message
 * that a push consumer is handed. Calls run side by side. The process ends when stdin does.
 */
public final class Driver {
    private static final Transactions TRANSACTIONS = new Transactions();
    private static final Timers TIMERS = new Timers();
    private static final Replaying REPLAYING = new Replaying();
    private static final Filters FILTERS = new Filters();
    private static final LitePull LITE_PULL = new LitePull();
    private static PrintStream out;

    private Driver() {
    }

    public static void main(String[] args) throws Exception {
        out = new PrintStream(System.out, false, "UTF-8");
        System.setOut(System.err);
        Producers producers = new Producers();
        Consumers consumers = new Consumers();
        Admin admin = new Admin();
        ExecutorService calls = Executors.newCachedThreadPool();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JSONObject request = JSON.parseObject(line);
            calls.execute(() -> {
                Map<String, Object> answer = new LinkedHashMap<>();
                answer.put("id", request.get("id"));
                try {
                    answer.put("result", call(producers, consumers, admin, request.getString("call"), request.getJSONObject("arguments")));
                } catch (Throwable error) {
                    String cause = error.getCause() == null ? "" : ", because " + error.getCause().getMessage();
                    answer.put("error", error.getClass().getSimpleName() + ": " + error.getMessage() + cause);
                    error.printStackTrace();
                }
                say(answer);
            });
        }
        Runtime.getRuntime().halt(0);
    }

    /** One whole line, whoever says it. */
    static void say(Map<String, Object> line) {
        synchronized (Driver.class) {
            out.println(JSON.toJSONString(line));
            out.flush();
        }
    }

    private static Object call(Producers producers, Consumers consumers, Admin admin, String call, JSONObject arguments) throws Exception {
        String[] path = call.split("\\.");
        switch (path[0]) {
            case "producer":
                return producers.call(path[1], arguments);
            case "consumer":
                return consumers.call(path[1], arguments);
            case "litePull":
                return LITE_PULL.call(path[1], arguments);
            case "admin":
                return admin.call(path[1], arguments);
            case "transaction":
                return TRANSACTIONS.call(path[1], arguments);
            case "timer":
                return TIMERS.call(path[1], arguments);
            case "filter":
                return FILTERS.call(path[1], arguments);
            case "replay":
                return REPLAYING.call(path[1], arguments);
            case "mqadmin":
                return mqadmin(arguments);
            case "serializeType":
                return serializeType(arguments.getString("type"));
            default:
                throw new IllegalArgumentException("unknown call " + call);
        }
    }

    /** What the command line tool prints. */
    private static synchronized Object mqadmin(JSONObject arguments) throws Exception {
        PrintStream before = System.out;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, "UTF-8"));
        try {
            MQAdminStartup.main0(arguments.getJSONArray("command").toArray(new String[0]), null);
        } finally {
            System.setOut(before);
        }
        return printed.toString("UTF-8");
    }

    /** The serialisation of what this process sends from now on; RocketMQ reads it once, from the environment. */
    private static Object serializeType(String type) throws Exception {
        Field field = RemotingCommand.class.getDeclaredField("serializeTypeConfigInThisServer");
        field.setAccessible(true);
        field.set(null, SerializeType.valueOf(type));
        return null;
    }
}
