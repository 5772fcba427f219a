import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { encodeCommand, RemotingCommand, ResponseCode, type HeaderView } from '@nest-rocketmq/protocol';
import { ManualClock, RocketMQError } from '@nest-rocketmq/runtime';
import {
  ECHO,
  HOT,
  OTHER,
  RawPeer,
  request,
  startServer,
  stopAll,
  stopLater,
  turns,
  until,
} from './harness.fixture.ts';
import { RemotingClient } from './remoting-client.ts';
import { RemotingServer } from './remoting-server.ts';

afterEach(stopAll);

function newClient(options: ConstructorParameters<typeof RemotingClient>[0] = {}) {
  const clock = new ManualClock();
  const client = new RemotingClient({ clock, ...options });
  stopLater(() => client.close());
  return { clock, client };
}

/** An address on which nobody listens. */
async function freeAddress(): Promise<{ address: string; port: number }> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { address: `127.0.0.1:${port}`, port };
}

/** A server that accepts and does what it is told, in bytes. */
async function startAcceptor(onPeer: (socket: RawPeer['socket']) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    stopLater(() => socket.destroy());
    onPeer(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stopLater(() => new Promise((resolve) => server.close(resolve)));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('RemotingClient: connections', () => {
  it('makes one connection for all who ask at once', async () => {
    const { server, client, address } = await startServer();
    expect(client.existing(address)).toBeUndefined();
    const connections = await Promise.all(Array.from({ length: 50 }, () => client.connection(address)));
    expect(new Set(connections).size).toBe(1);
    expect(client.existing(address)).toBe(connections[0]);
    await until(() => server.connections.size > 0);
    await turns(20);
    expect(server.connections.size).toBe(1);
  });

  it('says which address refused, and what to look for', async () => {
    const { client } = newClient();
    const { address } = await freeAddress();
    const failure = client.invoke(address, request(ECHO), 3000);
    await expect(failure).rejects.toMatchObject({ code: 'CONNECT_FAILED', address });
    await expect(failure).rejects.toThrow(
      `Cannot connect to ${address}: ECONNREFUSED. Is a NameServer or broker`,
    );
  });

  it.each(['', 'broker', 'broker:', ':9876', 'broker:99999', 'a b:1', '[::1:1', 'x:y:1'])(
    'refuses %j as an address',
    async (address) => {
      const { client } = newClient();
      await expect(client.connection(address)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    },
  );

  it('gives up connecting after its time-out', async () => {
    const { client, clock } = newClient();
    const { address } = await startServer();
    // No turn of the event loop passes, so the connection cannot be made before the time is over.
    const connecting = client.connection(address, 60_000);
    clock.advance(2999);
    clock.advance(1);
    await expect(connecting).rejects.toMatchObject({
      code: 'CONNECT_FAILED',
      message: expect.stringContaining('no answer within 3000 ms'),
    });
  });

  it('lets a caller with less time go before, and those with more have the connection', async () => {
    const { client, clock } = newClient();
    const { address } = await startServer();
    const hasty = client.connection(address, 500);
    const patient = client.connection(address, 3000);
    clock.advance(1000);
    await expect(hasty).rejects.toMatchObject({ code: 'TIMEOUT', address });
    expect((await patient).closed).toBe(false);
  });

  it('waits longer after each failure, and tells at once when a caller has not so much time', async () => {
    const { client, clock } = newClient();
    const { address, port } = await freeAddress();
    const attempts: number[] = [];
    const before = clock.now();
    for (let i = 0; i < 8; i++) {
      const failing = client.connection(address, 10_000);
      const outcome = failing.then(
        () => 'connected',
        () => 'failed',
      );
      let settled = false;
      void outcome.then(() => (settled = true));
      while (!settled) {
        await turns(5);
        if (!settled) clock.advance(20);
      }
      attempts.push(clock.now() - before);
    }
    const waits = attempts.map((at, i) => at - (attempts[i - 1] ?? 0));
    [0, 100, 200, 400, 800, 1600, 2000, 2000].forEach((expected, i) => {
      expect(waits[i]).toBeGreaterThanOrEqual(expected * 0.8 - 20);
      expect(waits[i]).toBeLessThanOrEqual(expected * 1.2 + 200);
    });
    // No attempt, no waiting: the last failure again.
    await expect(client.connection(address, 100)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });

    // And when somebody listens there again, it is found by itself.
    const server = new RemotingServer({ host: '127.0.0.1', port, clock });
    await server.listen();
    stopLater(() => server.close());
    const found = client.connection(address, 10_000);
    await clock.advanceAsync(2500, 100);
    expect((await found).closed).toBe(false);
  });

  it('connects again after the server was restarted', async () => {
    const { server, client, address, port, clock } = await startServer();
    const lost: string[] = [];
    client.onDisconnect((from, reason) => lost.push(`${from}: ${reason}`));
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
    await server.close();
    await until(() => lost.length === 1);
    expect(lost).toEqual([`${address}: the peer closed the connection`]);
    expect(client.existing(address)).toBeUndefined();
    const second = new RemotingServer({ host: '127.0.0.1', port, clock });
    second.register(ECHO, (command) => RemotingCommand.response(command, 0, 'second'));
    await second.listen();
    stopLater(() => second.close());
    expect((await client.invoke(address, request(ECHO), 3000)).remark).toBe('second');
  });

  it('takes a peer that hangs up at once for one that refuses', async () => {
    let accepted = 0;
    const address = await startAcceptor((socket) => {
      accepted++;
      socket.destroy();
    });
    const { client } = newClient();
    const failure = client.invoke(address, request(ECHO), 3000);
    await expect(failure).rejects.toMatchObject({ code: 'CONNECTION_CLOSED', address });
    await expect(client.invoke(address, request(ECHO), 10)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    expect(accepted).toBe(1);
  });

  it('closes a connection on request, and makes a new one afterwards', async () => {
    const { server, client, address } = await startServer();
    const first = await client.connection(address);
    client.disconnect(address);
    client.disconnect(address);
    client.disconnect('127.0.0.1:1');
    expect(first.closed).toBe(true);
    const second = await client.connection(address);
    expect(second).not.toBe(first);
    await until(() => server.connections.size === 1);
  });

  it('gives up an attempt that is under way, or waits for its time, when it is closed', async () => {
    const { client, clock } = newClient();
    const { address } = await freeAddress();
    await expect(client.connection(address)).rejects.toMatchObject({ code: 'CONNECT_FAILED' });
    const waiting = client.connection(address, 3000);
    const connecting = client.connection((await startServer()).address, 3000);
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' }),
      expect(connecting).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' }),
      client.close(),
    ]);
    expect(clock.pending).toBe(0);
  });

  it('closes an idle connection after 120 s', async () => {
    const { server, client, clock, address } = await startServer({ limits: { idleMs: 1_000_000 } });
    const lost: string[] = [];
    client.onDisconnect((_address, reason) => lost.push(reason));
    await client.invoke(address, request(ECHO), 3000);
    for (let i = 0; i < 5; i++) {
      clock.advance(60_000);
      await client.invoke(address, request(ECHO), 3000);
    }
    clock.advance(121_000);
    expect(lost).toEqual(['nothing was read or written for 120000 ms']);
    await until(() => server.connections.size === 0);
  });
});

describe('RemotingClient: requests', () => {
  it('matches answers by opaque, in whatever order they come', async () => {
    const { server, client, address } = await startServer();
    const held: RemotingCommand[] = [];
    server.register(OTHER, (command, connection) => {
      held.push(command);
      if (held.length < 100) return undefined;
      for (const each of held.splice(0).toReversed()) {
        connection.respond(RemotingCommand.response(each, 0, undefined, undefined, each.body));
      }
      return undefined;
    });
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => client.invoke(address, request(OTHER, { body: `${i}` }), 3000)),
    );
    expect(answers.map((answer) => answer.body.toString())).toEqual(
      Array.from({ length: 100 }, (_, i) => `${i}`),
    );
  });

  it('times out by its clock, and ignores the answer that comes too late', async () => {
    const { server, client, clock, address } = await startServer();
    let answer: (() => void) | undefined;
    server.register(OTHER, (command, connection) => {
      answer = () => connection.respond(RemotingCommand.response(command, 0));
      return undefined;
    });
    const connection = await client.connection(address);
    const outcome = connection.request(request(OTHER), 3000).catch((error: unknown) => error);
    await until(() => answer !== undefined);
    clock.advance(2999);
    await turns(3);
    expect(connection.inFlight).toBe(1);
    clock.advance(201);
    expect(await outcome).toMatchObject({
      code: 'TIMEOUT',
      address,
      message: `No answer from ${address} within 3000 ms`,
    });
    expect(connection.inFlight).toBe(0);
    answer?.();
    await turns(10);
    expect((await client.invoke(address, request(ECHO, { body: 'next' }), 3000)).body.toString()).toBe(
      'next',
    );
  });

  it('counts connecting into the time-out', async () => {
    const { client, clock } = newClient();
    const { address } = await startServer();
    const waiting = client.invoke(address, request(12_345), 500);
    clock.advance(600);
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', address });
  });

  it('bounds the requests that wait', async () => {
    const { server, address } = await startServer();
    server.register(OTHER, () => undefined);
    const { client } = newClient({ limits: { maxInFlight: 3 } });
    const connection = await client.connection(address);
    const waiting = [1, 2, 3].map(() => connection.request(request(OTHER), 3000));
    await expect(connection.request(request(OTHER), 3000)).rejects.toMatchObject({
      code: 'OVERLOADED',
      address,
    });
    const outcomes = Promise.allSettled(waiting);
    connection.close('enough');
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_CLOSED' } });
    }
  });

  it('fails what waits when the peer breaks the protocol', async () => {
    const address = await startAcceptor((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 400 Bad\r\n\r\n')),
    );
    const { client } = newClient();
    await expect(client.invoke(address, request(ECHO), 3000)).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: expect.stringMatching(/the peer sent a frame of length/),
    });
  });

  it('fails what waits when the peer leaves', async () => {
    const address = await startAcceptor((socket) => socket.once('data', () => socket.end()));
    const { client } = newClient();
    await expect(client.invoke(address, request(ECHO), 3000)).rejects.toMatchObject({
      code: 'CONNECTION_CLOSED',
      message: `The connection with ${address} is gone: the peer closed the connection`,
    });
  });

  it('stops waiting when the caller aborts, before and after it was sent', async () => {
    const { server, client, address } = await startServer();
    server.register(OTHER, () => undefined);
    const connection = await client.connection(address);
    const abort = new AbortController();
    const waiting = client.invoke(address, request(OTHER), 3000, abort.signal);
    expect(connection.inFlight).toBe(1);
    abort.abort('changed my mind');
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED', cause: 'changed my mind' });
    expect(connection.inFlight).toBe(0);
    await expect(client.invoke(address, request(OTHER), 3000, abort.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
    await expect(newClient().client.connection(address, 3000, abort.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('stops waiting for a connection when the caller aborts', async () => {
    const { address } = await startServer();
    const { client } = newClient();
    const abort = new AbortController();
    const waiting = client.invoke(address, request(ECHO), 3000, abort.signal);
    const other = client.invoke(address, request(ECHO), 3000);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    expect((await other).code).toBe(0);
  });

  it('sends one-way requests, also as its last word', async () => {
    const { server, client, address } = await startServer();
    const seen: RemotingCommand[] = [];
    server.register(OTHER, (command) => {
      seen.push(command);
      return undefined;
    });
    await client.oneway(address, request(OTHER, { body: 'first' }));
    await client.oneway(address, request(OTHER, { body: 'last' }));
    await client.close();
    await until(() => seen.length === 2);
    expect(seen.map((command) => `${command.isOneway} ${command.body.toString()}`)).toEqual([
      'true first',
      'true last',
    ]);
  });

  it('refuses a request that no frame can hold, and goes on', async () => {
    const { client, address } = await startServer();
    const huge = RemotingCommand.request(ECHO, undefined, Buffer.alloc(16 * 1024 * 1024));
    await expect(client.invoke(address, huge, 3000)).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      address,
    });
    await expect(client.oneway(address, huge)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect((await client.invoke(address, request(ECHO), 3000)).code).toBe(0);
  });

  it('gives the answer of a frame the caller wrote to its handler, without a copy', async () => {
    const { server, client, address } = await startServer();
    server.registerHot(HOT, (connection, header) => {
      connection.respond(
        RemotingCommand.response(header, 7, 'hot', new Map([['a', 'b']]), Buffer.from('body')),
      );
      return true;
    });
    const connection = await client.connection(address);
    const seen: string[] = [];
    const handler = {
      onResponse: (header: HeaderView, buffer: Buffer, start: number, end: number) =>
        void seen.push(`${header.code} ${header.get('a')} ${buffer.toString('utf8', start, end)}`),
      onError: (error: RocketMQError) => void seen.push(error.code),
    };
    for (let i = 0; i < 3; i++) {
      const command = request(HOT, { opaque: connection.nextOpaque() });
      expect(connection.expect(command.opaque, 3000, handler)).toBe(true);
      connection.write(encodeCommand(command));
    }
    await until(() => seen.length === 3);
    expect(seen).toEqual(['7 b body', '7 b body', '7 b body']);
    connection.close();
    expect(connection.expect(connection.nextOpaque(), 3000, handler)).toBe(false);
    expect(seen[3]).toBe('CONNECTION_CLOSED');
  });

  it('sends a request once more on a new connection when it is told to go away', async () => {
    const { server, client, address, clock } = await startServer();
    const connections: number[] = [];
    server.register(OTHER, (command, connection) => {
      connections.push(connection.id);
      const first = connection.id === connections[0];
      return RemotingCommand.response(command, first ? ResponseCode.GO_AWAY : ResponseCode.SUCCESS);
    });
    let late: (() => void) | undefined;
    server.register(HOT, (command) => {
      return new Promise((resolve) => {
        late = () => resolve(RemotingCommand.response(command, ResponseCode.SUCCESS, 'late'));
      });
    });
    await client.invoke(address, request(ECHO), 3000);
    const waiting = client.invoke(address, request(HOT), 3000);
    expect((await client.invoke(address, request(OTHER), 3000)).code).toBe(ResponseCode.SUCCESS);
    expect(new Set(connections).size).toBe(2);
    // The old connection still brings what was asked on it, and goes then.
    clock.advance(1000);
    await until(() => late !== undefined);
    expect(server.connections.size).toBe(2);
    late?.();
    expect((await waiting).remark).toBe('late');
    clock.advance(1000);
    await until(() => server.connections.size === 1);
    expect((await client.invoke(address, request(OTHER), 3000)).code).toBe(ResponseCode.SUCCESS);
  });
});
