/** How the header of a frame is written: the top byte of the frame's second word. */
export const SerializeType = { JSON: 0, ROCKETMQ: 1 } as const;

/** Either of {@link SerializeType}'s numbers. */
export type SerializeType = (typeof SerializeType)[keyof typeof SerializeType];
