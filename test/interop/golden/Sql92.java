import com.alibaba.fastjson.JSON;
import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import com.alibaba.fastjson.parser.Feature;
import com.alibaba.fastjson.serializer.SerializerFeature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.rocketmq.filter.SqlFilter;
import org.apache.rocketmq.filter.expression.EvaluationContext;
import org.apache.rocketmq.filter.expression.Expression;

/**
 * Writes anew what RocketMQ's own filter says of each case in a file of {@code [{"expression", "properties"}]}: a
 * {@code "result"}, or an {@code "error"} where it refuses the expression. Run on its source, with the jars of the server:
 *
 * <pre>java -cp "$HOME/.cache/nest-rocketmq/server-5.5.0/lib/*" test/interop/golden/Sql92.java test/interop/golden/sql92.json</pre>
 */
public final class Sql92 {
    private Sql92() {
    }

    public static void main(String[] args) throws Exception {
        Path file = Path.of(args[0]);
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        JSONArray cases = (JSONArray) JSON.parse(text, Feature.OrderedField);
        StringBuilder out = new StringBuilder("[\n");
        for (int i = 0; i < cases.size(); i++) {
            JSONObject one = cases.getJSONObject(i);
            one.remove("result");
            one.remove("error");
            judge(one);
            out.append(JSON.toJSONString(one, SerializerFeature.BrowserCompatible)).append(i + 1 < cases.size() ? ",\n" : "\n]\n");
        }
        Files.write(file, out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void judge(JSONObject one) {
        Expression compiled;
        try {
            compiled = new SqlFilter().compile(one.getString("expression"));
        } catch (Throwable refused) {
            Throwable cause = refused.getCause() == null ? refused : refused.getCause();
            one.put("error", cause.getClass().getSimpleName());
            return;
        }
        one.put("result", result(compiled, one.getJSONObject("properties")));
    }

    private static String result(Expression compiled, JSONObject properties) {
        Map<String, Object> values = new HashMap<>(properties);
        EvaluationContext context = new EvaluationContext() {
            @Override
            public Object get(String name) {
                return values.get(name);
            }

            @Override
            public Map<String, Object> keyValues() {
                return values;
            }
        };
        try {
            Object result = compiled.evaluate(context);
            return result == null ? "UNKNOWN" : String.valueOf(result).toUpperCase();
        } catch (Exception failed) {
            return "FAILED";
        }
    }
}
