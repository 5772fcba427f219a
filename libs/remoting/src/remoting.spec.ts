import { encodeCommand, RemotingCommand, ResponseCode } from '@nest-rocketmq/protocol';
import type { Connection } from './connection.ts';
import { ResponseError } from './errors.ts';
import {
  ECHO,
  HOT,
  OTHER,
  request,
  startServer,
  stopAll,
  stopLater,
  turn,
  until,
} from './harness.fixture.ts';
import { RemotingClient } from './remoting-client.ts';

afterEach(stopAll);

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

  it('commits and answers within a long turn, so that the peer need not wait for its end', async () => {
    const { server, raw } = await startServer({ sharedReads });
    let served = 0;
    const servedAtCommit: number[] = [];
    server.tick.onCommit(() => servedAtCommit.push(served));
    server.register(OTHER, (command) => {
      served++;
      server.tick.schedule();
      return RemotingCommand.response(command, 0);
    });
    const peer = raw();
    peer.socket.write(
      Buffer.concat(Array.from({ length: 100 }, (_, i) => encodeCommand(request(OTHER, { opaque: i })))),
    );
    const answers = await peer.answers(100);
    expect(answers.map((answer) => answer.opaque)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    // The 32nd to ask was the 31st request: the connection asks as well.
    expect(servedAtCommit.slice(0, 3)).toEqual([31, 62, 93]);
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
    server.register(OTHER, () => new Promise(() => undefined));
    const pending = client.invoke(address, request(OTHER), 30_000);
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

describe('guards and signatures', () => {
  it('lets a guard refuse requests before any processor sees them', async () => {
    const { server, client, address } = await startServer();
    const served: number[] = [];
    server.registerHot(HOT, () => {
      served.push(HOT);
      return false;
    });
    server.registerGuard((_connection, header, buffer, bodyStart, bodyEnd) => {
      const body = buffer.toString('utf8', bodyStart, bodyEnd);
      if (body !== 'please') throw new ResponseError(16, `${header.code} needs more than ${body}`);
    });
    for (const code of [ECHO, HOT, 7777]) {
      const answer = await client.invoke(address, request(code, { body: 'now' }), 1000);
      expect([answer.code, answer.remark]).toEqual([16, `${code} needs more than now`]);
    }
    expect(served).toEqual([]);
    expect((await client.invoke(address, request(ECHO, { body: 'please' }), 1000)).code).toBe(0);
  });

  it('signs every request of a client, and no answer', async () => {
    const { server, address } = await startServer();
    const seen: (string | undefined)[] = [];
    const client = new RemotingClient({
      sign: (command) => void command.extFields.set('signature', `of ${command.code}`),
    });
    stopLater(() => client.close());
    server.register(OTHER, (command) => {
      seen.push(command.extFields.get('signature'));
      return undefined;
    });
    const echoed = await client.invoke(address, request(ECHO), 1000);
    expect(echoed.extFields.get('signature')).toBe(`of ${ECHO}`);
    await client.oneway(address, request(OTHER));
    await until(() => seen.length === 1);
    expect(seen).toEqual([`of ${OTHER}`]);
    client.register(ECHO, (command) => RemotingCommand.response(command, 0));
    const [connection] = server.connections;
    const pushed = await connection?.request(request(ECHO), 1000);
    expect(pushed?.extFields.has('signature')).toBe(false);
  });
});
