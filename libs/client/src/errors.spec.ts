import { describe, expect, it } from '@jest/globals';
import { RocketMQError } from '@nest-rocketmq/runtime';
import { asRocketMQError, BrokerError, SendError } from './errors.ts';

const queue = { topic: 'T', brokerName: 'b', queueId: 3 };

describe('errors', () => {
  it('say what was asked, of whom, what the answer was and what to do', () => {
    const error = new BrokerError('SendMessage', 17, 'topic[T] not exist', '1.2.3.4:10911');
    expect(error.message).toBe(
      'SendMessage to 1.2.3.4:10911 was answered TOPIC_NOT_EXIST (17): topic[T] not exist. ' +
        'Create the topic with mqadmin updateTopic, or turn on autoCreateTopicEnable',
    );
    expect(error).toMatchObject({
      code: 'REMOTE',
      responseCode: 17,
      remark: 'topic[T] not exist',
      address: '1.2.3.4:10911',
    });
    expect(error).toBeInstanceOf(RocketMQError);
    expect(new BrokerError('X', 4711, undefined, 'a:1').message).toBe('X to a:1 was answered 4711 (4711)');
  });

  it("do not let a broker's remark break a log", () => {
    expect(new BrokerError('X', 1, 'a\nb\u001b[31m', 'a:1').message).toContain('a\\x0ab\\x1b[31m');
  });

  it('of a send tell of each try', () => {
    const cause = new BrokerError('SendMessage', 14, 'full', 'h:2');
    const attempts = [
      { queue, address: undefined, durationMs: 1, error: new RocketMQError('NO_BROKER', 'gone') },
      { queue, address: 'h:2', durationMs: 2, error: cause },
    ];
    const error = new SendError('REMOTE', 'T', cause.message, attempts);
    expect(error).toMatchObject({
      topic: 'T',
      responseCode: 14,
      address: 'h:2',
      remark: 'full',
      cause,
      attempts,
    });
    expect(error.message).toContain('failed after 2 attempt(s) (b:3@unknown address, b:3@h:2)');
  });

  it('keep what they are, and become one of ours otherwise', () => {
    const ours = new RocketMQError('TIMEOUT', 'late');
    expect(asRocketMQError(ours)).toBe(ours);
    expect(asRocketMQError({ message: 'odd' }, 'h:1')).toMatchObject({ message: 'odd', address: 'h:1' });
    expect(asRocketMQError('text')).toMatchObject({ message: 'text' });
  });
});
