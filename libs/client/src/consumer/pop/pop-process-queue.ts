import type { MessageQueue } from '../../message/message.ts';

/** A queue that is popped, or with the id -1 all queues of a topic on one broker (`PopProcessQueue`). */
export class PopProcessQueue {
  readonly queue: MessageQueue;
  /** Set when it is no longer ours: nothing more of it is begun with. What has begun still counts. */
  dropped = false;
  /** When it was last popped, in milliseconds since the epoch. */
  lastPopAt: number;
  /** Messages that were popped and are neither acknowledged nor given back. */
  waiting = 0;

  constructor(queue: MessageQueue, now: number) {
    this.queue = queue;
    this.lastPopAt = now;
  }
}
