import { HeaderError, PullSysFlag, type HeaderView } from '@nest-rocketmq/protocol';
import type { Connection } from '@nest-rocketmq/remoting';

/** One pull as it was asked for: kept while it is held. */
export interface PullRequest {
  readonly connection: Connection;
  readonly code: number;
  readonly opaque: number;
  readonly serializeType: number;
  readonly group: string;
  readonly topic: string;
  readonly queueId: number;
  readonly offset: number;
  readonly maxMsgNums: number;
  readonly maxMsgBytes: number | undefined;
  /** PullSysFlag. */
  readonly sysFlag: number;
  readonly commitOffset: number;
  /** How long the broker may hold the request, in milliseconds. */
  readonly suspendTimeoutMillis: number;
  /** The filter, when the flag says it is carried. */
  readonly subscription: string | undefined;
  readonly subVersion: number;
  readonly expressionType: string | undefined;
}

/**
 * Reads a pull's header.
 * @throws HeaderError when group, topic, queueId, queueOffset, maxMsgNums or sysFlag is missing, or a number is none
 */
export function readPullRequest(header: HeaderView, connection: Connection): PullRequest {
  return {
    connection,
    code: header.code,
    opaque: header.opaque,
    serializeType: header.serializeType,
    group: header.get('consumerGroup') ?? missing('consumerGroup'),
    topic: header.get('topic') ?? missing('topic'),
    queueId: header.int('queueId') ?? missing('queueId'),
    offset: header.long('queueOffset') ?? missing('queueOffset'),
    maxMsgNums: header.int('maxMsgNums') ?? missing('maxMsgNums'),
    maxMsgBytes: header.int('maxMsgBytes'),
    sysFlag: header.int('sysFlag') ?? missing('sysFlag'),
    commitOffset: header.long('commitOffset') ?? 0,
    suspendTimeoutMillis: header.long('suspendTimeoutMillis') ?? 0,
    subscription: header.get('subscription'),
    subVersion: header.long('subVersion') ?? 0,
    expressionType: header.get('expressionType'),
  };
}

/** Whether the broker may hold the request until a message comes. */
export function maySuspend(request: PullRequest): boolean {
  return (request.sysFlag & PullSysFlag.SUSPEND) !== 0;
}

function missing(key: string): never {
  throw new HeaderError(key, 'missing');
}
