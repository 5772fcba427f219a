import { LoadConnection, type AnswerSink } from './load-connection.ts';
import { Measure, type LoadResult } from './measure.ts';
import { FIRST_OPAQUE, RequestTemplate } from './request-template.ts';

export interface SendLoadOptions {
  /** The broker's `host:port`. */
  broker: string;
  topic: string;
  queues: number;
  connections: number;
  /** Requests in flight on each connection. */
  window: number;
  /** Body size in bytes. */
  bodyBytes: number;
  warmUpMs: number;
  measuredMs: number;
}

/** Keeps `window` sends (SEND_MESSAGE_V2, header as Java's client writes it) in flight on each of `connections` connections. */
export async function sendLoad(options: SendLoadOptions): Promise<LoadResult> {
  const measure = new Measure(options.warmUpMs, options.measuredMs);
  const senders: Sender[] = [];
  for (let i = 0; i < options.connections; i++) senders.push(await Sender.open(options, measure));
  for (const sender of senders) sender.start();
  await Promise.all(senders.map((sender) => sender.finished));
  return measure.result();
}

class Sender implements AnswerSink {
  readonly finished: Promise<void>;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #connection: LoadConnection | undefined;
  readonly #templates: RequestTemplate[] = [];
  readonly #startedAt: Float64Array;
  #next = 0;
  #owed = 0;
  #running = true;

  private constructor(
    private readonly options: SendLoadOptions,
    private readonly measure: Measure,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#startedAt = new Float64Array(options.window * 2);
    const body = Buffer.alloc(options.bodyBytes, 'a');
    for (let queue = 0; queue < options.queues; queue++) {
      this.#templates.push(new RequestTemplate(310, sendFields(options.topic, queue), body));
    }
  }

  static async open(options: SendLoadOptions, measure: Measure): Promise<Sender> {
    const sender = new Sender(options, measure);
    const connection = await LoadConnection.open(options.broker, sender);
    connection.socket.on('close', () =>
      sender.#fail(new Error(`${options.broker} closed the connection under load`)),
    );
    sender.#connection = connection;
    return sender;
  }

  start(): void {
    this.#owed = this.options.window;
    this.onBatch();
  }

  onAnswer(opaque: number, code: number): void {
    const now = performance.now();
    if (code !== 0) this.measure.fail(code);
    const startedAt = this.#startedAt[(opaque - FIRST_OPAQUE) % this.#startedAt.length] ?? now;
    if (!this.measure.add(startedAt, now, code === 0 ? 1 : 0, this.options.bodyBytes)) this.#running = false;
    this.#owed++;
  }

  onBatch(): void {
    const connection = this.#connection;
    if (!connection) return;
    if (!this.#running) {
      if (this.#owed >= this.options.window) {
        this.#finish();
        connection.close();
      }
      return;
    }
    const size = this.#templates[0]?.size ?? 0;
    const out = connection.outBuffer(this.#owed * size);
    const now = performance.now();
    let at = 0;
    for (; this.#owed > 0; this.#owed--) {
      const sequence = this.#next++;
      const template = this.#templates[sequence % this.#templates.length];
      if (!template) break;
      template.put(out, at, FIRST_OPAQUE + sequence);
      template.patch(out, at, 'i', sequence);
      this.#startedAt[sequence % this.#startedAt.length] = now;
      at += size;
    }
    connection.socket.write(out.subarray(0, at));
  }
}

/** The extFields of a send, all queues' of the same length: V2's short names, with a unique key that is patched. */
function sendFields(topic: string, queue: number): Record<string, string> {
  return {
    a: 'benchmark-producer',
    b: topic,
    c: 'TBW102',
    d: '4',
    e: String(queue),
    f: '0',
    g: String(Date.now()),
    h: '0',
    i: 'UNIQ_KEY\u00017F0000010ABC18B4AAC2############\u0002WAIT\u0001true\u0002',
    j: '0',
    k: 'false',
    m: 'false',
  };
}
