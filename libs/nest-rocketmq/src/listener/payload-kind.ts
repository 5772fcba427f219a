import { payloadIndex } from '../decorators/params.ts';
import type { PayloadKind } from '../conversion/message-converter.ts';

/**
 * What a handler takes, by the declared type of its payload parameter, where the compiler left a trace of it: a
 * decorated method or parameter does (`emitDecoratorMetadata`), a bare `onMessage` doesn't. Interfaces, unions and
 * unknown types leave `Object`: the message's content type decides then.
 *
 * @param prototype of the handler's class
 */
export function payloadKindOf(prototype: object, method: string): PayloadKind {
  const types = Reflect.getMetadata('design:paramtypes', prototype, method) as unknown[] | undefined;
  const index = payloadIndex(prototype, method);
  const type = index === undefined ? undefined : types?.[index];
  if (type === undefined || type === Object) return 'auto';
  if (type === String) return 'text';
  if (type === Buffer || type === Uint8Array) return 'bytes';
  return 'json';
}
