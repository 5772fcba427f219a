import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseProperties, RequestCode } from '@nest-rocketmq/protocol';
import { TestBroker } from '../../test/test-broker.ts';
import { brokerConfigDefaults } from '../config/broker-config.ts';
import { CHANGEABLE_KEYS } from '../config/changeable-keys.ts';

describe('changing the configuration of a running broker (25)', () => {
  let directory: string;
  let path: string;
  let broker: TestBroker;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'conf-'));
    path = join(directory, 'broker.conf');
    writeFileSync(path, '# mine\nbrokerName = broker-a\nbrokerPermission=6\n');
    broker = await TestBroker.start({ brokerConfigPath: path });
  });

  afterEach(async () => {
    await broker.stop();
    rmSync(directory, { recursive: true });
  });

  async function update(text: string): Promise<[number, string | undefined]> {
    const { code, remark } = await broker.ask(RequestCode.UPDATE_BROKER_CONFIG, {}, Buffer.from(text));
    return [code, remark];
  }

  async function config(): Promise<ReadonlyMap<string, string>> {
    return parseProperties((await broker.ask(RequestCode.GET_BROKER_CONFIG)).body.toString());
  }

  it('counts at once, is shown, and is kept in the file of -c with all that stands there', async () => {
    expect((await broker.send('auto-1', 'x')).code).toBe(0);
    const versionBefore = broker.broker.config.brokerPermission;
    expect(versionBefore).toBe(6);
    expect(await update('autoCreateTopicEnable=false\nbrokerPermission=4\n')).toEqual([0, undefined]);
    expect((await broker.send('auto-2', 'x')).code).toBe(17);
    expect((await config()).get('autoCreateTopicEnable')).toBe('false');
    expect((await config()).get('brokerPermission')).toBe('4');
    expect(readFileSync(path, 'utf8')).toBe(
      '# mine\nbrokerName = broker-a\nbrokerPermission=4\nautoCreateTopicEnable=false\n',
    );
  });

  it('case 41: updateBrokerConfig with brokerConfigPath key is answered NO_PERMISSION', async () => {
    const [code, remark] = await update('brokerConfigPath=/etc/passwd\n');
    expect(code).toBe(16);
    expect(remark).toContain('Can not update config in black list');
  });

  it('refuses every key that is not on the list, and changes nothing then', async () => {
    const before = await config();
    const refused = [...Object.keys(brokerConfigDefaults), 'filterServerNums', 'unknown', '__proto__'].filter(
      (key) => !CHANGEABLE_KEYS.has(key),
    );
    expect(refused.length).toBeGreaterThan(50);
    for (const key of refused) {
      expect((await update(`autoCreateTopicEnable=false\n${key}=1\n`))[0]).toBe(16);
    }
    expect(await config()).toEqual(before);
    expect(readFileSync(path, 'utf8')).toBe('# mine\nbrokerName = broker-a\nbrokerPermission=6\n');
  });

  it.each([
    'autoCreateTopicEnable=maybe',
    'brokerPermission=16',
    'transactionCheckMax=0',
    'transactionTimeOut=x',
  ])('refuses %s with the key in the answer, and changes nothing', async (text) => {
    const before = await config();
    const [code, remark] = await update(`rejectTransactionMessage=true\n${text}\n`);
    expect(code).toBe(1);
    expect(remark).toContain(text.split('=')[0]);
    expect(await config()).toEqual(before);
  });
});
