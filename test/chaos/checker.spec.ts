import { check, type Violation } from './checker.ts';
import type { Event } from './history.ts';

/** A history in which every promise is kept: two senders, two queues, two readings, one kill. */
function sound(): Event[] {
  const history: Event[] = [];
  const offsets = [0, 0];
  const reads: { queueId: number; offset: number; id: string; crc: number; msgId: string }[] = [];
  for (let sequence = 0; sequence < 10; sequence++) {
    for (const producer of ['a', 'b']) {
      const id = `${producer}-${sequence}`;
      const crc = sequence * 7 + producer.charCodeAt(0);
      const queueId = sequence % 2;
      const offset = offsets[queueId] ?? 0;
      offsets[queueId] = offset + 1;
      const msgId = `id-${id}`;
      history.push({ type: 'attempt', id, crc, producer, sequence });
      history.push({ type: 'ack', id, queueId, offset, msgId });
      reads.push({ queueId, offset, id, crc, msgId });
    }
  }
  history.push({ type: 'kill', cycle: 0 });
  for (const round of [0, 1]) {
    for (const read of reads) history.push({ type: 'read', round, ...read });
    for (const queueId of [0, 1]) history.push({ type: 'range', round, queueId, min: 0, max: 10 });
  }
  for (const read of reads) history.push({ type: 'consumed', id: read.id });
  // Sent, never answered, and not stored: no promise was made.
  history.push({ type: 'attempt', id: 'a-unanswered', crc: 1, producer: 'a', sequence: 99 });
  return history;
}

const OPTIONS = { retries: 0, consumed: true };

function violated(history: Event[], options = OPTIONS): Violation['invariant'][] {
  return [...new Set(check(history, options).map((violation) => violation.invariant))].sort();
}

type Read = Extract<Event, { type: 'read' }>;
const isRead = (event: Event, queueId: number, offset: number, round?: number): event is Read =>
  event.type === 'read' &&
  event.queueId === queueId &&
  event.offset === offset &&
  (round === undefined || event.round === round);

const without = (keep: (event: Event) => boolean): Event[] => sound().filter((event) => !keep(event));
const changed = (match: (event: Event) => boolean, change: Partial<Read>): Event[] =>
  sound().map((event) => (match(event) ? ({ ...event, ...change } as Event) : event));

describe('the checker', () => {
  it('finds nothing in a history where every promise is kept', () => {
    expect(check(sound(), OPTIONS)).toEqual([]);
  });

  const planted: [string, Event[], Violation['invariant'][]][] = [
    ['an acknowledged message that is not there', without((e) => isRead(e, 1, 3)), ['dense', 'durable']],
    ['one lost from the end of its queue', lostTail(), ['durable']],
    [
      'one that was there before the last kill only',
      without((e) => isRead(e, 0, 9, 1)),
      ['dense', 'durable'],
    ],
    ['a body that changed', changed((e) => isRead(e, 0, 2), { crc: 424242 }), ['durable']],
    [
      'a body that changed after the last kill',
      changed((e) => isRead(e, 0, 2, 1), { crc: 424242 }),
      ['durable'],
    ],
    ['a message that got another id', changed((e) => isRead(e, 0, 2), { msgId: 'other' }), ['durable']],
    ['two messages that changed places', swapped(0, 4, 5), ['durable']],
    ['two that changed places between readings', swapped(0, 4, 5, 1), ['durable', 'immutable']],
    ['two that changed queues', movedQueues(), ['durable']],
    ['a hole in a queue that no acknowledgement covers', unackedHole(), ['dense']],
    ['a hole at the start of a queue', changedRange(0, { min: -1 }), ['dense']],
    ['a queue said to be longer than it reads', changedRange(1, { max: 12 }), ['dense']],
    ['a message that nobody sent', withRead('phantom', 10), ['no phantom']],
    [
      'a consumed message that nobody sent',
      [...sound(), { type: 'consumed', id: 'phantom' }],
      ['no phantom'],
    ],
    ['an offset given to two messages over a restart', reusedOffset(), ['immutable']],
    ['a message stored twice', withRead('a-0', 10), ['no duplicate']],
    ['a message stored twice, in another queue', withRead('a-0', 10, 1), ['no duplicate']],
    [
      'an acknowledged message that no consumer got',
      without((e) => e.type === 'consumed' && e.id === 'b-4'),
      ['at least once'],
    ],
    ['a consumer that got nothing', without((e) => e.type === 'consumed'), ['at least once']],
    ["a sender's messages in the wrong order", outOfOrder(), ['order']],
    [
      'an acknowledgement whose queue was lost whole',
      without((e) => e.type === 'read' && e.queueId === 1),
      ['dense', 'durable'],
    ],
    ['no reading at all', without((e) => e.type === 'read' || e.type === 'range'), ['durable']],
  ];

  it.each(planted)('finds %s', (_what, history, invariants) => {
    expect(violated(history)).toEqual(invariants);
  });

  it('allows as many copies as there were retries', () => {
    expect(violated(withRead('a-0', 10), { retries: 1, consumed: true })).toEqual([]);
  });

  it('does not ask for consumption where no consumer took part', () => {
    expect(
      violated(
        without((e) => e.type === 'consumed'),
        { retries: 0, consumed: false },
      ),
    ).toEqual([]);
  });
});

