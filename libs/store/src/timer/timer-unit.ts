import { readInt64, writeInt64 } from '@nest-rocketmq/protocol';

/** Bytes of one entry of the timer log (TimerLog.UNIT_SIZE). */
export const TIMER_UNIT_SIZE = 52;
/** A file of the timer log ends with at least so many bytes that are no entry (TimerLog.MIN_BLANK_LEN). */
export const TIMER_MIN_BLANK = 16;
/** What stands instead of an entry's magic behind the last entry of a file (TimerLog.BLANK_MAGIC_CODE). */
export const TIMER_BLANK_MAGIC = (0xbbccddee ^ (1_880_681_586 + 8)) | 0;

/** What is to be done with an entry when its slot comes (TimerMessageStore.MAGIC_*). */
export const TimerMagic = {
  DEFAULT: 1,
  /** Too far away for the wheel: put into the timer topic again. */
  ROLL: 2,
  /** Takes another message of its slot back. */
  DELETE: 4,
} as const;

const MAGIC_BITS = 0xf;

/**
 * An entry of the timer log, in RocketMQ's layout; a reused object. The last eight bytes, which RocketMQ writes as 0 and
 * never reads, hold {@link dueAt}: as milliseconds behind the slot's beginning, plus one, and the complement of that, so
 * that half of it is none.
 */
export class TimerUnit {
  /** The entry before it in the same slot, -1 for the first. */
  prevPos = -1;
  magic = 0;
  /** When the entry was made, in whole slots. */
  enqueueTime = 0;
  /** The beginning of its slot. Milliseconds, as all times here. */
  slotTime = 0;
  /** Where its message lies in the commit log. */
  physicalOffset = 0;
  size = 0;
  /** Java's hash of the topic the message is for. */
  topicHash = 0;
  /** The exact time of delivery, from the beginning of the slot on; 0: at the end of the slot. */
  dueAt = 0;

  write(target: Buffer, at: number): void {
    target.writeInt32BE(TIMER_UNIT_SIZE, at);
    writeInt64(target, this.prevPos, at + 4);
    target.writeInt32BE(this.magic, at + 12);
    writeInt64(target, this.enqueueTime, at + 16);
    target.writeInt32BE(this.slotTime - this.enqueueTime, at + 24);
    writeInt64(target, this.physicalOffset, at + 28);
    target.writeInt32BE(this.size, at + 36);
    target.writeInt32BE(this.topicHash, at + 40);
    const behind = this.dueAt === 0 ? 0 : Math.max(0, this.dueAt - this.slotTime) + 1;
    target.writeInt32BE(behind === 0 ? 0 : ~behind, at + 44);
    target.writeInt32BE(behind, at + 48);
  }

  /** @returns false when there is no entry */
  read(source: Buffer, at: number): boolean {
    this.magic = source.readInt32BE(at + 12);
    if (source.readInt32BE(at) !== TIMER_UNIT_SIZE || (this.magic & ~MAGIC_BITS) !== 0) return false;
    this.prevPos = readInt64(source, at + 4);
    this.enqueueTime = readInt64(source, at + 16);
    this.slotTime = this.enqueueTime + source.readInt32BE(at + 24);
    this.physicalOffset = readInt64(source, at + 28);
    this.size = source.readInt32BE(at + 36);
    this.topicHash = source.readInt32BE(at + 40);
    const behind = source.readInt32BE(at + 48);
    const exact = behind > 0 && source.readInt32BE(at + 44) === ~behind;
    this.dueAt = exact ? this.slotTime + behind - 1 : 0;
    return true;
  }
}
