import com.alibaba.fastjson.JSONArray;
import com.alibaba.fastjson.JSONObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Builds objects of RocketMQ's own classes from plain JSON, by their fields. The classes moved between packages from 4.9
 * to 5.x and gained fields; one description of a case serves both: a class is found by its simple name, and a field that
 * a version doesn't have is left out and named in {@link #absent}.
 */
final class Beans {
    private static final String ROOT = "org.apache.rocketmq.";
    private static final String[] PACKAGES = {
        "remoting.protocol.", "remoting.protocol.header.", "remoting.protocol.header.namesrv.", "remoting.protocol.body.",
        "remoting.protocol.route.", "remoting.protocol.heartbeat.", "remoting.protocol.subscription.", "remoting.protocol.admin.",
        "common.protocol.header.", "common.protocol.header.namesrv.", "common.protocol.body.", "common.protocol.route.",
        "common.protocol.heartbeat.", "common.subscription.", "common.admin.", "common.message.", "common.",
    };

    /** The fields that this version of the classes doesn't know, as {@code Class.field}. */
    final Set<String> absent = new TreeSet<>();

    static Class<?> find(String simpleName) throws ClassNotFoundException {
        for (String prefix : PACKAGES) {
            try {
                return Class.forName(ROOT + prefix + simpleName);
            } catch (ClassNotFoundException next) {
                continue;
            }
        }
        throw new ClassNotFoundException(simpleName);
    }

    Object build(Type type, Object json) throws Exception {
        if (json == null) {
            return null;
        }
        if (type instanceof ParameterizedType) {
            ParameterizedType generic = (ParameterizedType) type;
            Class<?> raw = (Class<?>) generic.getRawType();
            Type[] arguments = generic.getActualTypeArguments();
            return Map.class.isAssignableFrom(raw)
                ? map(raw, arguments[0], arguments[1], json)
                : collection(raw, arguments[0], (JSONArray) json);
        }
        Class<?> target = (Class<?>) type;
        String text = String.valueOf(json);
        if (target == String.class || target == Object.class) {
            return text;
        } else if (target == int.class || target == Integer.class) {
            return Integer.valueOf(text);
        } else if (target == long.class || target == Long.class) {
            return Long.valueOf(text);
        } else if (target == boolean.class || target == Boolean.class) {
            return Boolean.valueOf(text);
        } else if (target == double.class || target == Double.class) {
            return Double.valueOf(text);
        } else if (target == AtomicLong.class) {
            return new AtomicLong(Long.parseLong(text));
        } else if (target == AtomicInteger.class) {
            return new AtomicInteger(Integer.parseInt(text));
        } else if (target.isEnum()) {
            for (Object constant : target.getEnumConstants()) {
                if (((Enum<?>) constant).name().equals(text)) {
                    return constant;
                }
            }
            throw new IllegalArgumentException(text + " is no " + target.getSimpleName());
        }
        if (target == Properties.class) {
            Properties properties = new Properties();
            for (Map.Entry<String, Object> entry : ((JSONObject) json).entrySet()) {
                properties.setProperty(entry.getKey(), String.valueOf(entry.getValue()));
            }
            return properties;
        }
        return bean(target, (JSONObject) json);
    }

    Object bean(Class<?> target, JSONObject json) throws Exception {
        Constructor<?> constructor = target.getDeclaredConstructor();
        constructor.setAccessible(true);
        Object bean = constructor.newInstance();
        for (Map.Entry<String, Object> entry : json.entrySet()) {
            Field field = field(target, entry.getKey());
            if (field == null) {
                absent.add(target.getSimpleName() + "." + entry.getKey());
                continue;
            }
            field.setAccessible(true);
            field.set(bean, build(field.getGenericType(), entry.getValue()));
        }
        return bean;
    }

    private static Field field(Class<?> target, String name) {
        for (Class<?> owner = target; owner != null; owner = owner.getSuperclass()) {
            for (Field field : owner.getDeclaredFields()) {
                if (field.getName().equals(name) && !Modifier.isStatic(field.getModifiers())) {
                    return field;
                }
            }
        }
        return null;
    }

    @SuppressWarnings("unchecked")
    private Object map(Class<?> raw, Type key, Type value, Object json) throws Exception {
        Map<Object, Object> map;
        if (raw == Map.class) {
            map = new LinkedHashMap<>();
        } else if (raw == ConcurrentMap.class) {
            map = new ConcurrentHashMap<>();
        } else {
            map = (Map<Object, Object>) raw.getDeclaredConstructor().newInstance();
        }
        if (json instanceof JSONArray) {
            // A map whose keys are message queues: a list of {queue, value}, as JSON itself has no such keys.
            for (Object pair : (JSONArray) json) {
                map.put(build(key, ((JSONObject) pair).get("queue")), build(value, ((JSONObject) pair).get("value")));
            }
        } else {
            for (Map.Entry<String, Object> entry : ((JSONObject) json).entrySet()) {
                map.put(build(key, entry.getKey()), build(value, entry.getValue()));
            }
        }
        return map;
    }

    @SuppressWarnings("unchecked")
    private Object collection(Class<?> raw, Type element, JSONArray json) throws Exception {
        Collection<Object> collection;
        if (raw == Set.class) {
            collection = new HashSet<>();
        } else if (raw == List.class) {
            collection = new ArrayList<>();
        } else {
            collection = (Collection<Object>) raw.getDeclaredConstructor().newInstance();
        }
        for (Object item : json) {
            collection.add(build(element, item));
        }
        return collection;
    }
}
