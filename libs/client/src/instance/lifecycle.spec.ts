import { describe, expect, it } from '@jest/globals';
import { Lifecycle } from './lifecycle.ts';

const done = async (): Promise<void> => undefined;

describe('Lifecycle', () => {
  it('starts and stops once', async () => {
    const steps: string[] = [];
    const lifecycle = new Lifecycle('It');
    const step = (name: string) => async () => void steps.push(name);
    expect(() => lifecycle.checkRunning()).toThrow('call start() first');
    await Promise.all([lifecycle.start(step('start')), lifecycle.start(step('start'))]);
    expect(lifecycle.running).toBe(true);
    lifecycle.checkRunning();
    await Promise.all([lifecycle.stop(step('stop')), lifecycle.stop(step('stop'))]);
    expect(steps).toEqual(['start', 'stop']);
    expect(() => lifecycle.checkRunning()).toThrow('It is not running: it was shut down');
    await expect(lifecycle.start(done)).rejects.toMatchObject({ code: 'WRONG_STATE' });
  });

  it('can be started again when the start failed', async () => {
    const lifecycle = new Lifecycle('It');
    await expect(lifecycle.start(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(lifecycle.running).toBe(false);
    await lifecycle.start(done);
    expect(lifecycle.running).toBe(true);
  });

  it('stops after a start that is under way, and needs no start to be stopped', async () => {
    const lifecycle = new Lifecycle('It');
    const steps: string[] = [];
    const starting = lifecycle.start(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push('started');
    });
    await lifecycle.stop(async () => void steps.push('stopped'));
    await starting;
    expect(steps).toEqual(['started', 'stopped']);
    expect(lifecycle.running).toBe(false);
    const never = new Lifecycle('It');
    await never.stop(async () => void steps.push('wrong'));
    expect(steps).toHaveLength(2);
  });
});
