import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, silentLogger } from '@nest-rocketmq/runtime';
import {
  crc32,
  DataVersion,
  decodeCompressedRegisterBrokerBody,
  KVTable,
  QueryDataVersion,
  RegisterBroker,
  RegisterBrokerBody,
  RemotingCommand,
  ResponseCode,
  UnregisterBroker,
} from '@nest-rocketmq/protocol';
import { RemotingServer, ResponseError } from '@nest-rocketmq/remoting';
import { brokerConfig, type BrokerConfig } from '../config/broker-config.ts';
import { MemoryConfigFile } from '../config/testing/memory-config-file.ts';
import { defaultTopicConfig } from '../topic/initial-topics.ts';
import { TopicConfigManager } from '../topic/topic-config-manager.ts';
import { BrokerRegistration } from './broker-registration.ts';

/** A NameServer that keeps what it is asked. */
class RecordingNameServer {
  readonly requests: RemotingCommand[] = [];
  readonly #server: RemotingServer;
  onRequest = (): void => {};
  refuse = false;
  changed = true;
  body?: RemotingCommand['body'];
  address = '';

  constructor(port = 0) {
    this.#server = new RemotingServer({ host: '127.0.0.1', port });
    this.#server.registerDefault((request) => {
      this.requests.push(request);
      this.onRequest();
      if (this.refuse) throw new ResponseError(ResponseCode.SYSTEM_ERROR, 'not now');
      const fields =
        request.code === QueryDataVersion.code
          ? QueryDataVersion.response.encode({ changed: this.changed })
          : undefined;
      return RemotingCommand.response(request, ResponseCode.SUCCESS, undefined, fields, this.body);
    });
  }

  async start(): Promise<this> {
    const { host, port } = await this.#server.listen();
    this.address = `${host}:${port}`;
    return this;
  }

  get codes(): number[] {
    return this.requests.map((request) => request.code);
  }

  get connections(): number {
    return this.#server.connections.size;
  }

  stop(): Promise<void> {
    return this.#server.close();
  }
}

const ADDRESSES = { brokerAddr: '127.0.0.1:10911', haServerAddr: '127.0.0.1:10912' };

