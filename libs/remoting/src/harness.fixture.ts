import { connect, type Socket } from 'node:net';
import { decodeFrame, RemotingCommand } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { RemotingClient } from './remoting-client.ts';
import { RemotingServer, type RemotingServerOptions } from './remoting-server.ts';

/** One turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for what real sockets bring, turn by turn. */
export async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('It did not happen within 10 s');
    await turn();
  }
}

/** Lets so many turns pass, to see that something does not happen. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** A peer that sends what it likes and sees the bytes that come. */
export class RawPeer {
  readonly socket: Socket;
  #chunks: Buffer[] = [];
  #unread = 0;
  #wanted = 4;
  readonly #frames: RemotingCommand[] = [];
  /** How many bytes have come. */
  length = 0;
  closed = false;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.length += chunk.length;
      this.#unread += chunk.length;
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
  }

  /** The whole frames among them. */
  get frames(): RemotingCommand[] {
    // Nothing is joined before a frame is whole, or megabytes in small pieces would take minutes.
    while (this.#unread >= this.#wanted) {
      const bytes = Buffer.concat(this.#chunks);
      let at = 0;
      this.#wanted = 4;
      while (bytes.length - at >= 4) {
        this.#wanted = 4 + bytes.readInt32BE(at);
        if (bytes.length - at < this.#wanted) break;
        this.#frames.push(decodeFrame(Buffer.from(bytes.subarray(at, at + this.#wanted))));
        at += this.#wanted;
        this.#wanted = 4;
      }
      this.#chunks = [bytes.subarray(at)];
      this.#unread = bytes.length - at;
    }
    return this.#frames;
  }

  /** Waits for so many frames, or for the end of the connection. */
  async answers(count: number): Promise<RemotingCommand[]> {
    await until(() => this.frames.length >= count || this.closed);
    return this.frames;
  }
}

/** A request with one field. */
export function request(
  code: number,
  options: { body?: string; opaque?: number; serializeType?: number } = {},
): RemotingCommand {
  const command = RemotingCommand.request(code, new Map([['key', 'value']]), Buffer.from(options.body ?? ''));
  command.opaque = options.opaque ?? 0;
  command.serializeType = options.serializeType ?? 0;
  return command;
}

/** The codes that the specs register for: what the server echoes, serves hot, and serves as the spec says. */
export const ECHO = 900;
export const HOT = 901;
export const OTHER = 902;

const stops: (() => unknown)[] = [];

/** Has `stop` called by {@link stopAll}. */
export function stopLater(stop: () => unknown): void {
  stops.push(stop);
}

/** Stops what the spec started, the last first. */
export async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

/** A server on a free port that echoes {@link ECHO}, a client, and raw peers, all on one clock. */
export async function startServer(options: Partial<RemotingServerOptions> = {}) {
  const clock = new ManualClock();
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const server = new RemotingServer({
    host: '127.0.0.1',
    port: 0,
    clock,
    logger: { debug: () => undefined, info: log, warn: log, error: log },
    ...options,
  });
  server.register(ECHO, (command) =>
    RemotingCommand.response(command, 0, undefined, command.extFields, command.body),
  );
  const { host, port } = await server.listen();
  stopLater(() => server.close());
  const address = `${host}:${port}`;
  const raw = (): RawPeer => {
    const peer = new RawPeer(port);
    stopLater(() => peer.socket.destroy());
    return peer;
  };
  const client = new RemotingClient({ clock });
  stopLater(() => client.close());
  return { server, clock, address, port, raw, client, logged };
}
