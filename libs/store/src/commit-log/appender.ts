import { type BatchPart, recordSize } from '@nest-rocketmq/protocol';
import type { Clock } from '@nest-rocketmq/runtime';
import type { AppendMessage, AppendResult, AppendStatus } from '../append-message.ts';
import type { ConsumeQueue } from '../consume-queue/consume-queue.ts';
import type { ConsumeQueues, TopicQueues } from '../consume-queue/consume-queues.ts';
import type { DispatchJournal } from '../dispatch-journal.ts';
import type { Dispatcher } from '../dispatcher.ts';
import type { Maintenance } from '../maintenance/maintenance.ts';
import type { StoreConfig } from '../store-config.ts';
import { type CommitLog, END_FILE_MIN_BLANK_LENGTH } from './commit-log.ts';
import type { PropertyPlaces } from './property-scan.ts';
import { hasQueueEntry } from './record-fields.ts';

const MAX_PROPERTIES = 32767;
const MAX_TOPIC = 127;
const MAX_INTERNAL_TOPIC = 255;
const RETRY_TOPIC_PREFIX = '%RETRY%';
const PROPERTY_SEPARATOR = 2;
const SEPARATOR = Buffer.from([PROPERTY_SEPARATOR]);
/** What RocketMQ grants a record above its body (MessageExtEncoder). */
const HEAD_ROOM = 64 * 1024;

export interface AppenderParts {
  config: StoreConfig;
  clock: Clock;
  log: CommitLog;
  queues: ConsumeQueues;
  dispatcher: Dispatcher;
  journal: DispatchJournal;
  maintenance: Maintenance;
}