describe('BrokerRegistration', () => {
  let clock: ManualClock;
  let first: RecordingNameServer;
  let second: RecordingNameServer;
  let topics: TopicConfigManager;
  let registration: BrokerRegistration;
  let log: string[];

  const create = (config: Partial<BrokerConfig> = {}): void => {
    const overrides = {
      brokerName: 'broker-a',
      namesrvAddr: `${first.address};${second.address}`,
      ...config,
    };
    const complete = brokerConfig({ overrides });
    topics = new TopicConfigManager(complete, new MemoryConfigFile(), { clock });
    registration = new BrokerRegistration(complete, {
      topics,
      addresses: ADDRESSES,
      clock,
      logger: { ...silentLogger, info: (message) => log.push(message), warn: (message) => log.push(message) },
    });
  };
  const last = (): RemotingCommand => {
    const request = first.requests.at(-1);
    if (!request) throw new Error('nothing was asked');
    return request;
  };

  beforeEach(async () => {
    clock = new ManualClock();
    log = [];
    first = await new RecordingNameServer().start();
    second = await new RecordingNameServer().start();
    create();
  });
  afterEach(async () => {
    await registration.shutdown();
    await Promise.all([first.stop(), second.stop()]);
  });

  it('registers with every NameServer at start', async () => {
    await registration.start();
    expect([first.codes, second.codes]).toEqual([[103], [103]]);
    expect(registration.registeredWith).toEqual([first.address, second.address]);
    const request = last();
    expect(RegisterBroker.request.decode(request)).toEqual({
      brokerName: 'broker-a',
      brokerAddr: '127.0.0.1:10911',
      clusterName: 'DefaultCluster',
      haServerAddr: '127.0.0.1:10912',
      brokerId: 0,
      enableActingMaster: false,
      compressed: false,
      bodyCrc32: crc32(request.body),
    });
    const body = RegisterBrokerBody.decode(request.body);
    expect(body.topicConfigSerializeWrapper.topicConfigTable).toEqual(topics.topics);
    expect(body.topicConfigSerializeWrapper.dataVersion).toEqual(topics.dataVersion);
  });

  it('registers again after 10 s and then every period, on the same connection', async () => {
    await registration.start();
    clock.advance(10_000);
    await registration.settled();
    expect(first.codes).toEqual([103, 103]);
    clock.advance(29_999);
    await registration.settled();
    expect(first.codes).toHaveLength(2);
    clock.advance(1);
    await registration.settled();
    expect(first.codes).toHaveLength(3);
    expect(first.connections).toBe(1);
  });

  it.each([
    [1, 10_000],
    [3_600_000, 60_000],
  ])('keeps a period of %d ms within 10 to 60 s', async (registerNameServerPeriod, period) => {
    create({ registerNameServerPeriod });
    await registration.start();
    clock.advance(10_000);
    await registration.settled();
    clock.advance(period - 1);
    await registration.settled();
    expect(first.codes).toHaveLength(2);
    clock.advance(1);
    await registration.settled();
    expect(first.codes).toHaveLength(3);
  });

  it('registers a changed topic at once, and many changes together', async () => {
    await registration.start();
    for (let i = 0; i < 100; i++) topics.updateTopic(defaultTopicConfig(`t${i}`));
    await registration.settled();
    expect(first.codes).toHaveLength(2);
    const body = RegisterBrokerBody.decode(last().body);
    expect(body.topicConfigSerializeWrapper.topicConfigTable.has('t99')).toBe(true);
  });

  it('rests between registrations that take long when many follow one another', async () => {
    create({ namesrvAddr: first.address });
    first.onRequest = () => clock.advance(100);
    await registration.start();
    for (let i = 2; i <= 8; i++) {
      topics.updateTopic(defaultTopicConfig(`t${i}`));
      await registration.settled();
      expect(first.codes).toHaveLength(i);
    }
    topics.updateTopic(defaultTopicConfig('t9'));
    topics.updateTopic(defaultTopicConfig('t10'));
    clock.advance(399);
    await new Promise(setImmediate);
    expect(first.codes).toHaveLength(8);
    clock.advance(1);
    await registration.settled();
    expect(first.codes).toHaveLength(9);
  });

  it('masks the permissions that the broker does not give', async () => {
    create({ brokerPermission: 4 });
    await registration.start();
    const table = RegisterBrokerBody.decode(last().body).topicConfigSerializeWrapper.topicConfigTable;
    expect(table.get('TBW102')?.perm).toBe(4);
    expect(topics.select('TBW102')?.perm).toBe(7);
  });

  it('compresses when told to', async () => {
    create({ compressedRegister: true });
    await registration.start();
    expect(RegisterBroker.request.decode(last())).toMatchObject({
      compressed: true,
      bodyCrc32: crc32(last().body),
    });
    const { topicConfigTable } = decodeCompressedRegisterBrokerBody(last().body).topicConfigSerializeWrapper;
    expect(topicConfigTable.size).toBe(topics.topics.size);
  });

  it('says how long a standing-in slave waits when acting masters are on', async () => {
    create({ enableSlaveActingMaster: true });
    await registration.start();
    expect(RegisterBroker.request.decode(last())).toMatchObject({
      enableActingMaster: true,
      heartbeatTimeoutMillis: 10_000,
    });
  });

  it('asks before it registers when not forced, and leaves it when nothing changed', async () => {
    create({ forceRegister: false });
    await registration.start();
    expect(first.codes).toEqual([322, 103]);
    expect(DataVersion.decode(first.requests[0]?.body ?? Buffer.alloc(0))).toEqual(topics.dataVersion);
    first.changed = false;
    clock.advance(10_000);
    await registration.settled();
    expect(first.codes).toEqual([322, 103, 322]);
  });

  it('takes the order marks over that a NameServer knows', async () => {
    first.body = KVTable.encode({ table: new Map([['BenchmarkTest', 'broker-a:4']]) });
    await registration.start();
    expect(topics.select('BenchmarkTest')?.order).toBe(true);
  });

  it('unregisters everywhere when it stops, and leaves no timer', async () => {
    await registration.start();
    await registration.shutdown();
    expect([first.codes, second.codes]).toEqual([
      [103, 104],
      [103, 104],
    ]);
    expect(UnregisterBroker.request.decode(last())).toMatchObject({ brokerName: 'broker-a', brokerId: 0 });
    expect(clock.pending).toBe(0);
    topics.updateTopic(defaultTopicConfig('late'));
    expect(first.codes).toHaveLength(2);
  });

  it('does nothing without a NameServer', async () => {
    create({ namesrvAddr: '' });
    await registration.start();
    expect(registration.registeredWith).toEqual([]);
  });

  describe('when a NameServer fails', () => {
    it('registers with the others, says so once, and comes back', async () => {
      const port = Number(second.address.split(':')[1]);
      await second.stop();
      await registration.start();
      expect(registration.registeredWith).toEqual([first.address]);
      for (let i = 0; i < 3; i++) await clock.advanceAsync(10_000, 1000);
      expect(log.filter((line) => line.includes('not known to NameServer'))).toHaveLength(1);
      second = await new RecordingNameServer(port).start();
      // Time stands while an attempt is under way.
      while (registration.registeredWith.length < 2) {
        clock.advance(1000);
        await registration.settled();
      }
      expect(log.filter((line) => line === `Registered with NameServer ${second.address}`)).toHaveLength(1);
    });

    it('case 37: registers again soon after the connection was lost', async () => {
      await registration.start();
      const port = Number(second.address.split(':')[1]);
      await second.stop();
      while (registration.registeredWith.length > 1) await new Promise(setImmediate);
      second = await new RecordingNameServer(port).start();
      clock.advance(1000);
      await registration.settled();
      expect(second.codes).not.toEqual([]);
      expect(registration.registeredWith).toHaveLength(2);
    });

    it('tries again when it is refused', async () => {
      first.refuse = true;
      await registration.start();
      expect(registration.registeredWith).toEqual([second.address]);
      expect(log).toContainEqual(expect.stringContaining(`not known to NameServer ${first.address}`));
      first.refuse = false;
      clock.advance(1000);
      await registration.settled();
      expect(registration.registeredWith).toHaveLength(2);
    });
  });
});
