import { MixAll, PullSysFlag, RemotingCommand, ResponseCode, type HeaderView } from '@nest-rocketmq/protocol';
import { ResponseError, type Connection, type HotProcessor } from '@nest-rocketmq/remoting';
import { Selection } from '@nest-rocketmq/store';
import type { BrokerContext } from '../broker-context.ts';
import { admitPull, type AdmittedPull } from '../pull/pull-admission.ts';
import { isRefusal } from '../pull/pull-refusal.ts';
import { writePullReply, type PullReply } from '../pull/pull-reply.ts';
import { maySuspend, readPullRequest, type PullRequest } from '../pull/pull-request.ts';

/**
 * PULL_MESSAGE (11) and LITE_PULL_MESSAGE (361): PullMessageProcessor. Header and records go to the connection's out
 * buffer in one piece, read from the log with one call per range. A pull that finds nothing is held.
 */
export function pullMessage(broker: BrokerContext): HotProcessor {
  const processor = new PullMessageProcessor(broker);
  broker.heldPulls.answerWith((request) => processor.rerun(request));
  broker.backlogPulls.answerWith((request, ...found) => processor.answerLater(request, ...found));
  return (connection, header) => {
    if (header.isOneway) return true;
    processor.process(connection, header);
    return true;
  };
}

class PullMessageProcessor {
  readonly #broker: BrokerContext;
  /** One for all: a pull is answered, or its request held, before the next one is looked at. */
  #selection = new Selection();

  constructor(broker: BrokerContext) {
    this.#broker = broker;
  }

  process(connection: Connection, header: HeaderView): void {
    this.run(readPullRequest(header, connection), true);
  }

  /** Answers a pull that was held. */
  rerun(request: PullRequest): void {
    this.#apart(request, () => this.run(request, false));
  }

  /** Answers a pull that had to wait for its turn. */
  answerLater(request: PullRequest, admitted: AdmittedPull, selection: Selection): void {
    this.#apart(request, () => this.#answer(request, admitted, selection, ResponseCode.SUCCESS));
  }