function lostTail(): Event[] {
  return without((e) => isRead(e, 1, 9)).map((event) =>
    event.type === 'range' && event.queueId === 1 ? { ...event, max: 9 } : event,
  );
}

function swapped(queueId: number, first: number, second: number, round?: number): Event[] {
  return sound().map((event) => {
    if (event.type !== 'read') return event;
    if (isRead(event, queueId, first, round)) return Object.assign(event, { offset: second });
    return isRead(event, queueId, second, round) ? Object.assign(event, { offset: first }) : event;
  });
}

function movedQueues(): Event[] {
  return sound().map((event) =>
    event.type === 'read' && event.offset === 1 ? { ...event, queueId: 1 - event.queueId } : event,
  );
}

function unackedHole(): Event[] {
  return without((e) => isRead(e, 0, 3) || (e.type === 'ack' && e.queueId === 0 && e.offset === 3));
}

function changedRange(queueId: number, change: { min?: number; max?: number }): Event[] {
  return sound().map((event) =>
    event.type === 'range' && event.queueId === queueId ? { ...event, ...change } : event,
  );
}

function withRead(id: string, offset: number, queueId = 0): Event[] {
  const history = sound();
  const sent = history.find((event) => event.type === 'attempt' && event.id === id);
  const crc = sent?.type === 'attempt' ? sent.crc : 0;
  for (const round of [0, 1])
    history.push({ type: 'read', round, queueId, offset, id, crc, msgId: `id-${id}` });
  return history;
}

function reusedOffset(): Event[] {
  const history = sound();
  history.push({ type: 'attempt', id: 'a-10', crc: 5, producer: 'a', sequence: 10 });
  history.push({ type: 'attempt', id: 'a-11', crc: 6, producer: 'a', sequence: 11 });
  history.push({ type: 'read', round: 0, queueId: 0, offset: 10, id: 'a-10', crc: 5, msgId: 'x' });
  history.push({ type: 'read', round: 1, queueId: 0, offset: 10, id: 'a-11', crc: 6, msgId: 'y' });
  return history;
}

function outOfOrder(): Event[] {
  // Sender a's sequences 2 and 4 (queue 0) are told the other way round by their attempts.
  return sound().map((event) => {
    if (event.type !== 'attempt') return event;
    if (event.id === 'a-2') return { ...event, sequence: 4 };
    if (event.id === 'a-4') return { ...event, sequence: 2 };
    return event;
  });
}
