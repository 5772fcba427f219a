const VERSION = 'v1';
/** A topic, a broker's name, a time and an id: no handle comes near it. */
const MAX_LENGTH = 4096;
const BASE64_URL = /^[A-Za-z0-9_-]+={0,2}$/;

/** What a recall handle says (RecallMessageHandle.HandleV1). */
export interface RecallHandle {
  readonly topic: string;
  readonly brokerName: string;
  /** When the message is to be delivered, as the text that it is in the handle: milliseconds since the epoch. */
  readonly timestamp: string;
  /** The message's UNIQ_KEY. */
  readonly messageId: string;
}

/** The text with which a delayed message can be taken back: what it says, joined by blanks, in padded base64url. */
export function encodeRecallHandle(handle: RecallHandle): string {
  const text = [VERSION, handle.topic, handle.brokerName, handle.timestamp, handle.messageId].join(' ');
  // Node leaves the padding out of base64url, Java writes it.
  const encoded = Buffer.from(text).toString('base64url');
  return encoded + '='.repeat((4 - (encoded.length % 4)) % 4);
}

/** Reads a recall handle, padded or not; undefined when it is none. */
export function decodeRecallHandle(text: string): RecallHandle | undefined {
  if (text.length > MAX_LENGTH || !BASE64_URL.test(text)) return undefined;
  const [version, topic, brokerName, timestamp, messageId] = Buffer.from(text, 'base64url')
    .toString('utf8')
    .split(' ');
  if (version !== VERSION || topic === undefined || brokerName === undefined) return undefined;
  if (timestamp === undefined || messageId === undefined) return undefined;
  return { topic, brokerName, timestamp, messageId };
}
