/**
 * `String.hashCode` of Java: 31 to the power of the position times each UTF-16 unit, wrapped to a signed 32-bit integer.
 * RocketMQ uses it for tags in consume queues and for keys in index files.
 */
export function javaHashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash;
}
