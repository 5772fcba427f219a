import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfigFile } from './index.ts';

describe('readConfigFile', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'rocketmq-config-'));
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('hands the text of the file to the parser', () => {
    const path = join(directory, 'broker.conf');
    writeFileSync(path, 'brokerName=a');
    const content = readConfigFile(path, (text) => new Map([['text', text]]));
    expect(content).toEqual({ path, properties: new Map([['text', 'brokerName=a']]) });
  });

  it('names the file that is not there, and what is a directory', () => {
    const missing = join(directory, 'missing.conf');
    expect(() => readConfigFile(missing, () => new Map())).toThrow(
      `${missing} cannot be read: there is no such file`,
    );
    expect(() => readConfigFile(directory, () => new Map())).toThrow('it is a directory');
  });
});
