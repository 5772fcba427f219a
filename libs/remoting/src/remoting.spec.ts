import { connect, type Socket } from 'node:net';
import { encodeCommand, decodeFrame, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import type { Connection } from './connection.ts';
import { RemotingClient } from './remoting-client.ts';
import { RemotingServer, type RemotingServerOptions } from './remoting-server.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Waits for what real sockets bring, turn by turn. */
async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 5000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('It did not happen within 5 s');
    await turn();
  }
}

/** A peer that sends what it likes and sees the bytes that come. */
class RawPeer {
  readonly socket: Socket;
  received = Buffer.alloc(0);
  closed = false;

  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (chunk: Buffer) => (this.received = Buffer.concat([this.received, chunk])));
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => (this.closed = true));
  }

  get frames(): RemotingCommand[] {
    const frames: RemotingCommand[] = [];
    for (let at = 0; this.received.length - at >= 4;) {
      const end = at + 4 + this.received.readInt32BE(at);
      if (end > this.received.length) break;
      frames.push(decodeFrame(this.received.subarray(at, end)));
      at = end;
    }
    return frames;
  }

  async answers(count: number): Promise<RemotingCommand[]> {
    await until(() => this.frames.length >= count || this.closed);
    return this.frames;
  }
}

function request(code: number, options: { body?: string; opaque?: number; serializeType?: number } = {}) {
  const command = RemotingCommand.request(code, new Map([['key', 'value']]), Buffer.from(options.body ?? ''));
  command.opaque = options.opaque ?? 0;
  command.serializeType = options.serializeType ?? 0;
  return command;
}

const ECHO = 900;
const HOT = 901;
const SLOW = 902;

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function startServer(options: Partial<RemotingServerOptions> = {}) {
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
  stops.push(() => server.close());
  const address = `${host}:${port}`;
  const raw = (): RawPeer => {
    const peer = new RawPeer(port);
    stops.push(() => peer.socket.destroy());
    return peer;
  };
  const client = new RemotingClient({ clock });
  stops.push(() => client.close());
  return { server, clock, address, port, raw, client, logged };
}

describe.each([true, false])('RemotingServer and RemotingClient (shared reads: %s)', (sharedReads) => {
  it('answers requests of both serializations in kind, by any number of pipelined frames', async () => {
    const { client, address } = await startServer({ sharedReads });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        client.invoke(address, request(ECHO, { body: `body ${i}`, serializeType: i % 2 }), 3000),
      ),
    );
    answers.forEach((answer, i) => {
      expect(answer.code).toBe(0);
      expect(answer.isResponse).toBe(true);
      expect(answer.body.toString()).toBe(`body ${i}`);
      expect(answer.serializeType).toBe(i % 2);
      expect(answer.get('key')).toBe('value');
    });
  });

  it('serves frames that arrive byte by byte', async () => {
    const { raw } = await startServer({ sharedReads });
    const peer = raw();
    const frame = encodeCommand(request(ECHO, { opaque: 7, body: 'slow' }));
    for (const byte of frame) {
      peer.socket.write(Buffer.of(byte));
      await turn();
    }
    const [answer] = await peer.answers(1);
    expect(answer?.opaque).toBe(7);
    expect(answer?.body.toString()).toBe('slow');
  });

  it('answers pipelined requests of hot processors in their order, in one piece', async () => {
    const { server, raw } = await startServer({ sharedReads });
    server.registerHot(HOT, (connection, header, buffer, bodyStart, bodyEnd) => {
      const frame = encodeCommand(
        RemotingCommand.response(header, 0, undefined, new Map(), buffer.subarray(bodyStart, bodyEnd)),
      );
      const at = connection.reserve(frame.length);
      frame.copy(connection.out, at);
      return true;
    });
    const peer = raw();
    const count = 3000;
    const requests = Array.from({ length: count }, (_, i) =>
      encodeCommand(request(HOT, { opaque: i, body: `${i}` })),
    );
    peer.socket.write(Buffer.concat(requests));
    const answers = await peer.answers(count);
    expect(answers.map((answer) => answer.opaque)).toEqual(Array.from({ length: count }, (_, i) => i));
    expect(answers.map((answer) => answer.body.toString())).toEqual(
      Array.from({ length: count }, (_, i) => `${i}`),
    );
  });

  it('carries bodies of megabytes both ways', async () => {
    const { client, address } = await startServer({ sharedReads });
    const body = Buffer.alloc(5 * 1024 * 1024, 'abcdefg');
    const answers = await Promise.all(
      [1, 2, 3].map(() => client.invoke(address, RemotingCommand.request(ECHO, undefined, body), 3000)),
    );
    for (const answer of answers) expect(answer.body.equals(body)).toBe(true);
  });

  it('carries requests from the server to its client', async () => {
    const { server, client, address } = await startServer({ sharedReads });
    client.register(40, (command) => RemotingCommand.response(command, 0, `pushed ${command.get('key')}`));
    const connected = new Promise<Connection>((resolve) => server.onConnect(resolve));
    await client.connection(address);
    const connection = await connected;
    const answer = await connection.request(request(40), 3000);
    expect(answer.remark).toBe('pushed value');
    expect((await connection.request(request(41), 3000)).code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
  });

  it('leaves no socket and no timer after close', async () => {
    const { server, client, address, clock } = await startServer({ sharedReads });
    server.register(SLOW, () => new Promise(() => undefined));
    const pending = client.invoke(address, request(SLOW), 30_000);
    await until(() => server.connections.size === 1);
    const connection = client.existing(address);
    await Promise.all([
      expect(pending).rejects.toMatchObject({ code: 'CONNECTION_CLOSED', address }),
      client.close(),
      server.close(),
    ]);
    expect(connection?.closed).toBe(true);
    expect(clock.pending).toBe(0);
    // Node takes a handle out of its list a turn after its 'close'.
    await turn();
    expect(process.getActiveResourcesInfo().filter((name) => /TCP/.test(name))).toEqual([]);
    await server.close();
    await client.close();
    await expect(client.invoke(address, request(ECHO), 3000)).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  it('notices a peer that leaves', async () => {
    const { server, raw } = await startServer({ sharedReads });
    const reasons: string[] = [];
    server.onDisconnect((_connection, reason) => reasons.push(reason));
    const peer = raw();
    await until(() => server.connections.size === 1);
    peer.socket.end();
    await until(() => server.connections.size === 0);
    const second = raw();
    await until(() => server.connections.size === 1);
    second.socket.resetAndDestroy();
    await until(() => server.connections.size === 0);
    expect(reasons).toEqual(['the peer closed the connection', 'the connection failed: ECONNRESET']);
  });
});
