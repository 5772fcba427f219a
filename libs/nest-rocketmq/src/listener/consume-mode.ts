/** How the messages of a group are consumed. */
export const ConsumeMode = {
  /** Several messages at once; the default. */
  CONCURRENTLY: 'CONCURRENTLY',
  /** One message of a queue at a time, in its order: what fails is tried again in its place, and holds those behind it. */
  ORDERLY: 'ORDERLY',
} as const;
export type ConsumeMode = (typeof ConsumeMode)[keyof typeof ConsumeMode];