  /** What goes wrong concerns that pull alone. */
  #apart(request: PullRequest, answer: () => void): void {
    const position = request.connection.position;
    try {
      answer();
    } catch (error) {
      this.#broker.logger.error(`The pull of ${request.connection.remoteAddress} failed`, error);
      request.connection.rollback(position);
      const remark = error instanceof Error ? error.message : String(error);
      request.connection.respond(RemotingCommand.response(request, ResponseCode.SYSTEM_ERROR, remark));
    }
  }

  /** Answers the pull, or holds it where `firstRun` and the request allow that. */
  run(request: PullRequest, firstRun: boolean): void {
    const broker = this.#broker;
    const admitted = admitPull(broker, request);
    if (isRefusal(admitted)) {
      const fields = new Map<string, string>();
      if (admitted.forbiddenType !== undefined) fields.set('forbiddenType', String(admitted.forbiddenType));
      request.connection.respond(RemotingCommand.response(request, admitted.code, admitted.remark, fields));
      return;
    }
    const reset = broker.consumerOffsets.takeReset(request.group, request.topic, request.queueId);
    if (reset !== undefined) {
      this.#answerReset(request, admitted, reset);
      return;
    }
    const query = {
      topic: request.topic,
      queueId: request.queueId,
      offset: request.offset,
      maxNums: Math.max(1, request.maxMsgNums),
      maxBytes:
        request.maxMsgBytes !== undefined && request.maxMsgBytes > 0 ? request.maxMsgBytes : undefined,
      matches: admitted.filter.matches,
      matchesProperties: admitted.filter.matchesProperties,
    };
    const selection = broker.store.select(query, this.#selection);
    this.#remember(request, selection.nextBeginOffset, firstRun);
    const code = codeOf(selection, request.offset);
    if (code === ResponseCode.PULL_NOT_FOUND && firstRun && maySuspend(request)) {
      this.#hold(request, admitted);
      return;
    }
    const another =
      code === ResponseCode.SUCCESS ? broker.backlogPulls.take(request, admitted, selection) : undefined;
    if (another) this.#selection = another;
    else this.#answer(request, admitted, selection, code);
  }

  /** The commit that pulls carry; where the group has pulled to is kept for its statistics. */
  #remember(request: PullRequest, nextBeginOffset: number, firstRun: boolean): void {
    const { consumerOffsets } = this.#broker;
    consumerOffsets.commitPull(request.group, request.topic, request.queueId, nextBeginOffset);
    if (!firstRun || (request.sysFlag & PullSysFlag.COMMIT_OFFSET) === 0 || request.commitOffset < 0) return;
    const { remoteAddress } = request.connection;
    consumerOffsets.commit(
      remoteAddress,
      request.group,
      request.topic,
      request.queueId,
      request.commitOffset,
    );
  }

  #hold(request: PullRequest, admitted: AdmittedPull): void {
    const { config, heldPulls, stats } = this.#broker;
    stats.miss();
    const timeout = config.longPollingEnable ? request.suspendTimeoutMillis : config.shortPollingTimeMills;
    if (heldPulls.hold(request, admitted.filter, timeout)) return;
    throw new ResponseError(
      ResponseCode.SYSTEM_BUSY,
      `[OVERLOAD]system busy, start flow control for a while, ${heldPulls.size} pulls wait for messages`,
    );
  }

  #answer(request: PullRequest, admitted: AdmittedPull, selection: Selection, code: number): void {
    const { connection } = request;
    const { stats, store } = this.#broker;
    const reply = replyOf(admitted, code, selection.status, selection);
    if (code !== ResponseCode.SUCCESS) {
      stats.miss();
      writePullReply(connection, request, reply, 0);
      return;
    }
    const lent = store.lend(selection);
    if (lent) {
      writePullReply(connection, request, reply, selection.bytes, 0);
      connection.append(lent.bytes, lent);
      stats.get(request.topic, request.group, selection.count);
      return;
    }
    const position = connection.position;
    const at = writePullReply(connection, request, reply, selection.bytes);
    if (store.read(selection, connection.out, at)) {
      stats.get(request.topic, request.group, selection.count);
      return;
    }
    // The log was trimmed under the records: the consumer asks again at once.
    connection.rollback(position);
    const retry = {
      ...reply,
      code: ResponseCode.PULL_RETRY_IMMEDIATELY,
      remark: 'MESSAGE_WAS_REMOVING',
      nextBeginOffset: request.offset,
    };
    writePullReply(connection, request, retry, 0);
  }

  #answerReset(request: PullRequest, admitted: AdmittedPull, nextBeginOffset: number): void {
    const { store } = this.#broker;
    const offsets = {
      nextBeginOffset,
      minOffset: store.getMinOffset(request.topic, request.queueId),
      maxOffset: store.getMaxOffset(request.topic, request.queueId),
    };
    writePullReply(
      request.connection,
      request,
      replyOf(admitted, ResponseCode.PULL_OFFSET_MOVED, 'OFFSET_RESET', offsets),
      0,
    );
  }
}

function replyOf(
  admitted: AdmittedPull,
  code: number,
  remark: string,
  offsets: { nextBeginOffset: number; minOffset: number; maxOffset: number },
): PullReply {
  return {
    code,
    remark,
    suggestWhichBrokerId: MixAll.MASTER_ID,
    nextBeginOffset: offsets.nextBeginOffset,
    minOffset: offsets.minOffset,
    maxOffset: offsets.maxOffset,
    topicSysFlag: admitted.topic.topicSysFlag,
    groupSysFlag: admitted.group.groupSysFlag,
  };
}

function codeOf(selection: Selection, offset: number): number {
  switch (selection.status) {
    case 'FOUND':
      return ResponseCode.SUCCESS;
    case 'MESSAGE_WAS_REMOVING':
    case 'NO_MATCHED_MESSAGE':
      return ResponseCode.PULL_RETRY_IMMEDIATELY;
    case 'NO_MATCHED_LOGIC_QUEUE':
    case 'NO_MESSAGE_IN_QUEUE':
      return offset === 0 ? ResponseCode.PULL_NOT_FOUND : ResponseCode.PULL_OFFSET_MOVED;
    case 'OFFSET_FOUND_NULL':
    case 'OFFSET_OVERFLOW_ONE':
      return ResponseCode.PULL_NOT_FOUND;
    case 'OFFSET_OVERFLOW_BADLY':
    case 'OFFSET_TOO_SMALL':
      return ResponseCode.PULL_OFFSET_MOVED;
  }
}
