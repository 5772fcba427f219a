import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** Which way bytes go: from the client to the server, back, or both ways. */
export type Direction = 'up' | 'down' | 'both';

export interface TcpProxyOptions {
  /** `host:port` of the server behind it. */
  target: string;
  /** Where it listens; default a free port of 127.0.0.1. */
  host?: string;
  port?: number;
  /**
   * A text in what the server says, and what the client reads in its place, of the same length: as a network does that
   * translates addresses. It is looked for in each chunk by itself, which holds for answers that are written at once.
   */
  rewrite?: readonly [from: string, to: string];
}

/** What a network does to one direction. */
type Fate = 'pass' | 'hold' | 'drop';

/**
 * A TCP connection's way through a network that fails: it can be cut, held, delayed, half-closed, or lose what it is given.
 * Faults concern the connections there are and those that come, until {@link heal}.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: { host: string; port: number };
  readonly #passages = new Set<Passage>();
  readonly #fates: Record<'up' | 'down', Fate> = { up: 'pass', down: 'pass' };
  #delayMs = 0;

  private constructor(private readonly options: TcpProxyOptions) {
    const [host = '', port] = options.target.split(':');
    this.#target = { host, port: Number(port) };
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  static async start(options: TcpProxyOptions): Promise<TcpProxy> {
    if (options.rewrite && options.rewrite[0].length !== options.rewrite[1].length)
      throw new Error('What is read in place of a text must be as long as the text');
    const proxy = new TcpProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** `host:port` for clients. */
  get address(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `${address}:${port}`;
  }

  /** How many connections go through it. */
  get connections(): number {
    return this.#passages.size;
  }

  /**
   * A partition: nothing passes any more in that direction, no end of a connection either, and no new connection comes
   * about. As with TCP, what was sent arrives when the network is whole again.
   */
  hold(direction: Direction = 'both'): void {
    this.#decide(direction, 'hold');
  }

  /** A black hole: what is sent in that direction is taken and lost. Connections that lost something are reset by {@link heal}. */
  blackHole(direction: Direction = 'both'): void {
    this.#decide(direction, 'drop');
  }

  /** Lets everything pass again. */
  heal(): void {
    this.#fates.up = this.#fates.down = 'pass';
    this.#delayMs = 0;
    for (const passage of this.#passages) passage.changed();
  }

  /** Has every chunk arrive so much later, in its order. */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Resets every connection there is, at both ends. */
  cut(): void {
    for (const passage of this.#passages) passage.reset();
  }

  /** Ends that direction of every connection there is; the other goes on. */
  halfClose(direction: Direction): void {
    for (const passage of this.#passages) passage.end(direction);
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #decide(direction: Direction, fate: Fate): void {
    if (direction !== 'down') this.#fates.up = fate;
    if (direction !== 'up') this.#fates.down = fate;
    for (const passage of this.#passages) passage.changed();
  }

  #accept(client: Socket): void {
    const { rewrite } = this.options;
    const passage: Passage = new Passage(client, {
      connect: () => connect({ ...this.#target, allowHalfOpen: true, noDelay: true }),
      fate: (way) => this.#fates[way],
      delayMs: () => this.#delayMs,
      rewrite,
      onClosed: () => this.#passages.delete(passage),
    });
    this.#passages.add(passage);
    passage.changed();
  }
}

interface Network {
  connect(): Socket;
  fate(way: 'up' | 'down'): Fate;
  delayMs(): number;
  rewrite: readonly [string, string] | undefined;
  onClosed(): void;
}

/** One connection through the proxy. */
class Passage {
  readonly #up: Flow;
  #server: Socket | undefined;
  #down: Flow | undefined;
  #closed = false;

  constructor(
    private readonly client: Socket,
    private readonly network: Network,
  ) {
    this.#up = new Flow(client, network, 'up', () => this.reset());
  }

  /** Looks at what the network does now. */
  changed(): void {
    const { network } = this;
    if (this.#up.lost(network.fate('up')) || this.#down?.lost(network.fate('down'))) return this.reset();
    // A handshake needs both directions.
    if (!this.#server && network.fate('up') === 'pass' && network.fate('down') === 'pass') this.#connect();
    this.#up.run();
    this.#down?.run();
  }

  end(direction: Direction): void {
    if (direction !== 'down') this.#up.end();
    if (direction !== 'up') this.#down?.end();
  }

  reset(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#up.stop();
    this.#down?.stop();
    for (const socket of [this.client, this.#server]) socket?.resetAndDestroy();
    this.network.onClosed();
  }

  #connect(): void {
    const server = this.network.connect();
    this.#server = server;
    this.#down = new Flow(server, this.network, 'down', () => this.reset());
    this.#up.to = server;
    this.#down.to = this.client;
    const look = (): void => {
      if (!this.#up.done || !this.#down?.done || this.#closed) return;
      this.#closed = true;
      this.network.onClosed();
    };
    this.#up.onDone = look;
    this.#down.onDone = look;
  }
}

/** One direction of a connection: what was read of `from` and is not yet written to {@link to}. */
class Flow {
  to: Socket | undefined;
  onDone: () => void = () => {};
  done = false;
  readonly #waiting: { chunk: Buffer; dueAt: number }[] = [];
  #ended = false;
  #broken = false;
  #lost = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly network: Network,
    private readonly way: 'up' | 'down',
    private readonly reset: () => void,
  ) {
    from.on('data', (chunk) => this.#take(chunk));
    from.on('end', () => {
      this.#ended = true;
      this.run();
    });
    from.on('error', () => {});
    from.on('close', (failed) => {
      // The news of a reset does not get through a partition either.
      if (failed) this.#broken = true;
      this.#ended = true;
      this.run();
    });
  }

  /** Whether what passed is incomplete, now that the network's way is `fate` again. */
  lost(fate: Fate): boolean {
    return this.#lost && fate === 'pass';
  }

  end(): void {
    this.#ended = true;
    this.run();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.length = 0;
    this.done = true;
  }

  run(): void {
    clearTimeout(this.#timer);
    const fate = this.network.fate(this.way);
    if (fate === 'hold' || (fate === 'pass' && !this.to)) return void this.from.pause();
    this.from.resume();
    if (fate === 'drop' || !this.to || this.done) return;
    const now = performance.now();
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (next.dueAt > now) {
        this.#timer = setTimeout(() => this.run(), next.dueAt - now);
        return;
      }
      this.#waiting.shift();
      if (this.to.writable && !this.to.write(next.chunk)) this.#waitFor(this.to);
    }
    if (this.#broken) return this.reset();
    if (!this.#ended) return;
    this.done = true;
    this.to.end();
    this.onDone();
  }

  #take(chunk: Buffer): void {
    if (this.network.fate(this.way) === 'drop') {
      this.#lost = true;
      return;
    }
    this.#waiting.push({ chunk: this.#rewritten(chunk), dueAt: performance.now() + this.network.delayMs() });
    this.run();
  }

  #waitFor(to: Socket): void {
    this.from.pause();
    to.once('drain', () => this.run());
  }

  #rewritten(chunk: Buffer): Buffer {
    const { rewrite } = this.network;
    if (!rewrite || this.way === 'up') return chunk;
    for (let at = chunk.indexOf(rewrite[0]); at >= 0; at = chunk.indexOf(rewrite[0], at)) {
      at += chunk.write(rewrite[1], at);
    }
    return chunk;
  }
}
