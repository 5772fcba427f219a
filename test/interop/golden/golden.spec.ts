import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { interopSuite } from '../harness/suite.ts';
import { interopDirectory } from '../harness/toolchain.ts';
import { bodyCases } from './cases/body.ts';
import { commandCases } from './cases/command.ts';
import { messageCases, textCases } from './cases/message.ts';
import { record, type GoldenEntry } from './recorder.ts';

const areas = { command: commandCases, body: bodyCases, message: messageCases, text: textCases };
const update = process.env['UPDATE_GOLDEN'] === '1';

interopSuite(
  'recorded bytes are what the classes of RocketMQ write',
  ['client-4.9.8', 'client-5.5.0'],
  () => {
    it.each(Object.entries(areas))('%s.json', (area, cases) => {
      const names = cases.map((one) => one.name);
      expect(new Set(names).size).toBe(names.length);
      const file = join(interopDirectory, 'golden', `${area}.json`);
      const recorded = record(cases);
      if (update || !existsSync(file)) writeFileSync(file, `${JSON.stringify(recorded, null, 2)}\n`);
      const committed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, GoldenEntry>;
      expect(committed).toEqual(JSON.parse(JSON.stringify(recorded)));
    });
  },
);
