import { boolean, integer, list, record, string, type ShapeType } from '../json/shape.ts';

export const subscriptionData = record({
  topic: string(),
  subString: string(),
  tagsSet: list(string()),
  codeSet: list(integer()),
  subVersion: integer(),
  expressionType: string('TAG'),
  classFilterMode: boolean(),
});

/**
 * What a group wants of a topic. `tagsSet` and `codeSet` are the tags and their hashes, empty where everything is
 * wanted; `subVersion` is a time in ms, and the larger one is the newer.
 */
export type SubscriptionData = ShapeType<typeof subscriptionData>;
