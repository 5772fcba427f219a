/** Why a pull was refused, for proxies (ForbiddenType). */
export const ForbiddenType = {
  BROKER: 1,
  GROUP: 2,
  TOPIC: 3,
  BROADCASTING_DISABLE: 4,
  SUBSCRIPTION: 5,
} as const;

/** A pull that is refused: an answer without offsets. */
export interface PullRefusal {
  readonly code: number;
  readonly remark: string;
  readonly forbiddenType?: number;
}

/** Makes a refusal; `forbiddenType` is one of {@link ForbiddenType}. */
export function refuse(code: number, remark: string, forbiddenType?: number): PullRefusal {
  return forbiddenType === undefined ? { code, remark } : { code, remark, forbiddenType };
}

/** Whether something else than what was asked for is the refusal of it. */
export function isRefusal(result: object): result is PullRefusal {
  return 'code' in result;
}
