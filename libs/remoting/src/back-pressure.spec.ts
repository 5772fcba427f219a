import { encodeCommand, RemotingCommand } from '@nest-rocketmq/protocol';
import { OTHER, request, startServer, stopAll, stopLater, turns, until } from './harness.fixture.ts';
import { RemotingClient } from './remoting-client.ts';
import { Tick } from './tick.ts';

afterEach(stopAll);

const KiB = 1024;
const MiB = 1024 * KiB;

/** A server that answers {@link OTHER} with so many bytes, and counts. */
async function startGenerousServer(options: Parameters<typeof startServer>[0], answerBytes: number) {
  const started = await startServer(options);
  const counts = { served: 0 };
  started.server.register(OTHER, (command) => {
    counts.served++;
    return RemotingCommand.response(
      command,
      0,
      undefined,
      undefined,
      Buffer.alloc(answerBytes, command.opaque & 0xff),
    );
  });
  const reasons: string[] = [];
  started.server.onDisconnect((_connection, reason) => reasons.push(reason));
  return { ...started, counts, reasons };
}

function requests(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => encodeCommand(request(OTHER, { opaque: i }))));
}

describe('a slow reader', () => {
  it.each([true, false])(
    'is not read from until it has caught up (shared reads: %s)',
    async (sharedReads) => {
      const { server, raw, counts } = await startGenerousServer({ sharedReads }, 256 * KiB);
      const peer = raw();
      const total = 120;
      peer.socket.pause();
      peer.socket.write(requests(total));
      await until(() => counts.served > 0);
      await turns(200);
      const [connection] = server.connections;
      expect(counts.served).toBeLessThan(total);
      expect(connection?.queuedBytes).toBeGreaterThan(0);
      expect(connection?.queuedBytes).toBeLessThan(MiB + 300 * KiB);

      peer.socket.resume();
      const answers = await peer.answers(total);
      expect(answers.map((answer) => answer.opaque)).toEqual(Array.from({ length: total }, (_, i) => i));
      expect(answers.every((answer, i) => answer.body.equals(Buffer.alloc(256 * KiB, i & 0xff)))).toBe(true);
      // And it is served like any other afterwards.
      peer.socket.write(requests(1));
      expect((await peer.answers(total + 1)).length).toBe(total + 1);
      expect(connection?.queuedBytes).toBe(0);
    },
  );

  it('is made to wait with what it sends', async () => {
    const { raw, counts } = await startGenerousServer({}, 256 * KiB);
    const peer = raw();
    peer.socket.pause();
    const sent = encodeCommand(request(OTHER, { body: 'x'.repeat(MiB) }));
    for (let i = 0; i < 60; i++) peer.socket.write(sent);
    await until(() => counts.served > 0);
    await turns(300);
    // What the kernel's buffers do not hold is still at the sender.
    expect(peer.socket.writableLength).toBeGreaterThan(20 * MiB);
    peer.socket.resume();
    expect((await peer.answers(60)).length).toBe(60);
  });

  it('does not hold up others', async () => {
    const { client, address, raw, counts } = await startGenerousServer({}, 256 * KiB);
    const peer = raw();
    peer.socket.pause();
    peer.socket.write(requests(120));
    await until(() => counts.served > 0);
    const answer = await client.invoke(address, request(OTHER), 3000);
    expect(answer.body.length).toBe(256 * KiB);
  });

  it('loses its connection when more than the limit waits for it', async () => {
    const { server, raw, reasons } = await startGenerousServer({ limits: { maxQueuedBytes: 8 * MiB } }, 10);
    const peer = raw();
    peer.socket.pause();
    await until(() => server.connections.size === 1);
    const [connection] = server.connections;
    for (let i = 0; i < 100; i++) connection?.write(Buffer.alloc(MiB));
    // Its memory is given back at once; the listeners hear of it at the end of the turn.
    expect(connection?.queuedBytes).toBe(0);
    expect(reasons).toEqual([]);
    await until(() => reasons.length === 1);
    expect(reasons).toEqual([`more than ${8 * MiB} bytes wait for the peer to read them`]);
    await until(() => server.connections.size === 0);
  });

  it('loses its connection when it takes nothing for 60 s', async () => {
    const { server, raw, counts, reasons, clock } = await startGenerousServer({}, MiB);
    const peer = raw();
    peer.socket.pause();
    peer.socket.write(requests(50));
    await until(() => counts.served > 0);
    await turns(200);
    await clock.advanceAsync(59_000);
    expect(reasons).toEqual([]);
    await clock.advanceAsync(3000);
    await until(() => server.connections.size === 0);
    expect(reasons).toEqual(['the peer read nothing of what waited for it for 60000 ms']);
  });
});

