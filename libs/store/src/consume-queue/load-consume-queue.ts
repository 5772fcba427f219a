import { RocketMQError } from '@nest-rocketmq/runtime';
import { readInt64 } from '@nest-rocketmq/protocol';
import { segmentOffset } from '../files/segment.ts';
import { CQ_STORE_UNIT_SIZE, type ConsumeQueue, isPreBlank, type QueueEnvironment } from './consume-queue.ts';

/** RocketMQ looks through the last three files for the end of a queue (ConsumeQueue.recover). */
const FILES_LOOKED_THROUGH = 3;
const CHUNK = Buffer.allocUnsafeSlow(3276 * CQ_STORE_UNIT_SIZE);

/**
 * Finds a queue's files, and its end: the first entry that is not valid (offset at least 0, size above 0).
 * @param extendShort after a crash the newest file may be shorter than it should be; it is extended
 * @throws RocketMQError `STORE` when a file has a wrong size, or one is missing in between
 */
export function loadConsumeQueue(queue: ConsumeQueue, env: QueueEnvironment, extendShort: boolean): void {
  const { fs, fileSize } = env;
  const bases: number[] = [];
  for (const name of fs.list(queue.directory)) {
    const base = segmentOffset(name);
    if (base !== undefined) bases.push(base);
  }
  bases.sort((a, b) => a - b);
  checkFiles(queue, env, bases, extendShort);
  const first = bases[0];
  const last = bases.at(-1);
  if (first === undefined || last === undefined) return;
  queue.firstFile = first;
  queue.lastFile = last;
  const start = bases[Math.max(0, bases.length - FILES_LOOKED_THROUGH)] ?? first;
  const end = findEnd(queue, env, start, last + fileSize);
  const min = first / CQ_STORE_UNIT_SIZE;
  queue.position(Math.min(min, end), Math.max(end, min));
  queue.endAt(end);
  queue.minOffset = Math.min(firstReal(queue), queue.nextOffset);
}

function checkFiles(queue: ConsumeQueue, env: QueueEnvironment, bases: number[], extendShort: boolean): void {
  const { fs, fileSize } = env;
  for (let i = 0; i < bases.length; i++) {
    const base = bases[i] ?? 0;
    const file = queue.filePath(base);
    const size = fs.status(file)?.size ?? 0;
    const newest = i === bases.length - 1;
    if (newest && size === 0) {
      fs.remove(file);
      bases.pop();
    } else if (newest && size < fileSize && extendShort) {
      const fd = fs.open(file, 'r+');
      fs.truncate(fd, fileSize);
      fs.close(fd);
    } else if (size !== fileSize) {
      throw new RocketMQError(
        'STORE',
        `${file} has ${size} bytes, not the ${fileSize} of mappedFileSizeConsumeQueue. Set that to the size the store was written with, or remove the file's directory to have it built again after a crash`,
      );
    } else if (base !== (bases[0] ?? 0) + i * fileSize || base % fileSize !== 0) {
      throw new RocketMQError(
        'STORE',
        `${file}: a file before it is missing. Restore it, or remove the directory`,
      );
    }
  }
}

function findEnd(queue: ConsumeQueue, env: QueueEnvironment, from: number, to: number): number {
  const { fs, fileSize, files } = env;
  for (let position = from; position < to;) {
    const base = position - (position % fileSize);
    const length = Math.min(CHUNK.length, base + fileSize - position);
    const read = fs.read(files.get(queue.filePath(base)), CHUNK, 0, length, position - base);
    for (let at = 0; at + CQ_STORE_UNIT_SIZE <= read; at += CQ_STORE_UNIT_SIZE) {
      if (CHUNK.readInt32BE(at) < 0 || CHUNK.readInt32BE(at + 8) <= 0)
        return (position + at) / CQ_STORE_UNIT_SIZE;
    }
    if (read < length) return Math.floor((position + read) / CQ_STORE_UNIT_SIZE);
    position += length;
  }
  return to / CQ_STORE_UNIT_SIZE;
}

/** Behind the filling of a queue that starts in the middle of its first file. */
function firstReal(queue: ConsumeQueue): number {
  const unit = Buffer.allocUnsafe(CQ_STORE_UNIT_SIZE);
  const blank = (offset: number): boolean =>
    queue.read(offset, 1, unit) === 1 && isPreBlank(readInt64(unit, 0), unit.readInt32BE(8));
  let low = Math.max(0, queue.firstFile / CQ_STORE_UNIT_SIZE);
  if (queue.firstFile < 0 || !blank(low)) return low;
  let high = queue.nextOffset;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (blank(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
