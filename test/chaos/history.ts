import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';

/**
 * One line of a history. A message is named by `id`, which its body carries; `crc` is the CRC32 of that body. Times
 * are not recorded: what must hold does not depend on them.
 */
export type Event =
  /** A send was handed to the producer. `producer` and `sequence` tell the order in which one sender sent. */
  | { type: 'attempt'; id: string; crc: number; producer: string; sequence: number }
  /** The producer was answered SEND_OK. */
  | { type: 'ack'; id: string; queueId: number; offset: number; msgId: string }
  /** The broker was killed and came back. */
  | { type: 'kill'; cycle: number }
  /** A record as a reader of whole queues found it, in the order of its reading; `round` counts the readings. */
  | { type: 'read'; round: number; queueId: number; offset: number; id: string; crc: number; msgId: string }
  /** The first and the next offset of a queue as the broker said them at the reading. */
  | { type: 'range'; round: number; queueId: number; min: number; max: number }
  /** A push consumer was handed the message. */
  | { type: 'consumed'; id: string };

/** Writes a history as lines of JSON, buffered, so that a run's load is not slowed by its record. */
export class HistoryWriter {
  readonly #file: number;
  #lines: string[] = [];

  constructor(readonly path: string) {
    this.#file = openSync(path, 'w');
  }

  add(event: Event): void {
    this.#lines.push(JSON.stringify(event));
    if (this.#lines.length >= 4096) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    if (this.#lines.length > 0) writeSync(this.#file, `${this.#lines.join('\n')}\n`);
    this.#lines = [];
  }
}

/** Reads a history back, for a checker that shares nothing with the run but this file. */
export function readHistory(path: string): Event[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.length > 0)
    .map((line): Event => JSON.parse(line));
}
