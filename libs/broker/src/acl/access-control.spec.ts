import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  HeartbeatData,
  LockBatchRequestBody,
  RemotingCommand,
  RequestCode,
  requestCodeName,
} from '@nest-rocketmq/protocol';
import { ManualClock } from '@nest-rocketmq/runtime';
import { TestBroker } from '../../test/test-broker.ts';
import { HOT_PROCESSORS, PROCESSORS } from '../processors/index.ts';
import { COMMAND_ACCESS } from './command-access.ts';

const ACCOUNTS = `accounts:
- accessKey: producer-1
  secretKey: secret-of-p
  topicPerms: [orders=PUB]
- accessKey: consumer-1
  secretKey: secret-of-c
  defaultTopicPerm: SUB
  topicPerms: [secrets=DENY]
  groupPerms: [stock=SUB]
- accessKey: administrator
  secretKey: secret-of-a
  admin: true
- accessKey: elsewhere
  secretKey: secret-of-e
  admin: true
  whiteRemoteAddress: 10.0.0.*
`;
/** The codes by which changes of the access files fail. */
const FAILED = new Map([
  [50, 209],
  [51, 210],
  [53, 211],
]);
const SECRETS: Record<string, string> = {
  'producer-1': 'secret-of-p',
  'consumer-1': 'secret-of-c',
  administrator: 'secret-of-a',
  elsewhere: 'secret-of-e',
  newcomer: 'unknown',
};

type Fields = Record<string, string>;

function signed(account: string, code: number, fields: Fields = {}, body = 'body'): RemotingCommand {
  const request = RemotingCommand.request(code, new Map(Object.entries(fields)), Buffer.from(body));
  request.extFields.set('AccessKey', account);
  const values = [...request.extFields].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
  const hmac = createHmac('sha1', SECRETS[account] ?? 'unknown')
    .update(values.join(''))
    .update(body);
  request.extFields.set('Signature', hmac.digest('base64'));
  return request;
}

const send = (topic: string): Fields => ({
  a: 'PG',
  b: topic,
  c: 'TBW102',
  d: '4',
  e: '0',
  f: '0',
  g: '1',
  h: '0',
  i: '',
  j: '0',
  k: 'false',
  m: 'false',
});

describe('every command that the broker serves', () => {
  it('has an entry in the table of permissions', () => {
    const served = [...HOT_PROCESSORS, ...PROCESSORS].map(([code]) => code);
    expect(served.filter((code) => !COMMAND_ACCESS.has(code)).map(requestCodeName)).toEqual([]);
  });
});

