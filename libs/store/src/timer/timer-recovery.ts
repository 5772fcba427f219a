import { SMALLEST_RECORD } from '../commit-log/record-fields.ts';
import type { TimerCheckpoint } from './timer-checkpoint.ts';
import type { TimerLog } from './timer-log.ts';
import { TimerMagic, type TimerUnit } from './timer-unit.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** The messages behind the timers, as recovery asks for them. */
export interface TimerMessages {
  /** Where the commit log begins, and ends. */
  readonly begin: number;
  readonly end: number;
  /** The offset in the timer topic's queue of the message at a place of the commit log; undefined when none starts there. */
  queueOffset(physicalOffset: number, size: number): number | undefined;
}

/** What recovery found. */
export interface TimerRecovery {
  /** Where the timer log ends. */
  readonly logEnd: number;
  /** The first message of the timer topic that has no entry. */
  readonly queueOffset: number;
  /** The first and the last slot that hold anything; Infinity and 0 when none does. */
  readonly firstSlotTime: number;
  readonly lastSlotTime: number;
  /** The newest message that has an entry. */
  readonly newest: { physicalOffset: number; size: number };
  /** The wheel was ahead of the log and has been built anew. */
  readonly rebuilt: boolean;
}

/**
 * Brings log, wheel and checkpoint into agreement (TimerMessageStore.recover). Up to the checkpoint's position log and
 * wheel agree. Behind it, entries are taken as far as they are whole and their messages are there; slots learn of them. A
 * wheel that knows entries the log has lost is built anew from the log.
 */
export function recoverTimers(
  log: TimerLog,
  wheel: TimerWheel,
  checkpoint: TimerCheckpoint,
  readTime: number,
  messages: TimerMessages,
): TimerRecovery {
  const flushed = checkpoint.lastTimerLogFlushPos;
  const newest = { physicalOffset: -1, size: 0 };
  const from = log.entryAt(flushed);
  const link = (unit: TimerUnit, position: number): void => {
    if (unit.slotTime < readTime) return;
    const slot = wheel.get(unit.slotTime);
    const isMark = (unit.magic & TimerMagic.DELETE) !== 0;
    if (!slot || slot.lastPos < position) wheel.link(unit.slotTime, position, isMark ? -1 : 1);
  };
  const take = (unit: TimerUnit, position: number): boolean => {
    if (!isThere(unit, messages)) return false;
    if (unit.physicalOffset > newest.physicalOffset)
      Object.assign(newest, { physicalOffset: unit.physicalOffset, size: unit.size });
    link(unit, position);
    return true;
  };
  let walked = log.walk(log.before(from), take);
  // Entries that were flushed are lost all the same: no telling where they end but from the beginning.
  if (walked < flushed) walked = log.walk(log.begin, take);
  log.truncate(walked);
  let found = slots(wheel, readTime);
  const rebuilt = found.lastPos >= walked;
  if (rebuilt) {
    wheel.clear();
    log.walk(log.begin, (unit, position) => {
      link(unit, position);
      return true;
    });
    found = slots(wheel, readTime);
  }
  const reached =
    newest.physicalOffset < 0 ? undefined : messages.queueOffset(newest.physicalOffset, newest.size);
  const byLog = reached === undefined ? 0 : reached + 1;
  // Entries that were flushed and are lost all the same: the topic has their messages.
  const queueOffset = walked < flushed ? byLog : Math.max(byLog, checkpoint.lastTimerQueueOffset);
  return {
    logEnd: walked,
    queueOffset,
    firstSlotTime: found.first,
    lastSlotTime: found.last,
    newest,
    rebuilt,
  };
}

/** Whether an entry speaks of a message: half an entry, or one that outlived its message, does not. */
function isThere({ physicalOffset, size }: TimerUnit, messages: TimerMessages): boolean {
  if (physicalOffset < 0 || size < SMALLEST_RECORD || physicalOffset + size > messages.end) return false;
  return physicalOffset < messages.begin || messages.queueOffset(physicalOffset, size) !== undefined;
}

/** The first and the last slot that hold anything, and the last entry that any of them knows. */
function slots(wheel: TimerWheel, from: number): { first: number; last: number; lastPos: number } {
  const found = { first: Infinity, last: 0, lastPos: -1 };
  wheel.forEach(from, (slot) => {
    found.first = Math.min(found.first, slot.time);
    found.last = Math.max(found.last, slot.time);
    found.lastPos = Math.max(found.lastPos, slot.lastPos);
  });
  return found;
}
