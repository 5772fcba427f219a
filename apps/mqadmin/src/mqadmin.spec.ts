import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefaultMQProducer, DefaultMQPushConsumer, MQAdmin } from '@nest-rocketmq/client';
import { TestCluster } from '@nest-rocketmq/testing';
import { authority, SecureCluster } from '../../../test/support/secure-cluster.ts';
import { mqadmin as shell } from './shell.ts';

const BIN = fileURLToPath(new URL('../bin/mqadmin.js', import.meta.url));

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the command as its user does; `interruptAt`: who presses Ctrl-C, once, when the output has that. */
function mqadmin(args: string[], environment: NodeJS.ProcessEnv = {}, interruptAt?: string): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...args], {
      env: { PATH: process.env.PATH, TZ: 'UTC', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    let waiting = interruptAt !== undefined;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (!waiting || !out.includes(interruptAt ?? '')) return;
      waiting = false;
      child.kill('SIGINT');
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

/** The same in this process, for what is about the command line alone. */
async function inProcess(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const code = await shell(args, {
    environment,
    signal: new AbortController().signal,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

describe('mqadmin', () => {
  it("lists its commands, as Apache's does", async () => {
    const { code, out, err } = await mqadmin([]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^The most commonly used mqadmin commands are:\n {3}\S/);
    expect(out).toMatch(/^ {3}deadLetterList {22}List the dead letters/m);
    expect(out).toMatch(/\n\nSee 'mqadmin help <command>' for more information on a specific command\.\n$/);
  });

  it('explains a command, whatever the case of its name', async () => {
    const { code, out } = await mqadmin(['help', 'DEADLETTERreplay']);
    expect(code).toBe(0);
    for (const option of ['-g, --consumerGroup', '-n, --namesrvAddr', '--rate', '-d, --dryRun', '--format'])
      expect(out).toContain(option);
    expect((await inProcess(['deadLetterReplay', '-h'])).out).toBe(out);
  });

  it('fails with a code', async () => {
    const { code, out, err } = await mqadmin(['topicLits']);
    expect({ code, out, err }).toEqual({
      code: 1,
      out: '',
      err: 'mqadmin: The sub command topicLits not exist. mqadmin alone lists them\n',
    });
  });

  it.each([
    [['topicLits'], 'The sub command topicLits not exist'],
    [['help', 'topicLits'], 'The sub command topicLits not exist'],
    [['deadLetterList'], "required option '-g, --consumerGroup <group>' not specified"],
    [['deadLetterList', '-g', 'g', '-z'], "unknown option '-z'"],
    [['deadLetterList', '-g', 'g', 'more'], 'too many arguments'],
    [['deadLetterList', '-g', 'g', '-b', 'yesterday'], "argument 'yesterday' is invalid"],
    [['deadLetterList', '-g', 'g', '-m', '0'], 'a whole number from 1 on'],
    [['deadLetterReplay', '-g', 'g', '--rate', '-1'], 'a number above 0'],
    [['deadLetterReplay', '-g', 'g', '--to', 'moon'], 'Allowed choices are topic, group'],
    [['deadLetterList', '-g', 'g'], 'no NameServer: give -n host:port, or set NAMESRV_ADDR'],
    [['deadLetterList', '-g', 'g', '-n', '127.0.0.1:1'], 'No NameServer can be reached (127.0.0.1:1)'],
    [['deadLetterList', '-g', 'g', '-n', 'a:1', '--trustCert', '/no/file'], 'there is no file /no/file'],
  ])('says in one line what is wrong, and fails: %j', async (args, expected) => {
    const { code, out, err } = await inProcess(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^mqadmin: [^\n]+\n$/);
    expect(err).toContain(expected);
  });
});

describe('the dead letters of a group', () => {
  const GROUP = 'stock-service';
  const ids: string[] = [];
  let cluster: TestCluster;
  let consumer: DefaultMQPushConsumer;

  const run = (command: string, ...args: string[]): Promise<Ran> =>
    mqadmin([command, '-g', GROUP, ...args], { NAMESRV_ADDR: cluster.nameServer });
  const json = async (command: string, ...args: string[]): Promise<unknown> =>
    JSON.parse((await run(command, ...args, '--format', 'json')).out);

  beforeAll(async () => {
    cluster = await TestCluster.start({ topics: ['order'] });
    const { nameServer } = cluster;
    consumer = new DefaultMQPushConsumer({
      group: GROUP,
      nameServer,
      consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
    });
    consumer.subscribe('order');
    consumer.onMessage((messages, context) => {
      for (const [i, { body, reconsumeTimes }] of messages.entries()) {
        // What is replayed is taken.
        if (reconsumeTimes > 0) continue;
        const reason = `shelf ${String(body)}\u001b[31m is gone`;
        context.reject(i, { REJECT_REASON: reason, REJECTED_BY: 'StockListener.take' });
      }
    });
    const producer = new DefaultMQProducer({ group: 'order-service', nameServer });
    await producer.start();
    for (const n of [1, 2, 3]) {
      const { msgId } = await producer.send({
        topic: 'order',
        tags: n === 3 ? 'paid' : 'created',
        keys: [`k${n}`],
        properties: { tenant: 'a' },
        body: n === 3 ? Buffer.from([0xff, 3]) : Buffer.from(`${n}`),
      });
      ids.push(msgId);
      // One after the other, so that they die in this order.
      if (n === 1) await consumer.start();
      await cluster.deadLetter(GROUP, `k${n}`);
    }
    await producer.shutdown();
    await consumer.shutdown();
  });

  afterAll(async () => {
    await cluster.stop();
  });

  it('are listed with the reason, whose control characters are escaped', async () => {
    const { code, out, err } = await run('deadLetterList');
    const [head, ...rows] = out.trimEnd().split('\n');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(head?.split(/ {2,}/)).toEqual([
      '#Died At',
      '#Message ID',
      '#Topic',
      '#Tag',
      '#Keys',
      '#Attempts',
      '#Reason',
    ]);
    expect(rows).toHaveLength(3);
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}$/);
    expect(rows[0]?.split(/ {2,}/)).toEqual([
      time,
      ids[0],
      'order',
      'created',
      'k1',
      '1',
      String.raw`shelf 1\x1b[31m is gone`,
    ]);
  });

  it('are found by tag, key, reason and time; as JSON too', async () => {
    const keys = async (...args: string[]) =>
      (
        JSON.parse(
          (
            await inProcess(['deadLetterList', '-g', GROUP, '--format', 'json', ...args], {
              NAMESRV_ADDR: cluster.nameServer,
            })
          ).out,
        ) as { keys: string[] }[]
      ).flatMap((letter) => letter.keys);
    expect(await keys()).toEqual(['k1', 'k2', 'k3']);
    expect(await keys('--tag', 'created', '-m', '1')).toEqual(['k1']);
    expect(await keys('-k', 'k2')).toEqual(['k2']);
    expect(await keys('-i', ids[2] ?? '')).toEqual(['k3']);
    expect(await keys('-r', 'shelf 2')).toEqual(['k2']);
    expect(await keys('-t', 'another')).toEqual([]);
    expect(await keys('-e', '2020-01-01#00:00:00:000')).toEqual([]);
    expect(await keys('-b', '2020-01-01#00:00:00:000', '-e', String(Date.now() + 60_000))).toHaveLength(3);
  });

  it('are shown whole', async () => {
    const { code, out } = await run('deadLetterShow', '-i', ids[1] ?? '');
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^Message ID: +${ids[1]}$`, 'm'));
    expect(out).toMatch(/^Reason: +shelf 2\\x1b\[31m is gone$/m);
    expect(out).toMatch(/^Rejected By: +StockListener\.take$/m);
    expect(out).toMatch(/^Properties: +\{.*tenant=a.*\}$/m);
    expect(out).toMatch(/^Body: +2$/m);
    expect(await json('deadLetterShow', '-i', ids[2] ?? '')).toMatchObject({
      group: GROUP,
      msgId: ids[2],
      topic: 'order',
      tag: 'paid',
      keys: ['k3'],
      rejectedBy: 'StockListener.take',
      properties: { tenant: 'a' },
      body: { base64: '/wM=' },
    });
    const missing = await run('deadLetterShow', '-i', 'nobody');
    expect(missing).toEqual({
      code: 1,
      out: '',
      err: `mqadmin: the group ${GROUP} has no dead letter nobody\n`,
    });
  });

  it('are sent again: shown first, limited, and gone on with', async () => {
    const before = (await cluster.messages('order')).length;
    const dry = await run('deadLetterReplay', '--dryRun', '--tag', 'created');
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(dry.out).toMatch(/^#Message ID .*#Would Be Sent To$/m);
    expect(dry.out).toMatch(new RegExp(`^${ids[0]} .* order$`, 'm'));
    expect(dry.out).toContain('\n2 would be sent, 0 failed\n');
    expect(dry.out).not.toContain('--position');
    expect(await cluster.messages('order')).toHaveLength(before);

    const first = await run('deadLetterReplay', '-m', '1');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(new RegExp(`^${ids[0]} .* SEND_OK$`, 'm'));
    const [, position = ''] = /--position (\S+)/.exec(first.out) ?? [];
    expect(position).toBe('broker-a:0:1');

    expect(await json('deadLetterReplay', '--position', position)).toEqual({
      dryRun: false,
      replayed: 2,
      topics: { order: 2 },
      failed: [],
      position: 'broker-a:0:3',
    });
    const again = (await cluster.messages('order')).slice(before);
    expect(again.map(({ msgId }) => msgId).toSorted()).toEqual(ids.toSorted());
    expect(again[0]?.properties.get('tenant')).toBe('a');
    expect(again[0]?.properties.has('REJECT_REASON')).toBe(false);
    expect((await run('deadLetterReplay', '--position', 'there')).err).toContain('like broker-a:0:17');
  });

  it('are sent again to the group alone, at a rate', async () => {
    const before = (await cluster.messages('order')).length;
    const started = performance.now();
    const { code, out } = await run('deadLetterReplay', '--to', 'group', '--rate', '10');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringContaining('3 sent, 0 failed') });
    expect(performance.now() - started).toBeGreaterThan(200);
    expect(await cluster.messages('order')).toHaveLength(before);
    expect(await cluster.messages(`%RETRY%${GROUP}`)).toHaveLength(3);
  });

  it('are left where they are by Ctrl-C, which says how far it came', async () => {
    const args = [
      'deadLetterReplay',
      '-g',
      GROUP,
      '--rate',
      '0.1',
      '--to',
      'group',
      '-n',
      cluster.nameServer,
    ];
    const { code, out, err } = await mqadmin(args, {}, 'SEND_OK');
    expect({ code, err }).toEqual({ code: 1, err: 'mqadmin: interrupted: not all were looked at\n' });
    expect(out).toContain('1 sent, 0 failed\nto go on behind them: --position broker-a:0:1\n');
  });

  it('are none of a group that has none', async () => {
    const { code, out } = await mqadmin(['deadLetterList', '-g', 'other', '-n', cluster.nameServer]);
    expect({ code, lines: out.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 1 });
  });
});

describe('a cluster with TLS and access control', () => {
  let secure: SecureCluster;

  beforeAll(async () => {
    secure = await SecureCluster.start(
      'accounts:\n- accessKey: operator\n  secretKey: the-secret\n  admin: true\n',
    );
    const operator = new MQAdmin({
      nameServer: secure.nameServer,
      accessKey: 'operator',
      secretKey: 'the-secret',
      tls: authority,
    });
    await operator.start();
    await operator.createTopic('%DLQ%stock-service');
    await operator.shutdown();
  });

  afterAll(() => secure.remove());

  const list = (environment: NodeJS.ProcessEnv, ...args: string[]): Promise<Ran> =>
    mqadmin(['deadLetterList', '-g', 'stock-service', '-n', secure.nameServer, ...args], environment);
  const trust = ['--trustCert', authority.trustCertPath];

  it('is asked with the account of the environment, or of tools.yml', async () => {
    const account = { ROCKETMQ_ACCESS_KEY: 'operator', ROCKETMQ_SECRET_KEY: 'the-secret' };
    expect(await list(account, ...trust)).toMatchObject({ code: 0, err: '' });
    writeFileSync(join(secure.home, 'conf', 'tools.yml'), 'accessKey: operator\nsecretKey: "the-secret"\n');
    expect(await list({ ROCKETMQ_HOME: secure.home }, ...trust)).toMatchObject({ code: 0, err: '' });
  });

  it('refuses who gives none, and who does not connect securely or trusts others', async () => {
    const anonymous = await list({}, ...trust);
    expect(anonymous).toMatchObject({ code: 1, err: expect.stringContaining('No accessKey') });
    expect(await list({})).toMatchObject({ code: 1, out: '' });
    expect(await list({}, '--tls')).toMatchObject({ code: 1, out: '' });
  });
});
