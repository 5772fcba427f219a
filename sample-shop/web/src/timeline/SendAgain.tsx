import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { shop } from '../api/client.ts';
import type { Id } from '../api/types.ts';
import { ProblemAlert } from '../parts/ProblemAlert.tsx';

/** Sends the cancel of an order once more, as a broker may: to see that nobody gives anything back twice. */
export function SendAgain({ orderId }: { orderId: Id }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const send = useMutation({
    mutationFn: () => shop.resendMessage(orderId),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <div className="again">
      <p className="muted">{t('timeline.againHint')}</p>
      <Button size="small" loading={send.isPending} onClick={() => send.mutate()}>
        {t('timeline.again')}
      </Button>
      {send.error && <ProblemAlert error={send.error} />}
    </div>
  );
}
