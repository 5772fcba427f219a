import { hasQueueEntry, type RecordFields } from '../commit-log/record-fields.ts';
import { type ConsumeQueue, PRE_BLANK_SIZE } from '../consume-queue/consume-queue.ts';
import type { ConsumeQueues } from '../consume-queue/consume-queues.ts';
import type { Dispatcher } from '../dispatcher.ts';

/** More messages than that are not lost in a row: an offset so far off is a damaged one. */
const LARGEST_HOLE = 300_000;

interface Entry {
  queueOffset: number;
  physicalOffset: number;
  size: number;
  tagsCode: number;
  storeTimestamp: number;
}

/**
 * Dispatches the records that recovery finds in the log. Doing so again is harmless: entries that are there are left.
 *
 * The checksum of a record does not cover its logical offset. So one that does not continue its queue is believed only
 * when the next record of the queue continues it: then the topic was deleted and created again, or messages before it
 * are lost. Otherwise it is one damaged record, and its place stays empty.
 */
export class Replay {
  readonly #queues: ConsumeQueues;
  readonly #dispatcher: Dispatcher;
  readonly #doubtful = new Map<ConsumeQueue, Entry>();

  constructor(queues: ConsumeQueues, dispatcher: Dispatcher) {
    this.#queues = queues;
    this.#dispatcher = dispatcher;
  }

  record(record: RecordFields, buffer: Buffer, topicName: string): void {
    const topic = this.#queues.topic(topicName);
    const { physicalOffset, size, storeTimestamp } = record;
    this.#dispatcher.inspect(buffer, record.propertiesStart, record.propertiesEnd);
    if (hasQueueEntry(record.sysFlag)) {
      const queue = this.#queues.queue(topic, record.queueId);
      if (physicalOffset + size > queue.maxPhysicalEnd) {
        const tagsCode = this.#dispatcher.tagsCode(topicName, record.queueId, storeTimestamp);
        if (record.queueOffset === queue.nextOffset && this.#doubtful.size === 0) {
          this.#append(queue, physicalOffset, size, tagsCode, storeTimestamp);
        } else {
          this.#place(queue, {
            queueOffset: record.queueOffset,
            physicalOffset,
            size,
            tagsCode,
            storeTimestamp,
          });
        }
      }
    }
    this.#dispatcher.indexKeys(topic, record.sysFlag, physicalOffset, storeTimestamp);
  }

  /** Decides on the records that no other one followed: they are believed where that loses nothing else. */
  finish(): void {
    for (const [queue, entry] of this.#doubtful) {
      const hole = entry.queueOffset - queue.nextOffset;
      if (entry.queueOffset === 0 || (hole > 0 && hole <= LARGEST_HOLE)) this.#believe(queue, entry);
    }
    this.#doubtful.clear();
  }

  #place(queue: ConsumeQueue, entry: Entry): void {
    const doubtful = this.#doubtful.get(queue);
    if (doubtful) {
      this.#doubtful.delete(queue);
      if (entry.queueOffset === doubtful.queueOffset + 1) this.#believe(queue, doubtful);
      else if (entry.queueOffset === queue.nextOffset + 1)
        this.#leaveEmpty(queue, 1, doubtful.storeTimestamp);
    }
    const empty = queue.nextOffset === queue.minOffset && queue.unwritten === 0;
    if (entry.queueOffset === queue.nextOffset || empty) this.#believe(queue, entry);
    else this.#doubtful.set(queue, entry);
  }

  #believe(queue: ConsumeQueue, entry: Entry): void {
    const hole = entry.queueOffset - queue.nextOffset;
    const empty = queue.nextOffset === queue.minOffset && queue.unwritten === 0;
    if (hole < 0 || (hole > 0 && (empty || hole > LARGEST_HOLE)))
      this.#queues.reset(queue, entry.queueOffset);
    else this.#leaveEmpty(queue, hole, entry.storeTimestamp);
    this.#append(queue, entry.physicalOffset, entry.size, entry.tagsCode, entry.storeTimestamp);
  }

  #leaveEmpty(queue: ConsumeQueue, count: number, storeTimestamp: number): void {
    for (let i = 0; i < count; i++) this.#queues.append(queue, 0, PRE_BLANK_SIZE, 0, storeTimestamp);
  }

  #append(
    queue: ConsumeQueue,
    physicalOffset: number,
    size: number,
    tagsCode: number,
    storeTimestamp: number,
  ): void {
    this.#queues.append(queue, physicalOffset, size, tagsCode, storeTimestamp);
    queue.readable = queue.nextOffset;
  }
}
