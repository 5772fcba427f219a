import path from 'node:path';

const NAME = /^\d{20}$/;

/** RocketMQ's name of the file that starts at `offset`: 20 decimal digits. */
export function segmentName(offset: number): string {
  return String(offset).padStart(20, '0');
}

/** The offset a file's name says, or undefined when it is no segment's name. */
export function segmentOffset(name: string): number | undefined {
  return NAME.test(name) ? Number(name) : undefined;
}

/** One file of the commit log. */
export class Segment {
  readonly base: number;
  readonly path: string;
  readonly fd: number;

  constructor(directory: string, base: number, fd: number) {
    this.base = base;
    this.path = path.join(directory, segmentName(base));
    this.fd = fd;
  }
}
