import { useTranslation } from 'react-i18next';
import type { Id, User } from '../api/types.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import { money } from '../parts/format.ts';

interface Props {
  users: readonly User[];
  value: Id;
  onChange: (userId: Id) => void;
}

/** Which user to be. */
export function UserPicker({ users, value, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <ChoiceCards
      legend={t('choose.user')}
      value={value}
      onChange={onChange}
      choices={users.map(({ userId, userName, userMoney, userScore }) => ({
        value: userId,
        label: userName,
        detail: (
          <>
            <span>{t('choose.balanceIs', { balance: money(userMoney) })}</span>
            <br />
            <span>{t('choose.scoreIs', { score: userScore })}</span>
          </>
        ),
      }))}
    />
  );
}
