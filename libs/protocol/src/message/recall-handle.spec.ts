import { decodeRecallHandle, encodeRecallHandle } from './recall-handle.ts';

describe('a recall handle', () => {
  const handle = {
    topic: 'order',
    brokerName: 'broker-a',
    timestamp: '1767225600001',
    messageId: '7F000001ABCD18B4AAC2',
  };

  it("is what RocketMQ's RecallMessageHandle writes", () => {
    expect(encodeRecallHandle(handle)).toBe(
      'djEgb3JkZXIgYnJva2VyLWEgMTc2NzIyNTYwMDAwMSA3RjAwMDAwMUFCQ0QxOEI0QUFDMg==',
    );
  });

  it('is read again, with or without its padding', () => {
    const text = encodeRecallHandle(handle);
    expect(decodeRecallHandle(text)).toEqual(handle);
    expect(decodeRecallHandle(text.replaceAll('=', ''))).toEqual(handle);
  });

  it.each([
    ['nothing', ''],
    ['no base64', 'v1 order broker-a 1 2'],
    ['another version', Buffer.from('v2 order broker-a 1 2').toString('base64url')],
    ['a part too few', Buffer.from('v1 order broker-a 1').toString('base64url')],
    ['far too long', 'dj'.repeat(10_000)],
  ])('is refused when it is %s', (_, text) => {
    expect(decodeRecallHandle(text)).toBeUndefined();
  });
});
