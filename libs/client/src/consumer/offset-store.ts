import type { MessageQueue } from '../message/message.ts';

/** There is no stored offset of this queue. */
export const OFFSET_NOT_FOUND = -1;

/** Keeps how far a group has consumed its queues: at the broker, or in a file of a broadcasting consumer. */
export interface OffsetStore {
  /** Reads what is kept here. @throws RocketMQError `STORE` when there is something that can't be read */
  load(): Promise<void>;
  /** Notes an offset in memory; with `increaseOnly` one that is lower than the known one is left out. */
  update(queue: MessageQueue, offset: number, increaseOnly: boolean): void;
  /** The offset in memory; undefined when there is none. */
  inMemory(queue: MessageQueue): number | undefined;
  /** The offset that is stored, {@link OFFSET_NOT_FOUND} when there is none. @throws RocketMQError when that can't be told */
  read(queue: MessageQueue): Promise<number>;
  /** Stores the offsets of these queues; an error of one doesn't keep the others back. */
  persist(queues: readonly MessageQueue[]): Promise<void>;
  /** Stores the offset of one queue. @throws RocketMQError when that fails */
  commit(queue: MessageQueue): Promise<void>;
  /** Forgets the offset in memory. */
  forget(queue: MessageQueue): void;
}
