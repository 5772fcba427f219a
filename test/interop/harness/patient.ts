/**
 * Settings of our clients in these suites. Apache's have the same there: a JVM on a busy machine stands still for longer than the
 * 3 s that RocketMQ's clients wait by default.
 */
export const PATIENT = { mqClientApiTimeout: 30_000, connectTimeout: 30_000 } as const;

/** The same, and for producers. */
export const PATIENT_SENDER = { ...PATIENT, sendMsgTimeout: 30_000 } as const;
