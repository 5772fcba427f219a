import { isNotAllowedSendTopic, ResponseCode, validateGroup, validateTopic } from '@nest-rocketmq/protocol';
import { RocketMQError } from '@nest-rocketmq/runtime';
import type { Message } from './message.ts';

/** The default limit of a body, in bytes: 4 MiB, as the broker's. */
export const DEFAULT_MAX_MESSAGE_SIZE = 4 * 1024 * 1024;

/** Topics found good; bounded, so that generated names can't fill the memory. */
const goodTopics = new Set<string>();
const GOOD_TOPICS_LIMIT = 1000;

/** @throws RocketMQError `INVALID_ARGUMENT` when the name is not one a user's topic can have (`Validators.checkTopic`) */
export function checkTopic(topic: string): void {
  if (goodTopics.has(topic)) return;
  const problem = validateTopic(topic);
  if (problem !== undefined) throw illegal(problem);
  if (goodTopics.size >= GOOD_TOPICS_LIMIT) goodTopics.clear();
  goodTopics.add(topic);
}

/** @throws RocketMQError `INVALID_ARGUMENT` when messages can't be sent to this topic, whatever the broker */
export function checkSendTopic(topic: string): void {
  checkTopic(topic);
  if (isNotAllowedSendTopic(topic)) {
    throw illegal(`The topic ${topic} is written by the broker itself: sending to it is forbidden`);
  }
}

/** @throws RocketMQError `INVALID_CONFIG` when the group's name is not legal, or is one that Java's client refuses */
export function checkGroup(group: string, reserved: string): void {
  const problem = validateGroup(group);
  if (problem !== undefined) throw new RocketMQError('INVALID_CONFIG', problem);
  if (group === reserved) {
    throw new RocketMQError(
      'INVALID_CONFIG',
      `The group ${reserved} can't be used: give the group a name of its own`,
    );
  }
}

/** @throws RocketMQError `INVALID_ARGUMENT` with response code MESSAGE_ILLEGAL when the message can never be stored */
export function checkMessage(message: Message, maxMessageSize: number): void {
  checkSendTopic(message.topic);
  const { body } = message;
  if (!(body instanceof Uint8Array)) throw illegal('The body of a message is a Buffer or a Uint8Array');
  if (body.length === 0) throw illegal('The body of a message is empty: it needs at least one byte');
  if (body.length > maxMessageSize) {
    throw illegal(
      `The body of a message has ${body.length} bytes: the limit (maxMessageSize) is ${maxMessageSize}`,
    );
  }
}

/** An `INVALID_ARGUMENT` with the response code that a broker would give for it. */
export function illegal(text: string): RocketMQError {
  return new RocketMQError('INVALID_ARGUMENT', text, { responseCode: ResponseCode.MESSAGE_ILLEGAL });
}