describe('a broker with access control', () => {
  let conf: string;
  let broker: TestBroker;
  const clock = new ManualClock();

  beforeEach(async () => {
    const home = mkdtempSync(join(tmpdir(), 'acl-'));
    conf = join(home, 'conf');
    mkdirSync(conf);
    writeFileSync(join(conf, 'plain_acl.yml'), ACCOUNTS);
    broker = await TestBroker.start({ aclEnable: true, rocketmqHome: home }, { clock });
  });

  afterEach(async () => {
    await broker.stop();
    rmSync(join(conf, '..'), { recursive: true });
  });

  async function ask(request: RemotingCommand): Promise<[number, string | undefined]> {
    const { code, remark } = await broker.client.invoke(broker.address, request, 5000);
    return [code, remark];
  }
  const asks = (account: string, code: number, fields?: Fields, body?: string) =>
    ask(signed(account, code, fields, body));

  it('serves nobody who is nobody, on hot paths and others, known codes and unknown', async () => {
    for (const code of [310, 11, 34, 28, 105, 7777]) {
      expect(await ask(RemotingCommand.request(code, new Map(Object.entries(send('orders')))))).toEqual([
        16,
        'No accessKey is configured',
      ]);
    }
    expect(await asks('stranger', 310, send('orders'))).toEqual([16, 'No acl config for stranger']);
  });

  it('serves only what is signed by the one it claims to be from, and not changed since', async () => {
    const request = (): RemotingCommand => signed('producer-1', 310, send('orders'), 'body');
    expect((await ask(request()))[0]).toBe(0);
    const refused = [16, 'Check signature failed for accessKey=producer-1'];
    const changes: ((command: RemotingCommand) => unknown)[] = [
      (command) => command.extFields.set('b', 'other'),
      (command) => command.extFields.set('extra', 'x'),
      (command) => command.extFields.delete('Signature'),
      (command) => command.extFields.set('Signature', ''),
      (command) => command.extFields.set('Signature', 'AAAA'),
      (command) => (command.body = Buffer.from('b0dy')),
      (command) => command.extFields.set('AccessKey', 'producer-1').set('SecurityToken', 'x'),
    ];
    for (const change of changes) {
      const command = request();
      change(command);
      expect(await ask(command)).toEqual(refused);
    }
  });

  it('lets producers send to their topics alone', async () => {
    expect((await asks('producer-1', 310, send('orders')))[0]).toBe(0);
    expect(await asks('producer-1', 310, send('other'))).toEqual([
      16,
      'No default permission for topic:other',
    ]);
    expect(await asks('consumer-1', 310, send('orders'))).toEqual([
      16,
      'No default permission for topic:orders',
    ]);
    const oldForm = { topic: 'other', producerGroup: 'PG' };
    expect(await asks('producer-1', 10, oldForm)).toEqual([16, 'No default permission for topic:other']);
    expect((await asks('producer-1', 310, send('RMQ_SYS_TRACE_TOPIC')))[0]).toBe(0);
  });

  it('lets consumers read as their groups alone', async () => {
    const pull = (group: string, topic: string): Fields => ({ consumerGroup: group, topic, queueId: '0' });
    const denied = async (code: number, fields: Fields, what: string, body?: string): Promise<void> =>
      expect(await asks('consumer-1', code, fields, body)).toEqual([16, `No default permission for ${what}`]);
    await denied(11, pull('stock', 'secrets'), 'topic:secrets');
    await denied(11, pull('other', 'orders'), 'group:other');
    await denied(11, pull('stock', '%RETRY%other'), 'group:other');
    await denied(14, pull('other', 'orders'), 'group:other');
    await denied(15, pull('other', 'orders'), 'group:other');
    await denied(38, { consumerGroup: 'other' }, 'group:other');
    await denied(36, { group: 'stock', originTopic: 'secrets' }, 'topic:secrets');
    await denied(310, send('%RETRY%other'), 'group:other');
    expect((await asks('consumer-1', 11, pull('stock', 'orders')))[1]).not.toContain('permission for');
    expect((await asks('consumer-1', 11, pull('stock', '%RETRY%stock')))[1]).not.toContain('permission for');
    // What was popped and revived is acknowledged in the retry topic of its group and topic.
    await denied(200_051, pull('stock', '%RETRY%stock_secrets'), 'topic:secrets');
    await denied(200_051, pull('stock', '%RETRY%other_orders'), 'group:other_orders');
    const revived = await asks('consumer-1', 200_051, pull('stock', '%RETRY%stock_orders'));
    expect(revived[1]).not.toContain('permission for');
  });

  it('reads bodies where they say what a command touches', async () => {
    const heartbeat = (group: string, topic: string): string =>
      HeartbeatData.encode({
        clientID: 'c',
        producerDataSet: [],
        consumerDataSet: [
          {
            groupName: group,
            consumeType: 'CONSUME_PASSIVELY',
            messageModel: 'CLUSTERING',
            consumeFromWhere: 'CONSUME_FROM_LAST_OFFSET',
            subscriptionDataSet: [
              {
                classFilterMode: false,
                topic,
                subString: '*',
                tagsSet: [],
                codeSet: [],
                subVersion: 1,
                expressionType: 'TAG',
              },
            ],
            unitMode: false,
          },
        ],
        heartbeatFingerprint: 0,
        withoutSub: false,
      }).toString();
    expect((await asks('consumer-1', 34, {}, heartbeat('stock', 'orders')))[0]).toBe(0);
    expect((await asks('consumer-1', 34, {}, heartbeat('stock', 'secrets')))[1]).toContain('topic:secrets');
    expect((await asks('consumer-1', 34, {}, heartbeat('other', 'orders')))[1]).toContain('group:other');
    const lock = LockBatchRequestBody.encode({
      consumerGroup: 'other',
      clientId: 'c',
      onlyThisBroker: false,
      mqSet: [{ topic: 'orders', brokerName: 'broker-a', queueId: 0 }],
    }).toString();
    for (const code of [41, 42])
      expect((await asks('consumer-1', code, {}, lock))[1]).toContain('group:other');
  });

  it('lets administrators alone change and look into the broker', async () => {
    for (const code of [RequestCode.GET_BROKER_CONFIG, RequestCode.GET_ALL_TOPIC_CONFIG]) {
      expect((await asks('administrator', code))[0]).toBe(0);
      const [refused, remark] = await asks('consumer-1', code);
      expect(refused).toBe(16);
      expect(remark).toContain(`Need admin permission for request code=${code}`);
    }
    expect((await asks('administrator', 310, send('anything')))[0]).toBe(0);
    expect(await asks('administrator', 7777)).toEqual([3, 'request type 7777 not supported']);
  });

  it('lets whitelists narrow, and never widen', async () => {
    const [code, remark] = await asks('elsewhere', 28);
    expect(code).toBe(16);
    expect(remark).toContain('accessKey=elsewhere must not be used from 127.0.0.1');
    expect((await asks('administrator', 28))[0]).toBe(0);

    change('globalWhiteRemoteAddresses:\n- 127.0.0.1\n' + ACCOUNTS);
    expect((await asks('administrator', 28))[0]).toBe(0);
    const unsigned = RemotingCommand.request(28, new Map());
    expect(await ask(unsigned)).toEqual([16, 'No accessKey is configured']);
    expect((await asks('elsewhere', 28))[0]).toBe(16);

    change('globalWhiteRemoteAddresses:\n- 10.0.0.1\n' + ACCOUNTS);
    expect((await asks('administrator', 28))[0]).toBe(16);
  });

  it('reads its files again when they change, and keeps to the old ones while they are wrong', async () => {
    change(ACCOUNTS.replace('orders=PUB', 'orders=PUB, other=PUB'));
    expect((await asks('producer-1', 310, send('other')))[0]).toBe(0);
    change('accounts: [');
    expect((await asks('producer-1', 310, send('other')))[0]).toBe(0);
    change('accounts: []\n');
    expect((await asks('producer-1', 310, send('other')))[0]).toBe(0);

    change(ACCOUNTS);
    expect((await asks('producer-1', 310, send('other')))[0]).toBe(16);
    mkdirSync(join(conf, 'acl', 'team'), { recursive: true });
    writeFileSync(
      join(conf, 'acl', 'team', 'more.yml'),
      'accounts:\n- accessKey: newcomer\n  secretKey: unknown\n  admin: true\n',
    );
    clock.advance(500);
    expect((await asks('newcomer', 28))[0]).toBe(0);
  });

  describe('changed as mqadmin of 4.x does (50 to 54)', () => {
    const file = (): string => readFileSync(join(conf, 'plain_acl.yml'), 'utf8');

    it('creates, changes and deletes accounts, at once and in the file', async () => {
      const account = {
        accessKey: 'newcomer',
        secretKey: 'unknown',
        admin: 'false',
        topicPerms: 'orders=PUB, x=SUB',
      };
      expect(await asks('administrator', 50, account)).toEqual([0, undefined]);
      expect((await asks('newcomer', 310, send('orders')))[0]).toBe(0);
      expect((await asks('newcomer', 310, send('other')))[0]).toBe(16);
      expect(await asks('administrator', 50, { accessKey: 'newcomer', defaultTopicPerm: 'PUB' })).toEqual([
        0,
        undefined,
      ]);
      expect((await asks('newcomer', 310, send('other')))[0]).toBe(0);
      expect(file()).toContain('- accessKey: newcomer\n  secretKey: unknown\n  admin: false\n');
      expect(await asks('administrator', 51, { accessKey: 'newcomer' })).toEqual([0, undefined]);
      expect(await asks('newcomer', 310, send('orders'))).toEqual([16, 'No acl config for newcomer']);
      expect((await asks('producer-1', 310, send('orders')))[0]).toBe(0);
    });

    it('tells the versions of the files', async () => {
      await asks('administrator', 50, { accessKey: 'newcomer', secretKey: 'unknown' });
      const { extFields } = await broker.client.invoke(broker.address, signed('administrator', 52), 5000);
      expect(JSON.parse(extFields.get('version') ?? '')).toMatchObject({ counter: 1 });
      expect(JSON.parse(extFields.get('allAclFileVersion') ?? '')).toEqual({
        [join(conf, 'plain_acl.yml')]: expect.objectContaining({ counter: 1 }),
      });
      expect(extFields.get('brokerName')).toBe('broker-a');
    });

    it('tells what the files say, but no secret', async () => {
      const account = { accessKey: 'newcomer', secretKey: 'unspoken', topicPerms: 'orders=PUB, x=SUB' };
      await asks('administrator', 50, { ...account, whiteRemoteAddress: '127.0.0.1', groupPerms: 'g=SUB' });
      await asks('administrator', 53, { globalWhiteAddrs: '127.0.0.1' });
      const { body } = await broker.client.invoke(broker.address, signed('administrator', 54), 5000);
      const { globalWhiteAddrs, plainAccessConfigs } = JSON.parse(body.toString()) as {
        globalWhiteAddrs: string[];
        plainAccessConfigs: { accessKey: string; admin: boolean }[];
      };
      expect(globalWhiteAddrs).toEqual(['127.0.0.1']);
      expect(plainAccessConfigs.find(({ accessKey }) => accessKey === 'newcomer')).toEqual({
        accessKey: 'newcomer',
        whiteRemoteAddress: '127.0.0.1',
        admin: false,
        topicPerms: ['orders=PUB', 'x=SUB'],
        groupPerms: ['g=SUB'],
      });
      expect(plainAccessConfigs.find(({ accessKey }) => accessKey === 'administrator')?.admin).toBe(true);
      expect(body.toString()).not.toMatch(/secretKey|unspoken/);
    });

    it('sets the whitelist, which narrows', async () => {
      expect(await asks('administrator', 53, { globalWhiteAddrs: '127.0.0.1,10.0.0.*' })).toEqual([
        0,
        undefined,
      ]);
      expect((await asks('administrator', 28))[0]).toBe(0);
      expect(file()).toContain('globalWhiteRemoteAddresses:\n- 127.0.0.1\n- 10.0.0.*\n');
      expect(await asks('administrator', 53, { globalWhiteAddrs: '10.0.0.1' })).toEqual([0, undefined]);
      expect((await asks('administrator', 28))[0]).toBe(16);
    });

    it('refuses what is not legal, and files that are none of its own, and changes nothing', async () => {
      const refused: [number, Fields, string][] = [
        [50, { accessKey: 'short', secretKey: 'unknown' }, 'more than 6 characters'],
        [50, { accessKey: 'newcomer', secretKey: 'unknown', topicPerms: 'x=EVERYTHING' }, 'topicPerms of x'],
        [50, { accessKey: 'newcomer', secretKey: 'unknown', whiteRemoteAddress: 'here' }, 'names no remote'],
        [51, { accessKey: 'nobody-at-all' }, 'there is no such account'],
        [53, { globalWhiteAddrs: 'here' }, 'names no remote'],
        [53, { globalWhiteAddrs: '*', aclFileFullPath: '/etc/passwd' }, 'none of the access files'],
      ];
      for (const [code, fields, reason] of refused) {
        const [answered, remark] = await asks('administrator', code, fields);
        expect([code, answered]).toEqual([code, FAILED.get(code)]);
        expect(remark).toContain(reason);
      }
      for (const code of [50, 51, 52, 53, 54]) expect((await asks('producer-1', code))[0]).toBe(16);
      expect(file()).toBe(ACCOUNTS);
    });
  });

  let stamp = 1_000_000;
  /** Writes the file, and lets the broker notice. */
  function change(text: string): void {
    const path = join(conf, 'plain_acl.yml');
    writeFileSync(path, text);
    utimesSync(path, stamp, stamp);
    stamp += 10;
    clock.advance(500);
  }
});

describe('a broker with access control and nobody to use it', () => {
  it('does not start', async () => {
    const home = mkdtempSync(join(tmpdir(), 'acl-'));
    await expect(TestBroker.start({ aclEnable: true, rocketmqHome: home })).rejects.toThrow(
      'there is no account in',
    );
    rmSync(home, { recursive: true });
  });
});
