import { printable } from '@nest-rocketmq/runtime';
import { ResponseCode } from '@nest-rocketmq/protocol';
import { ResponseError } from '@nest-rocketmq/remoting';

const MESSAGE_TYPES = new Set(['UNSPECIFIED', 'NORMAL', 'FIFO', 'DELAY', 'TRANSACTION', 'MIXED']);

/** The attributes of 5.x (TopicAttributes) and the values that mean something here. */
const KNOWN: Readonly<Record<string, (value: string) => boolean>> = {
  'queue.type': (value) => value === 'SimpleCQ',
  'cleanup.policy': (value) => value === 'DELETE',
  'message.type': (value) => MESSAGE_TYPES.has(value),
  'reserve.time': (value) => /^-?\d{1,15}$/.test(value),
};

/**
 * Applies a change of attributes such as `+message.type=FIFO,-reserve.time` (AttributeUtil.alterCurrentAttributes).
 * @throws ResponseError 1 for a change that is malformed, or asks for what this broker doesn't do; 29 for MIXED
 *   messages where those are off
 */
export function changeAttributes(
  current: ReadonlyMap<string, string> | undefined,
  change: string | undefined,
  mixedMessageType: boolean,
): Map<string, string> {
  const attributes = new Map(current);
  for (const part of (change ?? '').split(',').map((item) => item.trim())) {
    if (part === '') continue;
    const match = /^(?:\+([\w.]+)=([^=]*)|-([\w.]+))$/.exec(part);
    const name = match?.[1] ?? match?.[3];
    if (name === undefined || !Object.hasOwn(KNOWN, name)) refuse(part);
    const value = match?.[2];
    if (value === undefined) {
      attributes.delete(name);
      continue;
    }
    if (name === 'message.type' && value === 'MIXED' && !mixedMessageType) {
      throw new ResponseError(ResponseCode.INVALID_PARAMETER, 'MIXED message type is not supported.');
    }
    if (KNOWN[name]?.(value) !== true) refuse(part);
    attributes.set(name, value);
  }
  return attributes;
}

function refuse(part: string): never {
  throw new ResponseError(
    ResponseCode.SYSTEM_ERROR,
    `topic attribute ${printable(part, 80)} is malformed or not supported`,
  );
}
