import { z } from 'zod';
import type { MessageConverter } from './message-converter.ts';

/** A converter given as an option or an attribute. */
export const converter = z.custom<MessageConverter>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    ['toBody', 'fromBody'].every((name) => typeof Reflect.get(value, name) === 'function'),
  { error: 'not a converter: it needs the methods toBody and fromBody' },
);
