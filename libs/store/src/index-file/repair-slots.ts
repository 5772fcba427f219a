import type { FileSystem } from '../files/file-system.ts';
import { HASH_SLOT_SIZE, INDEX_HEADER_SIZE, INDEX_SIZE } from './index-layout.ts';
import type { IndexShape } from './index-file.ts';

const ENTRIES_AT_ONCE = 3200;

/**
 * Makes the slots of an index file lead to entries before `indexCount` alone. Slots are written before the header: after
 * a crash they may lead to entries that never reached the disk, or that are built again elsewhere. Those the header
 * counts were durable before it was written, and every one of them names its slot.
 * @returns how many slots were wrong
 */
export function repairSlots(fd: number, indexCount: number, shape: IndexShape, fs: FileSystem): number {
  const slots = Buffer.alloc(shape.hashSlotNum * HASH_SLOT_SIZE);
  fs.read(fd, slots, 0, slots.length, INDEX_HEADER_SIZE);
  const wrong = new Set<number>();
  for (let at = 0; at < slots.length; at += HASH_SLOT_SIZE) {
    const first = slots.readInt32BE(at);
    if (first < 0 || first >= indexCount) wrong.add(at);
  }
  if (wrong.size === 0) return 0;
  for (const at of wrong) slots.writeInt32BE(0, at);
  const entries = Buffer.alloc(ENTRIES_AT_ONCE * INDEX_SIZE);
  const start = INDEX_HEADER_SIZE + slots.length;
  for (let number = 1; number < indexCount;) {
    const length = Math.min(ENTRIES_AT_ONCE, indexCount - number) * INDEX_SIZE;
    const read = fs.read(fd, entries, 0, length, start + number * INDEX_SIZE);
    for (let at = 0; at + INDEX_SIZE <= read; at += INDEX_SIZE, number++) {
      const slotAt = (entries.readInt32BE(at) % shape.hashSlotNum) * HASH_SLOT_SIZE;
      if (wrong.has(slotAt)) slots.writeInt32BE(number, slotAt);
    }
    if (read < length) break;
  }
  for (const at of wrong) fs.write(fd, slots, at, HASH_SLOT_SIZE, INDEX_HEADER_SIZE + at);
  return wrong.size;
}
