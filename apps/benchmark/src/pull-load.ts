import { LoadConnection, readDecimal, type AnswerSink } from './load-connection.ts';
import { Measure, type LoadResult } from './measure.ts';
import { FIRST_OPAQUE, RequestTemplate } from './request-template.ts';

export interface PullLoadOptions {
  broker: string;
  topic: string;
  queues: number;
  connections: number;
  /** Pulls in flight on each connection, each reading a queue of its own from its beginning, again and again. */
  window: number;
  /** Messages asked for at a time. */
  batch: number;
  warmUpMs: number;
  measuredMs: number;
}

const NEXT_OFFSET = Buffer.from('"nextBeginOffset":"');

/** Pulls whole queues in a circle; counts records (by their size words) and bytes. */
export async function pullLoad(options: PullLoadOptions): Promise<LoadResult> {
  const measure = new Measure(options.warmUpMs, options.measuredMs);
  const pullers: Puller[] = [];
  for (let i = 0; i < options.connections; i++) pullers.push(await Puller.open(options, measure, i));
  for (const puller of pullers) puller.start();
  await Promise.all(pullers.map((puller) => puller.finished));
  return measure.result();
}

class Puller implements AnswerSink {
  readonly finished: Promise<void>;
  #finish: () => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #connection: LoadConnection | undefined;
  readonly #template: RequestTemplate;
  readonly #offsets: number[];
  readonly #startedAt: number[];
  #ready: number[] = [];
  #running = true;
  #inFlight = 0;

  private constructor(
    private readonly options: PullLoadOptions,
    private readonly measure: Measure,
    private readonly index: number,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#offsets = Array.from({ length: options.window }, () => 0);
    this.#startedAt = Array.from({ length: options.window }, () => 0);
    this.#template = new RequestTemplate(11, {
      consumerGroup: 'benchmark-consumer',
      topic: options.topic,
      queueId: '####',
      queueOffset: '##########',
      maxMsgNums: String(options.batch),
      sysFlag: '4',
      commitOffset: '0',
      suspendTimeoutMillis: '0',
      subscription: '*',
      subVersion: '0',
      expressionType: 'TAG',
    });
  }

  static async open(options: PullLoadOptions, measure: Measure, index: number): Promise<Puller> {
    const puller = new Puller(options, measure, index);
    const connection = await LoadConnection.open(options.broker, puller);
    connection.socket.on('close', () =>
      puller.#fail(new Error(`${options.broker} closed the connection under load`)),
    );
    puller.#connection = connection;
    return puller;
  }

  start(): void {
    this.#ready = this.#offsets.map((_, slot) => slot);
    this.onBatch();
  }

  onAnswer(
    opaque: number,
    code: number,
    chunk: Buffer,
    headerStart: number,
    bodyStart: number,
    end: number,
  ): void {
    const slot = opaque - FIRST_OPAQUE;
    const now = performance.now();
    let records = 0;
    if (code === 0) {
      for (let at = bodyStart; at < end; at += chunk.readUInt32BE(at)) records++;
      const next = chunk.indexOf(NEXT_OFFSET, headerStart);
      this.#offsets[slot] = readDecimal(chunk, next + NEXT_OFFSET.length);
    } else if (code === 19 || code === 21) {
      this.#offsets[slot] = 0;
    } else {
      this.measure.fail(code);
    }
    if (!this.measure.add(this.#startedAt[slot] ?? now, now, records, end - bodyStart)) this.#running = false;
    this.#inFlight--;
    this.#ready.push(slot);
  }

  onBatch(): void {
    const connection = this.#connection;
    if (!connection) return;
    if (!this.#running) {
      if (this.#inFlight === 0) {
        this.#finish();
        connection.close();
      }
      return;
    }
    const { size } = this.#template;
    const out = connection.outBuffer(this.#ready.length * size);
    const now = performance.now();
    let at = 0;
    for (const slot of this.#ready) {
      this.#template.put(out, at, FIRST_OPAQUE + slot);
      const queue = (this.index * this.options.window + slot) % this.options.queues;
      this.#template.patch(out, at, 'queueId', queue);
      this.#template.patch(out, at, 'queueOffset', this.#offsets[slot] ?? 0);
      this.#startedAt[slot] = now;
      at += size;
    }
    this.#inFlight += this.#ready.length;
    this.#ready = [];
    connection.socket.write(out.subarray(0, at));
  }
}
