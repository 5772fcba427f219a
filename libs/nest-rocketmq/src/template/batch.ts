import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Message, SendResult } from '@nest-rocketmq/client';

/** Of each message in a batch: five lengths and numbers of 4, 4, 4, 4, 4 bytes and one of 2 (`MessageDecoder.encodeMessage`). */
const FRAME = 22;

/** What the producer adds to each: UNIQ_KEY with 32 characters, WAIT, and their separators. */
const OWN_PROPERTIES = 64;

/** An upper bound of the bytes that a message takes in a batch. */
export function sizeInBatch(message: Message): number {
  let properties = OWN_PROPERTIES;
  for (const [name, value] of Object.entries<string>(message.properties ?? {}))
    properties += utf8(name) + utf8(value) + 2;
  if (message.tags !== undefined) properties += utf8(message.tags) + 6;
  const keys = typeof message.keys === 'string' ? message.keys : (message.keys ?? []).join(' ');
  if (keys !== '') properties += utf8(keys) + 6;
  return FRAME + message.body.length + properties;
}

function utf8(text: string): number {
  return Buffer.byteLength(text);
}

/**
 * Cuts messages into batches of at most `limit` bytes each, in their order. A message that is larger by itself makes
 * a batch of one, for the producer to refuse or to send alone.
 */
export function splitBatch(messages: readonly Message[], limit: number): Message[][] {
  const batches: Message[][] = [];
  let batch: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeInBatch(message);
    if (batch.length > 0 && bytes + size > limit) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** The results of a batch's requests as one: the first one's queue and offset, all ids, and the first status that is not SEND_OK. */
export function joinResults(results: readonly SendResult[]): SendResult {
  const [first] = results;
  if (!first) throw new RocketMQError('WRONG_STATE', 'A batch without requests has no result');
  if (results.length === 1) return first;
  return {
    ...first,
    sendStatus: (results.find(({ sendStatus }) => sendStatus !== 'SEND_OK') ?? first).sendStatus,
    msgId: results.map(({ msgId }) => msgId).join(','),
    offsetMsgId: results.map(({ offsetMsgId }) => offsetMsgId).join(','),
  };
}

/** A batch that was split and failed on the way: the messages before `sent` are stored, the others are not known to be. */
export class PartialBatchError extends RocketMQError {
  /** How many of the messages, from the first on, are stored. */
  readonly sent: number;
  /** The results of the batches that went well. */
  readonly results: readonly SendResult[];

  constructor(
    destination: string,
    total: number,
    sent: number,
    results: readonly SendResult[],
    cause: RocketMQError,
  ) {
    super(
      cause.code,
      `Batch to ${destination}: ${sent} of ${total} messages are stored, then: ${cause.message}`,
      {
        cause,
        ...(cause.responseCode === undefined ? {} : { responseCode: cause.responseCode }),
        ...(cause.address === undefined ? {} : { address: cause.address }),
      },
    );
    this.sent = sent;
    this.results = results;
  }
}