describe('a slow server', () => {
  it('lets the client go on reading answers, and refuses requests when too much waits', async () => {
    const { server, address } = await startServer();
    const client = new RemotingClient({ limits: { maxQueuedBytes: 4 * MiB } });
    stopLater(() => client.close());
    const connection = await client.connection(address);
    await until(() => server.connections.size === 1);
    const body = Buffer.alloc(MiB);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, () =>
        connection.request(RemotingCommand.request(900, undefined, body), 60_000),
      ),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused.length).toBeGreaterThan(0);
    for (const outcome of refused) expect(outcome.reason).toMatchObject({ code: 'OVERLOADED', address });
    // Those that were taken are all answered, and the connection goes on.
    expect(outcomes.length - refused.length).toBeGreaterThan(2);
    expect((await connection.request(request(900), 3000)).code).toBe(0);
  });

  it('never leaves two ends waiting for each other', async () => {
    const { client, address } = await startServer();
    const body = Buffer.alloc(400 * KiB, 'x');
    // More than both high-water marks and both kernels' buffers, in both directions at once.
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        client.invoke(address, RemotingCommand.request(900, undefined, body), 60_000),
      ),
    );
    expect(answers.every((answer) => answer.body.length === body.length)).toBe(true);
  });
});

describe('commits', () => {
  it('come before every answer', async () => {
    const tick = new Tick();
    let appended = 0;
    let committed = 0;
    const { server, raw } = await startServer({ tick });
    tick.onCommit(() => (committed = appended));
    const uncommitted: number[] = [];
    server.registerHot(OTHER, (connection, header) => {
      appended++;
      const frame = encodeCommand(
        RemotingCommand.response(header, 0, undefined, undefined, Buffer.alloc(300 * KiB)),
      );
      connection.write(frame);
      return true;
    });
    const peer = raw();
    let seen = 0;
    const frameBytes = encodeCommand(
      RemotingCommand.response(request(1), 0, undefined, undefined, Buffer.alloc(300 * KiB)),
    ).length;
    peer.socket.on('data', () => {
      seen = Math.floor(peer.length / frameBytes);
      if (seen > committed) uncommitted.push(seen);
    });
    peer.socket.write(requests(60));
    await peer.answers(60);
    expect(uncommitted).toEqual([]);
    expect(committed).toBe(60);
  });

  it('that fail let no answer leave', async () => {
    const tick = new Tick();
    const { server, raw } = await startServer({ tick });
    const remove = tick.onCommit(() => {
      throw new Error('disk');
    });
    let thrown: unknown;
    server.registerHot(OTHER, (connection, header) => {
      connection.respond(RemotingCommand.response(header, 0));
      // As the tick does at the end of the turn, where the error would end the process.
      try {
        tick.flushNow();
      } catch (error) {
        thrown = error;
      }
      remove();
      tick.onCommit(() => connection.close('stopped'));
      return true;
    });
    const peer = raw();
    peer.socket.write(requests(1));
    await until(() => peer.closed);
    expect(thrown).toMatchObject({ message: 'disk' });
    expect(peer.length).toBe(0);
  });
});
