/** An object: its members by key. Keys that are numbers stand here as their digits, keys that are objects as their JSON text. */
export interface JsonObject extends Map<string, JsonValue> {}

/** What {@link parseJson} gives. Integers are numbers where those are exact, and bigints beyond. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | JsonObject;
