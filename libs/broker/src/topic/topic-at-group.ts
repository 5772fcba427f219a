/** Between topic and group in a key. */
export const KEY_SEPARATOR = '@';
let lastTopic = '';
let lastGroup = '';
let lastKey = KEY_SEPARATOR;

/**
 * The key that tables of a group's topics have (`topic@group`, as in consumerOffset.json). A pull needs it several times,
 * and the next pull is often of the same: the last one is kept, so that it need not be put together and hashed again.
 */
export function topicAtGroup(topic: string, group: string): string {
  if (topic !== lastTopic || group !== lastGroup) {
    lastTopic = topic;
    lastGroup = group;
    lastKey = topic + KEY_SEPARATOR + group;
  }
  return lastKey;
}
