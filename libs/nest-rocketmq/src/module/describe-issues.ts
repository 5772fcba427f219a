import type { z } from 'zod';

/**
 * What is wrong, option by option, in the words of someone who wrote the options.
 * @param noun what the keys are called: `option`, `attribute`
 */
export function describeIssues(error: z.ZodError, noun: string): string[] {
  return error.issues.flatMap((issue) => describe(issue, noun));
}

function describe(issue: z.core.$ZodIssue, noun: string): string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `unknown ${noun} ${path ? `${path}.` : ''}${key}`);
  }
  if (issue.code === 'invalid_union') {
    // The alternative that got as far as a key of the object is the one that was meant.
    const meant = issue.errors.find((errors) =>
      errors.some((error) => error.path.length > 0 || error.code === 'unrecognized_keys'),
    );
    if (meant)
      return meant.flatMap((error) => describe({ ...error, path: [...issue.path, ...error.path] }, noun));
  }
  return [`${path || `${noun}s`}: ${issue.message}`];
}
