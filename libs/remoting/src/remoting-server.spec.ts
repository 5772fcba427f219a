import { jest } from '@jest/globals';
import { encodeCommand, RemotingCommand, ResponseCode, MQVersion } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Connection } from './connection.ts';
import { ResponseError } from './errors.ts';
import { ECHO, HOT, OTHER, request, startServer, stopAll, until } from './harness.fixture.ts';
import { RemotingServer } from './remoting-server.ts';
import { Tick } from './tick.ts';

afterEach(stopAll);

const empty = Buffer.alloc(0);

function frameOf(header: string): Buffer {
  const bytes = Buffer.alloc(8 + header.length);
  bytes.writeInt32BE(4 + header.length, 0);
  bytes.writeInt32BE(header.length, 4);
  bytes.write(header, 8);
  return bytes;
}

describe('RemotingServer: processors', () => {
  it('answers a code nobody registered for with code 3, or by the default processor', async () => {
    const { server, client, address } = await startServer();
    const refused = await client.invoke(address, request(12_345), 3000);
    expect(refused.code).toBe(ResponseCode.REQUEST_CODE_NOT_SUPPORTED);
    expect(refused.remark).toBe('request type 12345 not supported');
    server.registerDefault((command) => RemotingCommand.response(command, 0, `default ${command.code}`));
    expect((await client.invoke(address, request(12_345), 3000)).remark).toBe('default 12345');
  });

  const failures: [string, () => Error, number, RegExp][] = [
    ['a ResponseError', () => new ResponseError(ResponseCode.NO_PERMISSION, 'no'), 16, /^no$/],
    [
      'an error of ours',
      () => new RocketMQError('PROTOCOL', 'field a is missing', { responseCode: 1 }),
      1,
      /^field a/,
    ],
    ['any other error', () => new TypeError('bug'), 1, /TypeError: bug/],
  ];
  it.each(failures)(
    'turns %s into an answer, thrown or rejected, hot or not',
    async (_name, error, code, remark) => {
      const { server, client, address, logged } = await startServer();
      server.register(OTHER, () => {
        throw error();
      });
      server.register(OTHER + 1, () => Promise.reject(error()));
      server.registerHot(HOT, (connection) => {
        connection.out.fill(0xff, connection.reserve(10));
        throw error();
      });
      for (const failing of [OTHER, OTHER + 1, HOT]) {
        const answer = await client.invoke(address, request(failing, { serializeType: 1 }), 3000);
        expect(answer.code).toBe(code);
        expect(answer.remark).toMatch(remark);
        expect(answer.serializeType).toBe(1);
      }
      // A mistake of the peer's is told to the peer; a bug is logged.
      expect(logged.length).toBe(error() instanceof TypeError ? 3 : 0);
    },
  );

  it('takes back what a hot processor wrote before it passed the request on', async () => {
    const { server, raw } = await startServer();
    server.registerHot(HOT, (connection) => {
      connection.write(Buffer.alloc(100, 0xff));
      connection.write(Buffer.alloc(200_000, 0xff));
      return false;
    });
    server.register(HOT, (command) => RemotingCommand.response(command, 0, 'ordinary'));
    const peer = raw();
    peer.socket.write(
      Buffer.concat([
        encodeCommand(request(ECHO, { opaque: 1, body: 'before' })),
        encodeCommand(request(HOT, { opaque: 2 })),
        encodeCommand(request(ECHO, { opaque: 3, body: 'after' })),
      ]),
    );
    const answers = await peer.answers(3);
    expect(answers.map((answer) => answer.opaque)).toEqual([1, 2, 3]);
    expect(answers.map((answer) => answer.remark ?? answer.body.toString())).toEqual([
      'before',
      'ordinary',
      'after',
    ]);
  });

  it('never answers a one-way request', async () => {
    const { server, raw } = await startServer();
    const seen: number[] = [];
    server.register(OTHER, (command) => {
      seen.push(command.opaque);
      return RemotingCommand.response(command, 0);
    });
    server.registerHot(HOT, () => {
      throw new ResponseError(1, 'failed');
    });
    const peer = raw();
    const oneways = [OTHER, HOT, 12_345].map((code, i) => request(code, { opaque: i }).markOneway());
    peer.socket.write(Buffer.concat([...oneways, request(ECHO, { opaque: 9 })].map(encodeCommand)));
    await until(() => peer.length > 0);
    expect((await peer.answers(1)).map((answer) => answer.opaque)).toEqual([9]);
    expect(seen).toEqual([0]);
  });

  it('lets a processor answer later, and twice the same for all it cares', async () => {
    const { server, client, address } = await startServer();
    const held: { connection: Connection; command: RemotingCommand }[] = [];
    server.register(OTHER, (command, connection) => {
      held.push({ connection, command });
      return undefined;
    });
    const answer = client.invoke(address, request(OTHER), 3000);
    await until(() => held.length === 1);
    for (const { connection, command } of [...held, ...held]) {
      connection.respond(RemotingCommand.response(command, 0, 'later'));
    }
    expect((await answer).remark).toBe('later');
    // The second answer finds nobody and does no harm.
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('refuses with code 2 what is more than it may hold of one connection', async () => {
    const { server, client, address } = await startServer({ limits: { maxPendingRequests: 2 } });
    const release: (() => void)[] = [];
    server.register(OTHER, (command) => {
      return new Promise((resolve) => release.push(() => resolve(RemotingCommand.response(command, 0))));
    });
    const held = [1, 2].map(() => client.invoke(address, request(OTHER), 3000));
    const refused = await client.invoke(address, request(OTHER), 3000);
    expect(refused.code).toBe(ResponseCode.SYSTEM_BUSY);
    expect(refused.remark).toMatch(/^\[OVERLOAD\]/);
    for (const each of release) each();
    expect((await Promise.all(held)).map((answer) => answer.code)).toEqual([0, 0]);
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('says so when an answer is too long for a frame', async () => {
    const { server, client, address } = await startServer();
    server.register(OTHER, (command) =>
      RemotingCommand.response(command, 0, undefined, undefined, Buffer.alloc(17 * 1024 * 1024)),
    );
    const answer = await client.invoke(address, request(OTHER), 3000);
    expect(answer.code).toBe(ResponseCode.SYSTEM_ERROR);
    expect(answer.remark).toMatch(/more than a frame can hold/);
  });

  it('knows both ends of a connection', async () => {
    const { server, raw, port } = await startServer();
    const peer = raw();
    await until(() => server.connections.size === 1);
    const [connection] = server.connections;
    const theirs = peer.socket.localPort ?? 0;
    expect(connection?.remoteAddress).toBe(`127.0.0.1:${theirs}`);
    expect(connection?.localAddress).toBe(`127.0.0.1:${port}`);
    expect(connection?.remoteHost).toEqual(Buffer.from([127, 0, 0, 1, 0, 0, theirs >> 8, theirs & 0xff]));
  });
});

describe('RemotingServer: broken peers', () => {
  const broken: [string, Buffer][] = [
    ['text of another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: here\r\n\r\n')],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ['a frame of 16 MiB and a byte', Buffer.from([0, 0xff, 0xff, 0xfd, 0, 0, 0, 2])],
    ['a header longer than its frame', Buffer.from([0, 0, 0, 5, 0, 0, 0, 2, 0x7b])],
    ['a header of 64 KiB and a byte', Buffer.from([0, 0x10, 0, 0, 0, 1, 0, 1])],
    ['an unknown serialize type', Buffer.from([0, 0, 0, 10, 9, 0, 0, 2, 0x7b, 0x7d])],
    ['a header that is no JSON', frameOf('{"code":')],
    ['a header that is no object', frameOf('[1,2,3]')],
    ['random bytes', Buffer.from('9f3ab8127700c1d2e3f4a5b6c7d8e9f0', 'hex')],
  ];
  it.each(broken)('closes the connection that sends %s, and no other', async (_name, bytes) => {
    const { server, client, address, raw } = await startServer();
    const reasons: string[] = [];
    server.onDisconnect((_connection, reason) => reasons.push(reason));
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
    const peer = raw();
    peer.socket.write(bytes);
    await until(() => peer.closed);
    expect(peer.length).toBe(0);
    expect(reasons).toEqual([expect.stringMatching(/^the peer sent /)]);
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
    expect(client.existing(address)?.closed).toBe(false);
  });

  it('forgets a frame whose sender left in the middle of it', async () => {
    const { server, raw } = await startServer();
    const peer = raw();
    peer.socket.end(encodeCommand(request(ECHO, { body: 'x'.repeat(1000) })).subarray(0, 500));
    await until(() => peer.closed);
    await until(() => server.connections.size === 0);
    expect(peer.length).toBe(0);
  });

  it('ignores an answer to no request', async () => {
    const { raw } = await startServer();
    const peer = raw();
    const stray = RemotingCommand.response(request(1, { opaque: 77 }), 0);
    peer.socket.write(Buffer.concat([encodeCommand(stray), encodeCommand(request(ECHO, { opaque: 5 }))]));
    expect((await peer.answers(1)).map((answer) => answer.opaque)).toEqual([5]);
  });

  it('closes a peer whose frame trickles in, and one that is silent', async () => {
    const { server, raw, clock } = await startServer();
    const reasons: string[] = [];
    server.onDisconnect((_connection, reason) => reasons.push(reason));
    const [trickling, silent] = [raw(), raw()];
    const frame = encodeCommand(request(ECHO, { body: 'x'.repeat(1000) }));
    await until(() => server.connections.size === 2);
    // A second passes in ten milliseconds: what is sent in one is read before the next.
    for (let second = 0; !trickling.closed; second++) {
      trickling.socket.write(frame.subarray(second, second + 1));
      await new Promise((resolve) => setTimeout(resolve, 10));
      clock.advance(1000);
    }
    expect(reasons).toEqual(['a frame did not arrive whole within 10000 ms']);
    expect(silent.closed).toBe(false);
    clock.advance(120_000);
    await until(() => silent.closed);
    expect(reasons[1]).toBe('nothing was read or written for 120000 ms');
    expect(clock.pending).toBe(0);
  });

  it('closes connections above the limit, and accepts again when one has left', async () => {
    const { server, raw, logged } = await startServer({ limits: { maxConnections: 2 } });
    const first = [raw(), raw()];
    await until(() => server.connections.size === 2);
    const [third, fourth] = [raw(), raw()];
    await until(() => third.closed && fourth.closed);
    expect(first.map((peer) => peer.closed)).toEqual([false, false]);
    expect(logged.length).toBe(1);
    first[0]?.socket.destroy();
    await until(() => server.connections.size === 1);
    const fifth = raw();
    fifth.socket.write(encodeCommand(request(ECHO)));
    expect((await fifth.answers(1)).length).toBe(1);
  });

  it('bounds the connections of one address apart', async () => {
    const { server, raw, logged } = await startServer({ limits: { maxConnectionsPerIp: 1 } });
    const first = raw();
    await until(() => server.connections.size === 1);
    const [second, third] = [raw(), raw()];
    await until(() => second.closed && third.closed);
    expect(first.closed).toBe(false);
    expect(logged).toEqual(['1 connections of 127.0.0.1 are open: closing new ones until some leave']);
    first.socket.destroy();
    await until(() => server.connections.size === 0);
    const fourth = raw();
    fourth.socket.write(encodeCommand(request(ECHO)));
    expect((await fourth.answers(1)).length).toBe(1);
  });

  it('sends away those who understand it, and serves the others to the end', async () => {
    const { server, client, address } = await startServer();
    const of = async (version: number): Promise<number> => {
      const command = request(ECHO);
      command.version = version;
      return (await client.invoke(address, command, 3000)).code;
    };
    expect(await of(MQVersion.V5_3_3)).toBe(0);
    server.goAway();
    expect(await of(MQVersion.V5_3_3)).toBe(1500);
    expect(await of(MQVersion.V5_3_1)).toBe(0);
    expect(await of(MQVersion.V4_9_8)).toBe(0);
  });
});

describe('RemotingServer: listening', () => {
  it('names a port that is taken, and what to do', async () => {
    const { port } = await startServer();
    const second = new RemotingServer({ host: '127.0.0.1', port });
    await expect(second.listen()).rejects.toMatchObject({
      code: 'INVALID_CONFIG',
      address: `127.0.0.1:${port}`,
      message: expect.stringMatching(/another process uses that port/),
    });
    await second.close();
  });

  it('names an address the machine does not have', async () => {
    const server = new RemotingServer({ host: '192.0.2.1', port: 0 });
    await expect(server.listen()).rejects.toMatchObject({ code: 'INVALID_CONFIG', address: '192.0.2.1:0' });
  });

  it('does not listen twice, and listens again after close', async () => {
    const { server, raw } = await startServer();
    await expect(server.listen()).rejects.toMatchObject({ code: 'WRONG_STATE' });
    raw();
    await until(() => server.connections.size === 1);
    await server.close();
    expect(server.connections.size).toBe(0);
    expect((await server.listen()).port).toBeGreaterThan(0);
  });

  it('writes what is ready before it closes', async () => {
    const { server, raw } = await startServer();
    const peer = raw();
    server.register(OTHER, (command, connection) => {
      connection.respond(RemotingCommand.response(command, 0, 'the last word', undefined, empty));
      void server.close();
      return undefined;
    });
    peer.socket.write(encodeCommand(request(OTHER)));
    await until(() => peer.closed);
    expect(peer.frames.map((answer) => answer.remark)).toEqual(['the last word']);
  });

  it('closes everything also when the last commit fails, and says that it failed', async () => {
    const tick = new Tick();
    const { server, raw } = await startServer({ tick });
    const peer = raw();
    await until(() => server.connections.size === 1);
    const remove = tick.onCommit(() => {
      throw new Error('disk');
    });
    const closing = server.close();
    remove();
    await expect(closing).rejects.toThrow('disk');
    expect(server.connections.size).toBe(0);
    await until(() => peer.closed);
  });

  it('tells who comes and who goes', async () => {
    const { server, raw } = await startServer();
    const [came, went] = [jest.fn(), jest.fn()];
    server.onConnect(came);
    server.onDisconnect(went);
    const peer = raw();
    await until(() => came.mock.calls.length === 1);
    const [connection] = server.connections;
    expect(came).toHaveBeenCalledWith(connection);
    connection?.close('enough');
    connection?.close('again');
    expect(went.mock.calls).toEqual([[connection, 'enough']]);
    const late = jest.fn();
    connection?.onClose(late);
    expect(late).toHaveBeenCalledWith('enough');
    // Writing to it is harmless.
    const at = connection?.reserve(1000) ?? -1;
    connection?.out.fill(1, at, at + 1000);
    connection?.write(Buffer.alloc(5000));
    connection?.respond(RemotingCommand.response(request(1), 0));
    expect(connection?.queuedBytes).toBe(0);
    await until(() => peer.closed);
  });
});