/** Turns messages into records at the end of the log, and gives them their offsets and time. One writer, nothing allocated. */
export class Appender {
  readonly #parts: AppenderParts;
  readonly #result: AppendResult = {
    status: 'PUT_OK',
    physicalOffset: 0,
    endOffset: 0,
    size: 0,
    queueOffset: 0,
    storeTimestamp: 0,
    count: 0,
    physicalOffsets: [],
  };
  #lastTimestamp = 0;

  constructor(parts: AppenderParts) {
    this.#parts = parts;
  }

  /** Goes on behind a record of this time: store timestamps never go back. */
  resume(lastTimestamp: number): void {
    this.#lastTimestamp = lastTimestamp;
    this.#parts.log.writtenTimestamp = this.#parts.log.stagedTimestamp = lastTimestamp;
  }

  refuse(status: AppendStatus): AppendResult {
    const result = this.#result;
    result.status = status;
    result.physicalOffset = result.endOffset = result.size = result.queueOffset = result.count = 0;
    result.physicalOffsets.length = 0;
    return result;
  }

  append(message: AppendMessage): AppendResult {
    const { config, log, queues } = this.#parts;
    const body = message.bodyEnd - message.bodyStart;
    const properties = message.propertiesEnd - message.propertiesStart;
    if (properties > MAX_PROPERTIES) return this.refuse('PROPERTIES_SIZE_EXCEEDED');
    if (body > config.maxMessageSize) return this.refuse('MESSAGE_ILLEGAL');
    const topic = queues.topics.get(message.topic) ?? this.#newTopic(message.topic);
    if (!topic) return this.refuse('MESSAGE_ILLEGAL');
    const { bornHost, storeHost } = message;
    const size = recordSize(bornHost.length, storeHost.length, body, topic.bytes.length, properties);
    const refusal = this.#admit(size, 1);
    if (refusal) return this.refuse(refusal);
    const queue = queues.queue(topic, message.queueId);
    const physicalOffset = log.prepare(size);
    if (physicalOffset < 0) return this.refuse(this.#unprepared());
    const storeTimestamp = this.#stamp();
    const queueOffset = hasQueueEntry(message.sysFlag) ? queue.nextOffset : 0;
    this.#put(size, message, topic, queue, message.flag, message.body, message.bodyStart, message.bodyEnd,
      message.properties, message.propertiesStart, message.propertiesEnd, undefined, message.places,
      queueOffset, physicalOffset, storeTimestamp); // prettier-ignore
    const offsets = this.#result.physicalOffsets;
    // The length of an array is set in C++, also to what it is already.
    if (offsets.length > 0) offsets.length = 0;
    return this.#done(physicalOffset, size, queueOffset, storeTimestamp, 1);
  }

  appendBatch(message: AppendMessage, parts: readonly BatchPart[]): AppendResult {
    const { config, log, queues } = this.#parts;
    const topic = queues.topics.get(message.topic) ?? this.#newTopic(message.topic);
    if (!topic || parts.length === 0) return this.refuse('MESSAGE_ILLEGAL');
    const extra = message.properties.subarray(message.propertiesStart, message.propertiesEnd);
    const born = message.bornHost.length;
    const store = message.storeHost.length;
    let total = 0;
    for (const part of parts) {
      const own = part.propertiesBytes;
      const properties = own.length + joinedLength(own, extra);
      if (properties > MAX_PROPERTIES) return this.refuse('PROPERTIES_SIZE_EXCEEDED');
      total += recordSize(born, store, part.bodyEnd - part.bodyStart, topic.bytes.length, properties);
    }
    if (total > config.maxMessageSize) return this.refuse('MESSAGE_ILLEGAL');
    const refusal = this.#admit(total, parts.length);
    if (refusal) return this.refuse(refusal);
    const queue = queues.queue(topic, message.queueId);
    const first = log.prepare(total);
    if (first < 0) return this.refuse(this.#unprepared());
    const storeTimestamp = this.#stamp();
    const entries = hasQueueEntry(message.sysFlag);
    const queueOffset = entries ? queue.nextOffset : 0;
    const offsets = this.#result.physicalOffsets;
    offsets.length = 0;
    let at = first;
    for (const part of parts) {
      const { body, propertiesBytes } = part;
      const joined = joinedLength(propertiesBytes, extra);
      const size = recordSize(born, store, body.length, topic.bytes.length, propertiesBytes.length + joined);
      const tail =
        joined === 0 ? undefined : joined > extra.length ? Buffer.concat([SEPARATOR, extra]) : extra;
      this.#put(size, message, topic, queue, part.flag, body, 0, body.length,
        propertiesBytes, 0, propertiesBytes.length, tail, undefined,
        entries ? queue.nextOffset : 0, at, storeTimestamp); // prettier-ignore
      offsets.push(at);
      at += size;
    }
    return this.#done(first, total, queueOffset, storeTimestamp, parts.length);
  }

  #put(
    size: number,
    message: AppendMessage,
    topic: TopicQueues,
    queue: ConsumeQueue,
    flag: number,
    body: Buffer,
    bodyStart: number,
    bodyEnd: number,
    properties: Buffer,
    propertiesStart: number,
    propertiesEnd: number,
    extra: Buffer | undefined,
    places: PropertyPlaces | undefined,
    queueOffset: number,
    physicalOffset: number,
    storeTimestamp: number,
  ): void {
    const { log, dispatcher, queues, journal, maintenance } = this.#parts;
    log.staging.record(size, message, topic.bytes, flag, body, bodyStart, bodyEnd, properties, propertiesStart,
      propertiesEnd, extra, queueOffset, physicalOffset, storeTimestamp); // prettier-ignore
    dispatcher.inspect(properties, propertiesStart, propertiesEnd, places);
    if (hasQueueEntry(message.sysFlag)) {
      const tagsCode = message.tagsCode ?? dispatcher.tagsCode(topic.topic, message.queueId, storeTimestamp);
      queues.append(queue, physicalOffset, size, tagsCode, storeTimestamp);
      journal.add(queue, physicalOffset + size, queue.nextOffset, tagsCode, storeTimestamp);
    }
    try {
      dispatcher.indexKeys(topic, message.sysFlag, physicalOffset, storeTimestamp);
    } catch (error) {
      // The message is the caller's, who reuses it.
      const { sysFlag } = message;
      const copy = Buffer.from(properties.subarray(propertiesStart, propertiesEnd));
      const again = (): void => {
        dispatcher.inspect(copy, 0, copy.length);
        dispatcher.indexKeys(topic, sysFlag, physicalOffset, storeTimestamp);
      };
      maintenance.indexFailed(error, [again]);
    }
  }

  #done(
    physicalOffset: number,
    size: number,
    queueOffset: number,
    storeTimestamp: number,
    count: number,
  ): AppendResult {
    const result = this.#result;
    result.status = 'PUT_OK';
    result.physicalOffset = physicalOffset;
    result.endOffset = physicalOffset + size;
    result.size = size;
    result.queueOffset = queueOffset;
    result.storeTimestamp = storeTimestamp;
    result.count = count;
    return result;
  }

  /** Whether the store takes `size` more bytes now. */
  #admit(size: number, count: number): AppendStatus | undefined {
    const { log, config, maintenance } = this.#parts;
    if (log.failure) return 'SERVICE_NOT_AVAILABLE';
    if (size > config.maxMessageSize + HEAD_ROOM || size + END_FILE_MIN_BLANK_LENGTH > log.segmentSize) {
      return 'MESSAGE_ILLEGAL';
    }
    return maintenance.admit(size, count) ? undefined : 'SERVICE_NOT_AVAILABLE';
  }

  #unprepared(): AppendStatus {
    // A file that cannot be created for want of room: RocketMQ's answer to a full disk, not to a broken broker.
    return this.#parts.log.failure || this.#parts.log.diskFull
      ? 'SERVICE_NOT_AVAILABLE'
      : 'CREATE_MAPPED_FILE_FAILED';
  }

  #stamp(): number {
    const now = this.#parts.clock.now();
    if (now > this.#lastTimestamp) this.#lastTimestamp = now;
    this.#parts.log.stagedTimestamp = this.#lastTimestamp;
    return this.#lastTimestamp;
  }

  #newTopic(topic: string): TopicQueues | undefined {
    const bytes = Buffer.byteLength(topic);
    const internal = topic.startsWith(RETRY_TOPIC_PREFIX) && this.#parts.config.autoMessageVersionOnTopicLen;
    if (bytes === 0 || bytes > (internal ? MAX_INTERNAL_TOPIC : MAX_TOPIC)) return undefined;
    if (topic === '.' || topic === '..' || /[/\\\0]/.test(topic)) return undefined;
    return this.#parts.queues.topic(topic);
  }
}

/** What appending `extra` to a property string adds: with the separator that the string may lack. */
function joinedLength(properties: Buffer, extra: Buffer): number {
  if (extra.length === 0) return 0;
  const separated = properties.length === 0 || properties[properties.length - 1] === PROPERTY_SEPARATOR;
  return extra.length + (separated ? 0 : 1);
}
