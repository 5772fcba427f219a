import { parseDuration } from '@nest-rocketmq/runtime';
import { z } from 'zod';

/**
 * A duration as a user writes it, in milliseconds once parsed: a number of milliseconds, or text such as `'30s'`.
 */
export const duration = z
  .union([z.number(), z.string()], {
    error: "not a duration: give milliseconds, or text such as '500ms', '30s', '15m'",
  })
  .transform((value, context) => {
    try {
      return parseDuration(value);
    } catch (error) {
      context.issues.push({ code: 'custom', message: (error as Error).message, input: value });
      return z.NEVER;
    }
  });
