import { MixAll } from '@nest-rocketmq/protocol';
import type { MessageStore } from '@nest-rocketmq/store';
import type { ConsumerOffsetManager } from '../offset/consumer-offset-manager.ts';
import { SystemTopic } from '../topic/system-topics.ts';
import type { HalfProgress } from './half-queue.ts';

const CLIENT = 'transaction check';

/**
 * How far the half queue and the op queue are done with, kept as offsets of the group CID_RMQ_SYS_TRANS in
 * `consumerOffset.json`. They move when everything that lets the check pass a half message (its copy, its commit, its op
 * record) is on the disk: a power loss must not take those and leave the offsets.
 */
export class TransactionProgress {
  readonly #store: MessageStore;
  readonly #offsets: ConsumerOffsetManager;
  readonly #waiting: (() => void)[] = [];
  #appended = 0;
  #reached: (HalfProgress & { readonly endOffset: number }) | undefined;

  constructor(store: MessageStore, offsets: ConsumerOffsetManager) {
    this.#store = store;
    this.#offsets = offsets;
    store.onProgress((_written, flushed) => this.#save(flushed));
  }

  /** The offsets as they were kept; the beginning of a queue that has none. */
  load(): HalfProgress {
    this.#appended = this.#store.writtenOffset;
    return { half: this.#query(SystemTopic.TRANS_HALF), op: this.#query(SystemTopic.TRANS_OP_HALF) };
  }

  /** Something was appended, up to `endOffset`, that the next progress relies on. */
  appended(endOffset: number): void {
    this.#appended = endOffset;
  }

  /** Keeps this progress as soon as what was appended is on the disk. */
  reach(progress: HalfProgress): void {
    this.#reached = { ...progress, endOffset: this.#appended };
    if (this.#store.flushedOffset >= this.#appended) this.#save(this.#store.flushedOffset);
    else this.#store.requestFlush();
  }

  /** Resolves when no progress waits for the disk. */
  settled(): Promise<void> {
    if (!this.#reached) return Promise.resolve();
    this.#store.requestFlush();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #query(topic: string): number {
    const offset = this.#offsets.query(MixAll.CID_SYS_RMQ_TRANS, topic, 0);
    return offset < 0 ? this.#store.getMinOffset(topic, 0) : offset;
  }

  #save(flushed: number): void {
    const reached = this.#reached;
    if (!reached || flushed < reached.endOffset) return;
    this.#reached = undefined;
    this.#offsets.commit(CLIENT, MixAll.CID_SYS_RMQ_TRANS, SystemTopic.TRANS_HALF, 0, reached.half);
    this.#offsets.commit(CLIENT, MixAll.CID_SYS_RMQ_TRANS, SystemTopic.TRANS_OP_HALF, 0, reached.op);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
