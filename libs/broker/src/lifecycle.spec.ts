import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeRecords, RemotingCommand, RequestCode, ResponseCode } from '@nest-rocketmq/protocol';
import { RemotingClient } from '@nest-rocketmq/remoting';
import { ManualClock, RocketMQError } from '@nest-rocketmq/runtime';
import { nodeFileSystem, type FileSystem } from '@nest-rocketmq/store';
import { TestBroker } from '../test/test-broker.ts';
import { Broker } from './index.ts';

/** A port that nobody listens on, and that has a free one two below it. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const failure = async (promise: Promise<unknown>): Promise<RocketMQError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as RocketMQError,
  );

describe('the life of a broker', () => {
  it('goes on where it stopped', async () => {
    let broker = await TestBroker.start();
    for (let i = 0; i < 3; i++) await broker.send('T', `m${i}`);
    const { directory } = broker;
    await broker.stop();
    broker = await TestBroker.start({}, {}, directory);
    expect((await broker.send('T', 'm3')).extFields.get('queueOffset')).toBe('3');
    const records = decodeRecords((await broker.pull('CG', 'T', 0, 0)).body);
    expect(records.map((record) => record.body.toString())).toEqual(['m0', 'm1', 'm2', 'm3']);
    await broker.remove();
  });

  it('leaves no timer behind', async () => {
    const clock = new ManualClock(Date.now());
    const broker = await TestBroker.start({}, { clock });
    await broker.send('T', 'x');
    await broker.heartBeat('c', [{ groupName: 'CG' }]);
    const held = broker.pull('CG', 'T', 0, 1, { sysFlag: 6 }).catch((error: RocketMQError) => error.code);
    await broker.ask(RequestCode.GET_MAX_OFFSET, { topic: 'T', queueId: '0' });
    await broker.broker.shutdown();
    expect(clock.pending).toBe(0);
    expect(await held).toBe('CONNECTION_CLOSED');
    await broker.remove();
  });

  it('case 40: refuses a store that another broker holds, and takes it when that is gone', async () => {
    const first = await TestBroker.start();
    const error = await failure(TestBroker.start({}, {}, first.directory));
    expect([error.code, error.message]).toEqual([
      'STORE',
      expect.stringContaining('Lock failed, MQ already started'),
    ]);
    expect((await first.send('T', 'x')).code).toBe(ResponseCode.SUCCESS);
    await first.stop();
    await (await TestBroker.start({}, {}, first.directory)).remove();
  });

  it('says which port is taken, and gives the store back', async () => {
    const first = await TestBroker.start();
    const port = Number(first.address.split(':')[1]);
    const directory = join(tmpdir(), `broker-port-${process.pid}`);
    mkdirSync(directory);
    const error = await failure(TestBroker.start({ listenPort: port }, {}, directory));
    expect([error.code, error.message]).toEqual([
      'INVALID_CONFIG',
      expect.stringContaining(`127.0.0.1:${port}`),
    ]);
    await (await TestBroker.start({}, {}, directory)).remove();
    await first.remove();
  });

  it('listens on the VIP port too, and does not start when that is taken', async () => {
    const listenPort = await freePort();
    const broker = await TestBroker.start({ listenPort });
    const client = new RemotingClient();
    const request = RemotingCommand.request(RequestCode.GET_BROKER_CONFIG);
    expect((await client.invoke(`127.0.0.1:${listenPort - 2}`, request, 5000)).code).toBe(
      ResponseCode.SUCCESS,
    );
    await client.close();
    const directory = join(tmpdir(), `broker-vip-${process.pid}`);
    mkdirSync(directory);
    const error = await failure(TestBroker.start({ listenPort: listenPort + 2 }, {}, directory));
    expect(error.message).toContain(`127.0.0.1:${listenPort}`);
    rmSync(directory, { recursive: true });
    await broker.remove();
  });

  it('acknowledges nothing after a failed write, and asks for the end of the process', async () => {
    let failing = false;
    const fileSystem: FileSystem = Object.assign(Object.create(nodeFileSystem) as FileSystem, {
      write: (...args: Parameters<FileSystem['write']>) => {
        if (failing) throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return nodeFileSystem.write(...args);
      },
    });
    const exits: RocketMQError[] = [];
    let exit: () => void = () => undefined;
    const exited = new Promise<void>((resolve) => (exit = resolve));
    const broker = await TestBroker.start(
      {},
      {
        fileSystem,
        exit: (error) => {
          exits.push(error);
          exit();
        },
      },
    );
    await broker.send('T', 'x');
    failing = true;
    const lost = broker.send('T', 'y').then(
      (answer) => answer.code,
      (error: RocketMQError) => error.code,
    );
    await exited;
    expect(exits.map((error) => error.code)).toEqual(['STORE']);
    failing = false;
    expect((await broker.send('T', 'z')).code).toBe(ResponseCode.SERVICE_NOT_AVAILABLE);
    await broker.stop();
    expect(await lost).toBe('CONNECTION_CLOSED');
    rmSync(broker.directory, { recursive: true, force: true });
  });

  it('can be stopped while it starts', async () => {
    const clock = new ManualClock(Date.now());
    const storePathRootDir = mkdtempSync(join(tmpdir(), 'broker-'));
    const broker = new Broker({ storePathRootDir, listenPort: 0 }, { clock });
    const starting = broker.start();
    await broker.shutdown();
    await starting;
    expect(clock.pending).toBe(0);
    rmSync(storePathRootDir, { recursive: true });
  });

  it('sends its clients away before it closes, where it is told to', async () => {
    const clock = new ManualClock();
    const broker = await TestBroker.start({ enableShutdownGracefully: true }, { clock });
    expect((await broker.ask(RequestCode.GET_BROKER_CONFIG)).code).toBe(0);
    const stopping = broker.broker.shutdown();
    expect((await broker.ask(RequestCode.GET_BROKER_CONFIG)).code).toBe(ResponseCode.GO_AWAY);
    clock.advance(29_000);
    expect((await broker.ask(RequestCode.GET_BROKER_CONFIG)).code).toBe(ResponseCode.GO_AWAY);
    await broker.client.close();
    await stopping;
    expect(clock.pending).toBe(0);
    await broker.remove();
  });

  it('names a wrong setting before it touches anything', () => {
    expect(() => new Broker({ brokerRole: 'SLAVE', brokerId: 1 })).toThrow('brokerRole');
    expect(() => new Broker({ listenPort: -1 })).toThrow('listenPort');
  });

  it('tells its address only when it has one', async () => {
    const broker = await TestBroker.start();
    expect(broker.address).toMatch(/^127\.0\.0\.1:\d+$/);
    await expect(broker.broker.start()).rejects.toMatchObject({ code: 'WRONG_STATE' });
    await broker.remove();
    expect(() => new Broker({}).address).toThrow('no address');
  });
});
