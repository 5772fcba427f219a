import { expect, it } from '@jest/globals';
import { languageName, languageNumber } from './language-code.ts';
import { RESERVED_PROPERTIES } from './message-const.ts';
import { dlqTopic, retryTopic } from './mix-all.ts';
import { MQVersion, versionName } from './mq-version.ts';
import { isInherited, isReadable, isValidPerm, isWriteable, permToString } from './perm-name.ts';
import { RequestCode, requestCodeName } from './request-code.ts';
import { ResponseCode, responseCodeName } from './response-code.ts';

it('every code has one name', () => {
  for (const codes of [RequestCode, ResponseCode])
    expect(new Set(Object.values(codes)).size).toBe(Object.keys(codes).length);
  expect([requestCodeName(310), requestCodeName(-5)]).toEqual(['SEND_MESSAGE_V2', '-5']);
  expect([responseCodeName(17), responseCodeName(999)]).toEqual(['TOPIC_NOT_EXIST', '999']);
});

it('version numbers have the names RocketMQ gives them', () => {
  const named = Object.entries(MQVersion).filter(
    ([name, number]) => name !== 'CURRENT' && number >= MQVersion.V4_0_0,
  );
  for (const [name, number] of named) expect(versionName(number)).toBe(name);
  expect([versionName(478), versionName(1000), versionName(5)]).toEqual([
    'V5_3_3_SNAPSHOT',
    'HIGHER_VERSION',
    '5',
  ]);
});

it('languages are numbers in the binary header, and OTHER where they have none', () => {
  expect([languageName(0), languageName(9), languageName(99), languageName(-1)]).toEqual([
    'JAVA',
    'GO',
    '',
    '',
  ]);
  expect([languageNumber('GO'), languageNumber('KLINGON')]).toEqual([9, 7]);
});

it('permissions are bits', () => {
  expect([
    isReadable(4),
    isReadable(2),
    isWriteable(2),
    isWriteable(4),
    isInherited(1),
    isInherited(6),
  ]).toEqual([true, false, true, false, true, false]);
  expect([isValidPerm(0), isValidPerm(7), isValidPerm(8), isValidPerm(-1), isValidPerm(1.5)]).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  expect([permToString(6), permToString(7), permToString(0)]).toEqual(['RW-', 'RWX', '---']);
});

it('names are made and kept for RocketMQ', () => {
  expect([retryTopic('G'), dlqTopic('G')]).toEqual(['%RETRY%G', '%DLQ%G']);
  expect([
    RESERVED_PROPERTIES.has('TAGS'),
    RESERVED_PROPERTIES.has(' '),
    RESERVED_PROPERTIES.has('mine'),
  ]).toEqual([true, false, false]);
});
