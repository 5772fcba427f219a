import { describe, expect, it } from '@jest/globals';
import { PageWarmer } from './page-warmer.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const QUICK_US = 2;
const SLOW_US = 15;

/** A log that is written, in files of 1 GiB, on a machine whose pages cost what the test says. */
class Machine {
  readonly populated: { fd: number; position: number; length: number }[] = [];
  readonly warmer: PageWarmer;
  fd = 3;
  position = 0;
  #elapsed = 0;
  #done: (() => void)[] = [];

  constructor() {
    this.warmer = new PageWarmer({
      populate: (fd, position, length, done) => {
        this.populated.push({ fd, position, length });
        this.#done.push(done);
      },
      elapsed: () => this.#elapsed,
    });
  }

  /** Writes `bytes` in writes of `size` bytes, with `usPerPage` for each page. */
  write(bytes: number, usPerPage: number, size = 64 * KIB): void {
    for (let left = bytes; left > 0; left -= size) {
      this.warmer.begin();
      this.#elapsed += ((size / (4 * KIB)) * usPerPage) / 1000;
      this.position += size;
      this.warmer.wrote(this.fd, this.position, size, GIB);
    }
  }

  /** Ends what is being populated, and what is then begun. @returns how many of them there were */
  settle(): number {
    let count = 0;
    for (let done = this.#done.shift(); done; done = this.#done.shift(), count++) done();
    return count;
  }

  get underWay(): number {
    return this.#done.length;
  }
}

describe('PageWarmer', () => {
  it('does nothing while pages come fast, nor for single writes that had to wait', () => {
    const machine = new Machine();
    for (let i = 0; i < 64; i++) {
      machine.write(2 * MIB, QUICK_US);
      machine.write(64 * KIB, 6000);
    }
    expect(machine.populated).toEqual([]);
  });

  it('does nothing for short writes, which are slow for another reason', () => {
    const machine = new Machine();
    machine.write(16 * MIB, SLOW_US, 16 * KIB);
    expect(machine.populated).toEqual([]);
  });

  it('takes the next eight megabytes, one after the other, where they come slowly', () => {
    const machine = new Machine();
    machine.write(MIB, SLOW_US);
    const [first] = machine.populated;
    expect(machine.underWay).toBe(1);
    expect(first).toEqual({ fd: 3, position: expect.any(Number), length: MIB });
    const begin = first?.position ?? 0;
    expect(begin).toBeGreaterThanOrEqual(2 * MIB);
    machine.settle();
    expect(machine.populated.map(({ position }) => position)).toEqual(
      Array.from({ length: machine.populated.length }, (_, i) => begin + i * MIB),
    );
    const last = machine.populated.at(-1)?.position ?? 0;
    expect(last - machine.position).toBeLessThanOrEqual(8 * MIB);
    expect(last + MIB - machine.position).toBeGreaterThan(8 * MIB);
  });

  it('goes on as the writer does, and never where it is', () => {
    const machine = new Machine();
    machine.write(MIB, SLOW_US);
    for (let i = 0; i < 20; i++) {
      const before = machine.populated.length;
      machine.write(MIB, QUICK_US);
      machine.settle();
      for (const { position } of machine.populated.slice(before))
        expect(position).toBeGreaterThanOrEqual(machine.position);
      expect(machine.populated.length).toBeGreaterThan(before);
    }
  });

  it('begins anew ahead of a writer that has overtaken it', () => {
    const machine = new Machine();
    machine.write(MIB, SLOW_US);
    machine.write(30 * MIB, SLOW_US);
    expect(machine.underWay).toBe(1);
    machine.settle();
    expect(machine.populated[1]?.position).toBe(machine.position + 2 * MIB);
  });

  it('asks the writer again after 64 MiB: as long as pages are slow it goes on', () => {
    const machine = new Machine();
    machine.write(MIB, SLOW_US);
    const run = (usPerPage: number): void => {
      for (let i = 0; i < 80; i++) {
        machine.settle();
        machine.write(MIB, usPerPage);
      }
    };
    run(QUICK_US);
    expect(machine.populated).toHaveLength(64);
    run(QUICK_US);
    expect(machine.populated).toHaveLength(64);
    run(SLOW_US);
    expect(machine.populated.length).toBeGreaterThan(128);
  });

  it('stays within the file, and begins anew in the next one', () => {
    const machine = new Machine();
    machine.position = GIB - 8 * MIB;
    machine.write(MIB, SLOW_US);
    machine.settle();
    const { position = 0 } = machine.populated.at(-1) ?? {};
    expect(position).toBeLessThanOrEqual(GIB - MIB);
    expect(position).toBeGreaterThan(GIB - 3 * MIB);
    machine.fd = 4;
    machine.position = 0;
    machine.write(64 * KIB, SLOW_US);
    expect(machine.populated.at(-1)).toEqual({ fd: 4, position: 64 * KIB + 2 * MIB, length: MIB });
  });

  it('takes nothing more once it is stopped', () => {
    const machine = new Machine();
    machine.write(MIB, SLOW_US);
    machine.warmer.stop();
    expect(machine.settle()).toBe(1);
    expect(machine.populated).toHaveLength(1);
  });
});
