import type { TimelineEntry, TimelineKind } from '../api/types.ts';
import { expectedGroups, placeOf } from './expected.ts';

/** What happened to a message on its sender's side. */
export type SenderKind = Extract<TimelineKind, 'sent' | 'half' | 'committed' | 'rolled back' | 'cancelled'>;
/** How one delivery to a consumer group ended. */
export type DeliveryKind = Extract<TimelineKind, 'consumed' | 'retried' | 'dead'>;
export type ConsumerState = 'waiting' | 'retrying' | 'consumed' | 'dead';

export interface SenderStep {
  kind: SenderKind;
  time: number;
}

export interface Delivery {
  kind: DeliveryKind;
  attempt: number;
  time: number;
}

/** A consumer group and what became of the message there. */
export interface Consumer {
  group: string;
  state: ConsumerState;
  deliveries: Delivery[];
}

/** One message, from its sender to all of its consumers. */
export interface Flow {
  id: string;
  topic: string;
  tag: string;
  key: string;
  sender: string | undefined;
  steps: SenderStep[];
  consumers: Consumer[];
  /** When it was first seen, in milliseconds since 1970. */
  startedAt: number;
  /** When something happened to it last. */
  changedAt: number;
  /** Whether it will never be delivered: rolled back, or taken back before it was due. */
  withdrawn: boolean;
}

const DELIVERIES: readonly string[] = ['consumed', 'retried', 'dead'] satisfies DeliveryKind[];

function isDelivery(kind: TimelineKind): kind is DeliveryKind {
  return DELIVERIES.includes(kind);
}

const millis = (time: string | number): number => new Date(time).getTime();

function consumerOf(group: string, entries: TimelineEntry[]): Consumer {
  const deliveries: Delivery[] = [];
  for (const { kind, attempt, time } of entries) {
    if (isDelivery(kind))
      deliveries.push({ kind, attempt: attempt ?? deliveries.length + 1, time: millis(time) });
  }
  const kinds = deliveries.map(({ kind }) => kind);
  let state: ConsumerState = 'waiting';
  // A message that comes once more after it was consumed changes nothing.
  if (kinds.includes('consumed')) state = 'consumed';
  else if (kinds.includes('dead')) state = 'dead';
  else if (kinds.includes('retried')) state = 'retrying';
  return { group, state, deliveries };
}

function flowOf(id: string, entries: [TimelineEntry, ...TimelineEntry[]]): Flow {
  const [{ topic, tag, key, time }] = entries;
  const steps: SenderStep[] = [];
  const byGroup = new Map<string, TimelineEntry[]>();
  let sender: string | undefined;
  for (const entry of entries) {
    if (isDelivery(entry.kind)) {
      const group = entry.group ?? '';
      byGroup.set(group, [...(byGroup.get(group) ?? []), entry]);
    } else {
      steps.push({ kind: entry.kind, time: millis(entry.time) });
      sender ??= entry.group ?? undefined;
    }
  }
  const withdrawn = steps.some(({ kind }) => kind === 'rolled back' || kind === 'cancelled');
  const consumers = [...byGroup].map(([group, deliveries]) => consumerOf(group, deliveries));
  if (!withdrawn) {
    const missing = expectedGroups(tag, [...byGroup.keys()]);
    consumers.push(...missing.map((group): Consumer => ({ group, state: 'waiting', deliveries: [] })));
  }
  consumers.sort((a, b) => placeOf(tag, a.group) - placeOf(tag, b.group) || (a.group < b.group ? -1 : 1));
  const changedAt = Math.max(...entries.map((entry) => millis(entry.time)));
  return { id, topic, tag, key, sender, steps, consumers, startedAt: millis(time), changedAt, withdrawn };
}

/**
 * Puts what the shop tells about an order's messages, oldest first, together by message: what its sender did, and for every
 * consumer group how each delivery ended. Groups that are known to consume it and have not yet are there as waiting.
 */
export function flowsOf(entries: readonly TimelineEntry[]): Flow[] {
  const byMessage = new Map<string, [TimelineEntry, ...TimelineEntry[]]>();
  for (const entry of entries.toSorted((a, b) => millis(a.time) - millis(b.time))) {
    const id = entry.msgId || `${entry.topic}:${entry.tag}:${entry.key}`;
    const known = byMessage.get(id);
    if (known) known.push(entry);
    else byMessage.set(id, [entry]);
  }
  return [...byMessage].map(([id, list]) => flowOf(id, list));
}

/** Whether nothing more is to be expected of a message. */
export function isSettled(flow: Flow): boolean {
  if (flow.withdrawn) return true;
  if (flow.steps.some(({ kind }) => kind === 'half') && !flow.steps.some(({ kind }) => kind === 'committed'))
    return false;
  return flow.consumers.every(({ state }) => state === 'consumed' || state === 'dead');
}
