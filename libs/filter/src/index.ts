export { buildSubscription } from './build-subscription.ts';
export { ExpressionType, isTagType } from './expression-type.ts';
export { matchesTag, matchesTagsCode } from './match-tags.ts';
