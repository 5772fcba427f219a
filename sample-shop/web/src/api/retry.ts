import { toProblem } from './problem.ts';

/** Whether a read is tried again: once where no answer came; an answer is an answer, and polling asks again anyway. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < 1 && toProblem(error).status === 0;
}
