import { MessageSelector } from '@nest-rocketmq/client';

export const QUEUES = 2;
export const TAGS = ['red', 'green'] as const;
export const KEYS = ['k0', 'k1', 'k2'] as const;

/** What a message is made of; its id is its body's beginning. */
export interface Spec {
  tag: string | undefined;
  key: string | undefined;
  /** A property for SQL92. */
  size: number | undefined;
  /** Bytes that follow the id; beyond 4096 it is compressed. */
  filler: number;
}

/** A message that lies in a queue, or will. */
export interface Stored extends Spec {
  id: string;
  /** The id its producer gave it. */
  msgId: string;
  /** The id the broker gave it; undefined for those it made itself, of delayed and transactional ones. */
  offsetMsgId: string | undefined;
}

export interface Delayed {
  message: Stored;
  queueId: number;
  dueAt: number;
  handle: string;
}

/** By what messages are chosen. */
export type Selection = { tags: readonly string[] } | { above: number };

/** Where a pull consumer with assigned queues stands. */
export interface Assigned {
  positions: number[];
  committed: (number | undefined)[];
  running: boolean;
}

/** What a client must see of a topic and its broker, kept in plain arrays. */
export class Model {
  readonly queues: Stored[][] = Array.from({ length: QUEUES }, () => []);
  readonly delayed: Delayed[] = [];
  /** The offsets that were set for a group from outside. */
  readonly groupOffsets: (number | undefined)[] = Array.from({ length: QUEUES }, () => undefined);
  readonly assigned: Assigned = {
    positions: Array.from({ length: QUEUES }, () => 0),
    committed: Array.from({ length: QUEUES }, () => undefined),
    running: false,
  };
  #sequence = 0;

  nextId(): string {
    return `m${this.#sequence++}`;
  }

  queue(queueId: number): Stored[] {
    return this.queues[queueId] ?? [];
  }

  get all(): Stored[] {
    return this.queues.flat();
  }
}

export function isSelected(message: Spec, selection: Selection): boolean {
  if ('above' in selection) return message.size !== undefined && message.size > selection.above;
  return selection.tags.length === 0 || (message.tag !== undefined && selection.tags.includes(message.tag));
}

export function selectorOf(selection: Selection): string | MessageSelector {
  if ('above' in selection) return MessageSelector.bySql(`size > ${selection.above}`);
  return selection.tags.length === 0 ? '*' : selection.tags.join(' || ');
}
