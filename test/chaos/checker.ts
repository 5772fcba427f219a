import type { Event } from './history.ts';

/** A broken promise: which one, and what shows it. */
export interface Violation {
  invariant: 'durable' | 'no phantom' | 'immutable' | 'dense' | 'order' | 'no duplicate' | 'at least once';
  detail: string;
}

export interface CheckOptions {
  /** How often a send may have been repeated by the producer: so many copies above one are no violation. */
  retries: number;
  /** Whether a push consumer took part and was given time to catch up. */
  consumed: boolean;
}

interface Acked {
  id: string;
  queueId: number;
  offset: number;
  msgId: string;
}

/**
 * Checks a history of sends, kills, readings and consumptions against what RocketMQ promises for SEND_OK:
 * - durable: every acknowledged message is read at its queue and offset, unchanged, under its id;
 * - no phantom: everything read or consumed was attempted;
 * - immutable: no (queue, offset) names two messages, across any number of restarts;
 * - dense: the offsets of a queue have no hole between its first and its next;
 * - order: what one sender sent, awaited and got acknowledged into one queue lies there in that order;
 * - no duplicate: a message lies in the queues no more often than it was sent;
 * - at least once: every acknowledged message was consumed.
 */
export function check(history: Event[], options: CheckOptions): Violation[] {
  const attempts = new Map<string, { crc: number; producer: string; sequence: number }>();
  const acks: Acked[] = [];
  const consumed = new Set<string>();
  const rounds = new Map<number, Map<string, { id: string; crc: number; msgId: string }>>();
  const ranges: Extract<Event, { type: 'range' }>[] = [];
  for (const event of history) {
    if (event.type === 'attempt') attempts.set(event.id, event);
    else if (event.type === 'ack') acks.push(event);
    else if (event.type === 'consumed') consumed.add(event.id);
    else if (event.type === 'range') ranges.push(event);
    else if (event.type === 'read') {
      let round = rounds.get(event.round);
      if (!round) rounds.set(event.round, (round = new Map()));
      round.set(`${event.queueId}@${event.offset}`, event);
    }
  }

  const violations: Violation[] = [];
  const report = (invariant: Violation['invariant'], detail: string): void => {
    violations.push({ invariant, detail });
  };
  const lastRound = rounds.get(Math.max(...rounds.keys(), -1)) ?? new Map<string, never>();

  for (const ack of acks) {
    const place = `${ack.queueId}@${ack.offset}`;
    const found = lastRound.get(place);
    const sent = attempts.get(ack.id);
    if (!found) report('durable', `${ack.id} was acknowledged at ${place}; nothing is there`);
    else if (found.id !== ack.id)
      report('durable', `${ack.id} was acknowledged at ${place}; ${found.id} is there`);
    else if (found.crc !== sent?.crc)
      report('durable', `${ack.id} at ${place} has another body than was sent`);
    else if (found.msgId !== ack.msgId)
      report('durable', `${ack.id} at ${place} was ${ack.msgId}, is ${found.msgId}`);
    if (options.consumed && !consumed.has(ack.id)) report('at least once', `${ack.id} was never consumed`);
  }

  for (const id of consumed) if (!attempts.has(id)) report('no phantom', `${id} was consumed and never sent`);

  const named = new Map<string, string>();
  for (const round of rounds.values()) {
    for (const [place, found] of round) {
      if (!attempts.has(found.id)) report('no phantom', `${found.id} at ${place} was never sent`);
      const before = named.get(place);
      if (before !== undefined && before !== found.id) {
        report('immutable', `${place} was ${before} and later ${found.id}`);
      }
      named.set(place, found.id);
    }
  }

  for (const { round, queueId, min, max } of ranges) {
    for (let offset = min; offset < max; offset++) {
      if (!rounds.get(round)?.has(`${queueId}@${offset}`)) {
        report(
          'dense',
          `queue ${queueId} has no message at ${offset} between ${min} and ${max} (reading ${round})`,
        );
      }
    }
  }

  const copies = new Map<string, number>();
  for (const found of lastRound.values()) copies.set(found.id, (copies.get(found.id) ?? 0) + 1);
  for (const [id, count] of copies) {
    if (count > 1 + options.retries) report('no duplicate', `${id} lies in the queues ${count} times`);
  }

  checkOrder(acks, attempts, report);
  return violations;
}

/** Acks come in the history in the order of their arrival; within a sender and a queue, sequence and offset must agree. */
function checkOrder(
  acks: Acked[],
  attempts: Map<string, { producer: string; sequence: number }>,
  report: (invariant: 'order', detail: string) => void,
): void {
  const lanes = new Map<string, { sequence: number; offset: number; id: string }[]>();
  for (const ack of acks) {
    const sent = attempts.get(ack.id);
    if (!sent) continue;
    const lane = `${sent.producer} in queue ${ack.queueId}`;
    const list = lanes.get(lane) ?? [];
    list.push({ sequence: sent.sequence, offset: ack.offset, id: ack.id });
    lanes.set(lane, list);
  }
  for (const [lane, list] of lanes) {
    list.sort((a, b) => a.sequence - b.sequence);
    for (let i = 1; i < list.length; i++) {
      const [before, after] = [list[i - 1], list[i]];
      if (before && after && after.offset <= before.offset) {
        report('order', `${after.id} was sent after ${before.id} and lies before it (${lane})`);
      }
    }
  }
}
